import { describe, expect, it, vi } from "vitest";
import { main } from "../../packages/cli/src/main.ts";
import { reportOf } from "../../src/simulation/campaign.ts";
import { planOf, playWorld } from "../../src/simulation/index.ts";
import { FakeProcess } from "./fake-process.ts";

/** A process whose children print these lines, and end at once with that code. */
class EndingChildren extends FakeProcess {
  readonly #code: number;
  readonly #lines: readonly string[];

  constructor(args: readonly string[], code: number, ...lines: readonly string[]) {
    super([...args]);
    this.#code = code;
    this.#lines = lines;
  }

  override spawnNode(): ReturnType<FakeProcess["spawnNode"]> {
    const printed = this.#lines;
    const ended = Promise.resolve({ code: this.#code, signal: null });
    const lines = async function* (): AsyncGenerator<string> {
      yield* printed;
    };
    return { lines, ended, kill: () => true } as unknown as ReturnType<FakeProcess["spawnNode"]>;
  }
}

describe("perpwire simulate", () => {
  it("ends with 2 where its processes could not do what was asked, and with 1 where they failed", async () => {
    for (const code of [2, 1]) {
      const process = new EndingChildren(
        ["simulate", "--venue", "okx", "--trace", "/not/a/folder", "--jobs", "2"],
        code,
      );
      await main({ process });
      expect(process.exitCode).toBe(code);
    }
  });

  const CALM = ["simulate", "--venue", "okx", "--profile", "calm", "--minutes", "0.1", "--jobs", "1", "--shrink"];

  it("says that there is nothing to shrink, and that no book healed", async () => {
    const process = new FakeProcess(CALM);
    await main({ process });
    expect(process.out).toContain("nothing to shrink: no world failed");
    expect(process.out).toContain("no book healed after the last fault");
    expect(process.exitCode).toBe(0);
  });

  it("plays the world that failed again, to shrink it", async () => {
    const plan = planOf({ connector: "okx_perpetual", seed: 1, profile: "calm", minutes: 0.1 });
    const report = {
      ...reportOf(await playWorld(plan)),
      findings: [{ rule: "fills equal the venue's", text: "one is missing", atMs: 1 }],
    };
    const process = new EndingChildren([...CALM, "--jobs", "2"], 0, JSON.stringify(report));
    await main({ process });
    expect(process.out).toContain("FAILED");
    expect(process.out).toContain("nothing to shrink: played again, the world did not fail");
    expect([process.exitCode, process.error]).toEqual([1, ""]);
  });

  it.each([
    ["9007199254740993", "numbers up to 9007199254740991, 1000000 in a range"],
    ["1..99999999", "numbers up to 9007199254740991, 1000000 in a range"],
  ])("refuses the seeds %s and says which there are", async (seeds, text) => {
    const process = new FakeProcess(["simulate", "--seeds", seeds]);
    await main({ process });
    expect([process.exitCode, process.error]).toEqual([2, expect.stringContaining(text)]);
    expect(process.error).toContain("see perpwire simulate --help");
  });

  it("refuses a folder for histories without a name, and one whose name a file has", async () => {
    const unnamed = new FakeProcess(["simulate", "--trace", " "]);
    await main({ process: unnamed });
    expect([unnamed.exitCode, unnamed.error]).toEqual([2, expect.stringContaining("It is the name of a folder")]);
    const file = new FakeProcess([...CALM, "--trace", import.meta.filename]);
    await main({ process: file });
    expect([file.exitCode, file.error]).toEqual([2, expect.stringContaining("a folder of its path is a file")]);
  });

  it("counts the amends that were asked for", async () => {
    const process = new FakeProcess(["simulate", "--venue", "okx", "--minutes", "0.5", "--jobs", "1", "--json"]);
    await main({ process });
    expect(JSON.parse(process.out).told.amendsAsked).toBeGreaterThan(0);
  });

  it("ends with the code of the signal that stopped it, and says how much was played", async () => {
    const process = new FakeProcess([...CALM.slice(0, -1), "--seeds", "1..3"]);
    const ended = main({ process });
    await vi.waitFor(() => expect(process.listensToSignals).toBe(true));
    process.signal("SIGTERM");
    await ended;
    expect([process.exitCode, process.error]).toEqual([143, expect.stringMatching(/\d of 3 worlds were played/)]);
  });

  it("ends with one line of JSON, with what it shrank to in it", async () => {
    const process = new FakeProcess([...CALM, "--json"]);
    await main({ process });
    expect(process.out.trim().split("\n")).toHaveLength(1);
    expect(JSON.parse(process.out)).toMatchObject({ failed: 0, shrunk: null });
  });
});
