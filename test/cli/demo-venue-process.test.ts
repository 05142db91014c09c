import { describe, expect, it } from "vitest";
import { startVenue } from "../../packages/cli/src/demo/venue-process.ts";
import { VenueUnavailableError } from "../../src/model/error.ts";
import type { ChildProcess, ChildProcessEnd, ProcessPort, SpawnOptions } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { FakeProcess } from "./fake-process.ts";

const READY = {
  rest: "http://h/api",
  ws: "ws://h/ws",
  control: "http://h/paper",
  apiKey: "k",
  apiSecret: "s",
  credentials: {},
};

/** A child that writes these lines and ends when it gets one of the signals it heeds. */
class FakeChild implements ChildProcess {
  readonly id = 1;
  readonly ended: Promise<ChildProcessEnd>;
  readonly signals: string[] = [];
  readonly end: (end: ChildProcessEnd) => void;
  readonly #lines: readonly string[];
  readonly #heeds: readonly string[];

  constructor(lines: readonly string[], heeds: readonly string[] = ["SIGTERM", "SIGKILL"]) {
    const { promise, resolve } = Promise.withResolvers<ChildProcessEnd>();
    this.ended = promise;
    this.end = resolve;
    this.#lines = lines;
    this.#heeds = heeds;
  }

  async *lines(): AsyncGenerator<string> {
    yield* this.#lines;
  }

  kill(signal = "SIGTERM"): void {
    this.signals.push(signal);
    if (this.#heeds.includes(signal)) this.end({ code: undefined, signal });
  }
}

interface Spawned {
  readonly args: readonly string[];
  readonly options: SpawnOptions | undefined;
}

function processWith(child: FakeChild): { readonly process: ProcessPort; readonly spawned: Spawned[] } {
  const spawned: Spawned[] = [];
  const process: ProcessPort = Object.assign(new FakeProcess([]), {
    spawnNode: (_script: string, args: readonly string[], options?: SpawnOptions) => {
      spawned.push({ args, options });
      return child;
    },
  });
  return { process, spawned };
}

const options = { api: "ftx", seed: 7, fundingIntervalMs: 2_500 };

describe("the demo's venue process", () => {
  it("is started out of reach of Ctrl-C and tied to this process, and tells where it is", async () => {
    const child = new FakeChild([JSON.stringify(READY)]);
    const { process, spawned } = processWith(child);
    const { timers } = new SimulatedWorld({ seed: 1 }).runtime();
    const running = await startVenue(process, timers, options);
    expect(running.venue).toEqual(READY);
    expect(spawned).toEqual([
      {
        args: ["venue", "--json", "--api", "ftx", "--seed", "7", "--funding-interval", "2.5", "--stop-with-input"],
        options: { detached: true },
      },
    ]);
    await running.stop();
    expect(child.signals).toEqual(["SIGTERM"]);
    expect(running.lost.aborted).toBe(false);
  });

  it("says why when the process ends at its start", async () => {
    const child = new FakeChild([]);
    child.end({ code: 2, signal: undefined });
    const { timers } = new SimulatedWorld({ seed: 1 }).runtime();
    await expect(startVenue(processWith(child).process, timers, options)).rejects.toThrow(
      "the paper venue ended at its start (exit code 2)",
    );
  });

  it("tells when the process ends by itself", async () => {
    const child = new FakeChild([JSON.stringify(READY)]);
    const { timers } = new SimulatedWorld({ seed: 1 }).runtime();
    const running = await startVenue(processWith(child).process, timers, options);
    child.end({ code: 1, signal: undefined });
    await child.ended;
    expect(running.lost.reason).toBeInstanceOf(VenueUnavailableError);
  });

  it("is killed when it does not end", async () => {
    const child = new FakeChild([JSON.stringify(READY)], ["SIGKILL"]);
    const world = new SimulatedWorld({ seed: 1 });
    const running = await startVenue(processWith(child).process, world.runtime().timers, options);
    await world.run(running.stop());
    expect(child.signals).toEqual(["SIGTERM", "SIGKILL"]);
    expect(world.elapsedMs()).toBe(5_000);
  });
});
