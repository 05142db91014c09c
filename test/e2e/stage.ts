import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ConnectOptions, createConnector } from "../../src/connect.ts";
import type { OrderOptions } from "../../src/connector/order-request.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { ZERO } from "../../src/model/decimal.ts";
import type { ConnectorEventName } from "../../src/model/event.ts";
import type { OrderSide, PositionSide } from "../../src/model/order.ts";
import { createPaperVenue, type PaperVenue, type PaperVenueOptions } from "../../src/paper/index.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { BOX_PROTOCOLS, type BoxConnector, type BoxProtocol } from "../../src/simulation/box-protocols.ts";
import { ToldLedger } from "../../src/simulation/ledger.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";

/** Every connector that has a protocol of the paper venue behind it. */
export const VENUE_NAMES = Object.keys(BOX_PROTOCOLS) as readonly BoxConnector[];

export type Kind = "simulated" | "real";

/** Where venue and bot run: two hosts of a simulated world, or this process with real sockets between them. */
interface World {
  readonly journalPath: string;
  readonly venue: Runtime;
  /** Of the bot's process; after `endBot` of a new one with the same disk. */
  bot(): Runtime;
  run<T>(work: PromiseLike<T>): Promise<T>;
  /** Resolves when `condition` holds; `listen` calls what it is given whenever something may have changed. */
  until(condition: () => boolean, what: string, listen: (check: () => void) => () => void): Promise<void>;
  /** As `until`, for what no event tells: looks again whenever the event loop has come round. */
  turns(condition: () => boolean): Promise<void>;
  /** Lets this much time pass. */
  pass(ms: number): Promise<void>;
  /** Ends the bot's process, in the simulated world without a word. */
  endBot(connector: PerpetualConnector): Promise<void>;
  /** In the simulated world only. */
  killBotAfterWrites(writes: number): void;
  close(): Promise<void>;
  readonly raw?: SimulatedWorld;
}

const PATIENCE_MS = 120_000;
const REAL_PATIENCE_MS = 20_000;

function simulated(seed: number, startMs: number | undefined): World {
  const world = new SimulatedWorld({ seed, startMs });
  const until = async (condition: () => boolean, what: string) => {
    const untilMs = world.elapsedMs() + PATIENCE_MS;
    await world.settle();
    while (!condition()) {
      assert.ok(world.elapsedMs() < untilMs, `not within ${PATIENCE_MS} ms: ${what}`);
      await world.advance(5);
    }
  };
  return {
    raw: world,
    journalPath: "journal.db",
    venue: world.runtime("venue"),
    bot: () => world.runtime("bot"),
    run: (work) => world.run(work),
    until,
    turns: (condition) => until(condition, "at the engine"),
    pass: (ms) => world.advance(ms),
    endBot: async () => world.kill("bot"),
    killBotAfterWrites: (writes) => world.killAfterWrites("bot", writes),
    close: async () => undefined,
  };
}

async function real(): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "perpwire-e2e-"));
  const runtime = nodeRuntime();
  return {
    journalPath: join(folder, "orders.journal"),
    venue: runtime,
    bot: () => runtime,
    run: async (work) => work,
    until: (condition, what, listen) => {
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      // After the event, so that whoever emitted it is done.
      const stop = listen(() => void setImmediate(() => condition() && resolve()));
      const limit = setTimeout(() => reject(new Error(`not within ${REAL_PATIENCE_MS} ms: ${what}`)), REAL_PATIENCE_MS);
      if (condition()) resolve();
      return promise.finally(() => {
        stop();
        clearTimeout(limit);
      });
    },
    turns: async (condition) => {
      while (!condition()) await new Promise((resolve) => void setImmediate(resolve));
    },
    pass: (ms) => runtime.timers.sleep(ms),
    endBot: (connector) => connector.stop(),
    killBotAfterWrites: () => assert.fail("a real process is killed from outside"),
    close: async () => {
      await runtime.http.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const EVENTS: readonly ConnectorEventName[] = [
  "orderCreated",
  "orderFilled",
  "orderCompleted",
  "orderCanceled",
  "orderExpired",
  "orderFailed",
  "externalOrder",
  "position",
  "balance",
  "fundingPayment",
  "bookHealed",
  "gap",
  "ready",
];

export interface StageOptions {
  readonly kind?: Kind | undefined;
  readonly seed?: number | undefined;
  /** Of the simulated world, epoch milliseconds. */
  readonly startMs?: number | undefined;
  readonly venue?: Partial<PaperVenueOptions> | undefined;
  readonly connector?: Partial<ConnectOptions> | undefined;
  /** Where the bot finds the venue: what stands between them. */
  readonly through?: ((venue: PaperVenue) => Promise<Pick<ConnectOptions, "restUrl" | "webSocketUrl">>) | undefined;
  /** Changes the bot's runtime. */
  readonly runtime?: ((runtime: Runtime) => Runtime) | undefined;
}

/** The engine's names of the markets that are traded. */
export const MARKET = "BTC-USD";
const MARKETS = [MARKET, "ETH-USD"] as const;

/** A connector in front of a paper venue that speaks its protocol, and everything that the connector told. */
export class Stage implements AsyncDisposable {
  readonly protocol: BoxProtocol;
  readonly pair: string;
  readonly venue: PaperVenue;
  readonly logger = new RecordingLogger();
  /** One a process of the bot. */
  readonly ledgers: ToldLedger[] = [];
  #connector: PerpetualConnector | undefined;
  readonly #connectorName: BoxConnector;
  readonly #world: World;
  readonly #options: StageOptions;

  private constructor(connectorName: BoxConnector, world: World, venue: PaperVenue, options: StageOptions) {
    this.#connectorName = connectorName;
    this.#world = world;
    this.#options = options;
    this.protocol = BOX_PROTOCOLS[connectorName];
    this.pair = `BTC-${this.protocol.quote}`;
    this.venue = venue;
  }

  /** With empty books that the venue's trader has quoted, and a connector that is ready. */
  static async open(connectorName: BoxConnector, options: StageOptions = {}): Promise<Stage> {
    const { kind = "simulated", seed = 1 } = options;
    const world = kind === "real" ? await real() : simulated(seed, options.startMs);
    const { name: api } = BOX_PROTOCOLS[connectorName];
    // On a busy machine requests that were sent apart arrive together; the connector keeps to the limits all the same.
    const rateLimits = kind === "real" ? "off" : "strict";
    const settings = { api, seed, emptyBooks: true, rateLimits, ...options.venue } as const;
    const venue = await world.run(createPaperVenue(settings, world.venue));
    if (settings.emptyBooks) quote(venue);
    const urls = await options.through?.(venue);
    const stage = new Stage(connectorName, world, venue, { ...options, connector: { ...options.connector, ...urls } });
    await stage.start();
    return stage;
  }

  /** The one of the bot's present process. */
  get connector(): PerpetualConnector {
    if (this.#connector === undefined) throw new Error("the bot is not running");
    return this.#connector;
  }

  /** The simulated world, for what only it can do: faults, clocks, kills. */
  get raw(): SimulatedWorld {
    const { raw } = this.#world;
    assert.ok(raw !== undefined, "the real world has no strings to pull");
    return raw;
  }

  /** What the bot's processes wrote to standard error in the simulated world. */
  get standardError(): string {
    return this.raw.standardError("bot");
  }

  get name(): BoxConnector {
    return this.#connectorName;
  }

  get token(): string {
    return this.protocol.token;
  }

  /** Beginning of the names of the journal's tables: connector and account. */
  get tablesOfAccount(): string {
    const { apiKey, accountAddress, userId = "" } = this.venue.credentials(this.protocol.name);
    const others = this.name === "gate_io_perpetual" ? userId : "";
    const account = createHash("sha256")
      .update(`${accountAddress ?? apiKey}/${others}`)
      .digest("hex");
    return `${this.name}.${account.slice(0, 16)}`;
  }

  /** A process of the bot: ready, and heard from its first word on; `listen` adds listeners before it starts. */
  async start(listen: (connector: PerpetualConnector) => void = () => undefined): Promise<void> {
    const { venue, token, logger, protocol } = this;
    const { runtime = (bot: Runtime) => bot } = this.#options;
    const making = createConnector(this.#connectorName, {
      runtime: runtime(this.#world.bot()),
      tradingPairs: MARKETS.map((market) => market.replace("USD", protocol.quote)),
      credentials: venue.credentials(protocol.name),
      restUrl: venue.rest,
      webSocketUrl: venue.ws,
      journalPath: this.#world.journalPath,
      logger,
      ...this.#options.connector,
    });
    const connector = await this.run(making);
    this.#connector = connector;
    this.ledgers.push(new ToldLedger(connector, token));
    listen(connector);
    await this.run(connector.start());
    await this.run(connector.waitUntilReady());
  }

  /** Ends the bot's process; `start` begins another on the same disk. */
  async endBot(): Promise<void> {
    await this.#world.endBot(this.connector);
  }

  /** Ends the bot's process, without a word, when its journal has been written to so often. */
  killBotAfterWrites(writes: number): void {
    this.#world.killBotAfterWrites(writes);
  }

  run<T>(work: PromiseLike<T>): Promise<T> {
    return this.#world.run(work);
  }

  pass(ms: number): Promise<void> {
    return this.#world.pass(ms);
  }

  /** Resolves when `condition` holds, which some event of the connector tells. */
  until(what: string, condition: () => boolean): Promise<void> {
    const { connector } = this;
    return this.#world
      .until(condition, what, (check) => {
        const stops = EVENTS.map((name) => connector.on(name, check));
        return () => {
          for (const stop of stops) stop();
        };
      })
      .catch((error: unknown) => {
        throw new Error(`${error instanceof Error ? error.message : String(error)}\n${this.#warnings()}`);
      });
  }

  #warnings(): string {
    const lines = this.logger.at("warn", "error").slice(-20);
    return lines.map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`).join("\n");
  }

  get http(): Runtime["http"] {
    return this.#world.venue.http;
  }

  order(side: OrderSide, options: Partial<OrderOptions> = {}): InFlightOrder {
    return this.connector[side](this.pair, { amount: "0.02", position: "open", ...options });
  }

  /** An order that has been taken and rests. */
  async resting(side: OrderSide, price: string, amount = "0.02"): Promise<InFlightOrder> {
    const order = this.order(side, { price, amount });
    await this.rests(order);
    return order;
  }

  /** Resolves when the order is open and in the book: its answer may come before the matching engine has seen it. */
  async rests({ clientOrderId }: InFlightOrder): Promise<void> {
    const { venue, connector } = this;
    await this.until("open", () => connector.order(clientOrderId)?.state === "open");
    await this.#world.turns(() =>
      venue.engine.openOrders(venue.accountId).some(({ clientId }) => clientId === clientOrderId),
    );
  }

  /** An order that is filled at once. */
  async taken(side: OrderSide, options: Partial<OrderOptions> = {}): Promise<InFlightOrder> {
    const order = this.order(side, { type: "market", ...options });
    await this.run(order.done);
    return order;
  }

  /** Resolves when the connector holds this; right after a fill its estimate may lie on either side of a report. */
  async holds(amount: string, side: PositionSide = "both"): Promise<void> {
    const held = () => this.connector.position(this.pair, side)?.amount ?? ZERO;
    await this.until(`${side} position ${amount}`, () => held().eq(amount));
  }

  /** What the venue's other user does. */
  trade(side: OrderSide, size: string, price?: string): void {
    this.venue.trader.order({ market: MARKET, side, size, price });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const isKilled = this.#world.raw?.isAlive("bot") === false;
    if (!isKilled) await this.run(this.connector.stop());
    await this.run(this.venue.stop());
    assert.ok(!this.logger.text.includes(this.venue.apiSecret), "a log line holds the secret");
    await this.#world.close();
  }
}

/** Two levels a side around 20000 and 1500, deep enough for everything that is done here. */
function quote({ trader }: PaperVenue): void {
  for (const [market, middle, step] of [
    [MARKETS[0], 20_000, 10],
    [MARKETS[1], 1_500, 1],
  ] as const) {
    for (const level of [1, 2]) {
      trader.order({ market, side: "buy", size: "50", price: String(middle - level * step) });
      trader.order({ market, side: "sell", size: "50", price: String(middle + level * step) });
    }
  }
}
