import { describe, expect, test } from "vitest";
import { createConnector } from "../../src/connect.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { describeError } from "../../src/model/error.ts";
import { createPaperVenue, type PaperVenue } from "../../src/paper/index.ts";
import { type FrameFault, type HttpFault, SimulatedWorld } from "../../src/runtime/simulated.ts";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";
import { listen, openSocket, post, VENUE } from "./simulated-scene.ts";

const PAIR = "BTC-USD";
const BOTS = ["first", "second"] as const;
const HTTP_FAULTS: readonly HttpFault[] = [
  { kind: "refuse" },
  { kind: "unresolved" },
  { kind: "staleKeepAlive" },
  { kind: "dropRequest" },
  { kind: "dropResponse" },
  { kind: "resetInBody" },
  { kind: "slow" },
  { kind: "delay", ms: 700 },
  { kind: "delayResponse", ms: 700 },
  { kind: "respond", response: { status: 502, headers: {}, text: "bad gateway" } },
];
const FRAME_FAULTS: readonly FrameFault[] = ["drop", "repeat", "hold", { delayMs: 300 }];

/** A paper venue, two connectors, and everything that can go wrong with hosts, clocks, disks and the network. */
class Storm {
  readonly world: SimulatedWorld;
  readonly #random: SeededRandom;
  readonly #connectors = new Map<string, PerpetualConnector>();
  readonly #told: string[] = [];
  #venue: PaperVenue | undefined;

  constructor(seed: number) {
    this.world = new SimulatedWorld({ seed });
    this.#random = new SeededRandom(seed, "storm");
  }

  async run(steps: number): Promise<{ readonly trace: string; readonly told: string; readonly truth: string }> {
    const { world } = this;
    const runtime = world.runtime("venue");
    this.#venue = await world.run(createPaperVenue({ api: "ftx", seed: 1 }, runtime));
    for (const bot of BOTS) await this.#start(bot);
    world.network.faults = {
      onHttpRequest: () => (this.#chance(0.08) ? this.#oneOf(HTTP_FAULTS) : undefined),
      onConnect: () => (this.#chance(0.1) ? this.#oneOf(["refuse", "unresolved", "hang"] as const) : undefined),
      onFrame: () => (this.#chance(0.01) ? this.#oneOf(FRAME_FAULTS) : undefined),
    };
    for (let step = 0; step < steps; step += 1) {
      const bot = this.#oneOf(BOTS);
      await this.#harm(bot);
      this.#trade(bot);
      await world.advance(this.#random.integer(1_200));
    }
    const errors = BOTS.map((bot) => world.standardError(bot));
    const truth = JSON.stringify(this.#venue.truth());
    return { trace: world.trace(), told: [...this.#told, ...errors].join("\n"), truth };
  }

  async #start(bot: string): Promise<void> {
    const { world } = this;
    const venue = this.#venue;
    if (venue === undefined) throw new Error("the venue comes first");
    const connector = await world.run(
      createConnector("ftx_perpetual", {
        tradingPairs: [PAIR],
        credentials: { apiKey: venue.apiKey, apiSecret: venue.apiSecret },
        restUrl: venue.rest,
        webSocketUrl: venue.ws,
        runtime: world.runtime(bot),
        journalPath: "journal.db",
      }),
    );
    const tell = (name: string) => (event: unknown) => void this.#told.push(`${bot} ${name} ${JSON.stringify(event)}`);
    for (const name of ["orderCreated", "orderFilled", "orderCanceled", "orderFailed", "ready", "gap"] as const) {
      connector.on(name, tell(name));
    }
    connector.start().catch((error: unknown) => tell("start")(describeError(error)));
    this.#connectors.set(bot, connector);
  }

  #trade(bot: string): void {
    const side = this.#chance(0.5) ? "buy" : "sell";
    try {
      this.#connectors.get(bot)?.[side](PAIR, { amount: "0.01", type: "market", position: "open" });
    } catch (error) {
      this.#told.push(`${bot} refused ${describeError(error)}`);
    }
  }

  async #harm(bot: string): Promise<void> {
    const { world } = this;
    const { network } = world;
    const ms = this.#random.integer(3_000);
    const harms: readonly (() => void)[] = [
      () => network.partition(bot),
      () => network.heal(),
      () => network.resetConnections(bot),
      () => network.releaseHeld(),
      () => network.setLatency("venue", bot, { minMs: 1, maxMs: 1 + ms / 10 }),
      () => network.setLatency(bot, "*", undefined),
      () => world.pauseFor(bot, ms),
      () => world.pauseFor(bot, ms, "machine"),
      () => world.pauseFor("venue", ms / 10),
      () => world.resume(bot),
      () => world.stepClock(bot, ms - 1_500),
      () => world.setClockDrift(bot, ms - 1_500),
      () => world.setClockSkew(bot, 0),
      () => world.disk(bot).failAfter(ms % 7),
      () => world.disk(bot).repair(),
      () => world.journals.failAfter(ms % 11),
      () => world.journals.repair(),
      () => world.killAfterWrites(bot, ms % 9),
      () => world.kill(bot),
      () => world.cutPower(bot),
    ];
    this.#oneOf(harms)();
    if (world.isAlive(bot) || this.#chance(0.3)) return;
    world.disk(bot).repair();
    world.journals.repair();
    await this.#start(bot);
  }

  #chance(part: number): boolean {
    return this.#random.float() < part;
  }

  #oneOf<T>(choices: readonly T[]): T {
    return choices[this.#random.integer(choices.length)] as T;
  }
}

describe("the trace of a world in which everything goes wrong", () => {
  test.each([1, 2])("is the same for the same seed, and so is all that was told, seed %i", async (seed) => {
    const first = await new Storm(seed).run(40);
    const second = await new Storm(seed).run(40);
    expect(second.told).toBe(first.told);
    expect(second.truth).toBe(first.truth);
    expect(second.trace).toBe(first.trace);
    expect((await new Storm(seed + 100).run(5)).trace).not.toBe(first.trace);
  });
});

describe("the trace", () => {
  async function traceOf(change: (world: SimulatedWorld) => unknown): Promise<string> {
    const world = new SimulatedWorld({ seed: 1 });
    await world.run(listen(world.runtime("server")));
    const client = world.runtime("client");
    const { connection } = await openSocket(world, client);
    await change(world);
    connection.send("1");
    void post(client, "body").catch(() => undefined);
    client.journals.open("j").transaction(() => 0);
    await world.advance(5_000);
    return world.trace();
  }

  function ask(world: SimulatedWorld, query: string, headers: Readonly<Record<string, string>> = {}): void {
    const { http } = world.runtime("client");
    void http.request({ method: "GET", url: `https://${VENUE}/orders${query}`, headers, timeoutMs: 1_000 });
  }

  const changes: readonly (readonly [what: string, change: (world: SimulatedWorld) => unknown])[] = [
    ["nothing", () => undefined],
    ["a partition", (world) => world.network.partition("client")],
    ["a partition that healed at once", (world) => [world.network.partition("client"), world.network.heal()]],
    ["a reset", (world) => world.network.resetConnections()],
    ["another latency", (world) => world.network.setLatency("client", "server", { minMs: 5, maxMs: 9 })],
    ["a kill", (world) => world.kill("server")],
    ["a power cut", (world) => world.cutPower("server")],
    ["a pause", (world) => world.pause("server")],
    ["a pause of a machine", (world) => world.pause("server", "machine")],
    ["a step of a clock", (world) => world.stepClock("client", 1)],
    ["a drift of a clock", (world) => world.setClockDrift("client", 1)],
    ["a skew of a clock", (world) => world.setClockSkew("client", 1)],
    ["a line on standard error", (world) => world.runtime("client").standardError.write("a")],
    ["another line on standard error", (world) => world.runtime("client").standardError.write("b")],
    ["a request with another query", (world) => ask(world, "?a=1")],
    ["a request with yet another query", (world) => ask(world, "?a=2")],
    ["a request with another header", (world) => ask(world, "?a=2", { "x-signature": "a" })],
    ["a file", (world) => world.runtime("client").files.writeText("f", "x")],
    ["a file with another text", (world) => world.runtime("client").files.writeText("f", "y")],
    ["a row", (world) => world.runtime("client").journals.open("k").put("t", "k", "x")],
    ["another row", (world) => world.runtime("client").journals.open("k").put("t", "k", "y")],
    ...HTTP_FAULTS.map(
      (fault) =>
        [
          `a fault of a request: ${fault.kind}`,
          ({ network }: SimulatedWorld) => {
            network.faults.onHttpRequest = () => fault;
          },
        ] as const,
    ),
    ...FRAME_FAULTS.map(
      (fault) =>
        [
          `a fault of a frame: ${JSON.stringify(fault)}`,
          ({ network }: SimulatedWorld) => {
            network.faults.onFrame = () => fault;
          },
        ] as const,
    ),
  ];

  test("is another for every one of the things that can happen", async () => {
    const traces = new Map<string, string>();
    for (const [what, change] of changes) {
      const trace = await traceOf(change);
      expect(traces.get(trace), what).toBeUndefined();
      traces.set(trace, what);
    }
    expect(traces.size).toBe(changes.length);
  });
});
