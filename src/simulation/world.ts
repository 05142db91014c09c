import { type ConnectOptions, createConnector } from "../connect.ts";
import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { ConfigError } from "../model/error.ts";
import { checkOptionNames } from "../model/names.ts";
import { createPaperVenue, type PaperVenue, type PaperVenueOptions } from "../paper/index.ts";
import { credentialSpecsOf } from "../registry.ts";
import { SILENT_LOGGER } from "../runtime/logger.ts";
import { realWork } from "../runtime/real-work.ts";
import type { HttpRequest, Runtime, ServerRequest, ServerResponse } from "../runtime/runtime.ts";
import { SimulatedWorld } from "../runtime/simulated.ts";
import { assertBoxConnector, BOX_PROTOCOLS, type BoxConnector, type BoxProtocol, translated } from "./box-protocols.ts";
import { type RecordOptions, WorldRecorder } from "./history/world-recorder.ts";
import { type VenueTruth, venueTruthOf } from "./venue-truth.ts";
import { withWholeAmends } from "./whole-amends.ts";

export interface WorldOptions {
  /** The connector that trades, and so the protocol that the box speaks. */
  readonly connector: BoxConnector;
  /** Decides every delay, loss and random number, and the box's market and keys. */
  readonly seed: number | string;
  /** Epoch milliseconds at the start; 2024-01-01 by default. */
  readonly startMs?: number | undefined;
  /** Options of the box, for example `{ emptyBooks: true, startingBalance: "5000" }`. */
  readonly venue?: Omit<Partial<PaperVenueOptions>, "api" | "seed"> | undefined;
  /** Called with each answer of the box over REST, before it leaves. */
  readonly onAnswer?: ((request: ServerRequest, response: ServerResponse) => void) | undefined;
}

const WORLD_OPTIONS: Readonly<Record<keyof WorldOptions, true>> = {
  connector: true,
  seed: true,
  startMs: true,
  venue: true,
  onAnswer: true,
};

/** Everything of `ConnectOptions` that the world does not know by itself. */
export interface WorldConnectOptions
  extends Omit<Partial<ConnectOptions>, "runtime" | "credentials" | "restUrl" | "webSocketUrl" | "domain" | "paper"> {
  /** The machine that the connector runs on, with a disk of its own; `bot` by default. */
  readonly host?: string | undefined;
  /** Called with the connector before it starts, so that nothing that it tells is missed. */
  readonly onCreated?: ((connector: PerpetualConnector) => void) | undefined;
  /** Called with each request over HTTP that ended without an answer. */
  readonly onLost?: ((request: Pick<HttpRequest, "method" | "url">) => void) | undefined;
}

/** Host that the box runs on. */
const VENUE_HOST = "venue";
const BOT_HOST = "bot";
const JOURNAL = "journal.db";
/** Markets of the box that a connector follows unless it is told otherwise. */
const BASES = ["BTC", "ETH"] as const;

/**
 * A world in one process: the exchange in the box and connectors, each on a machine of its own, a network between them,
 * and a time that moves only when told to. The same seed gives the same run, to the last byte. What runs in it is
 * unmodified; only time, network, disk and chance are the world's.
 *
 *     await using world = await World.open({ connector: "bybit_perpetual", seed: 7 });
 *     const connector = await world.connect();
 *     await world.run(strategy(connector));
 *     console.log(world.truth().positions);
 */
export class World implements AsyncDisposable {
  readonly connectorName: BoxConnector;
  readonly protocol: BoxProtocol;
  /** Machines, network, clocks and disks: faults are made here. */
  readonly machines: SimulatedWorld;
  /** The exchange in the box: other users, prices, faults of the venue, and the truth. */
  readonly venue: PaperVenue;
  readonly seed: number | string;
  readonly #connectors = new Map<PerpetualConnector, Runtime>();
  #recorder: WorldRecorder | undefined;

  private constructor(options: WorldOptions, machines: SimulatedWorld, venue: PaperVenue) {
    this.connectorName = options.connector;
    this.protocol = BOX_PROTOCOLS[options.connector];
    this.seed = options.seed;
    this.machines = machines;
    this.venue = venue;
  }

  /**
   * Starts the box and nothing else. Throws `ConfigError` for a connector that the box has no protocol of, and for an option
   * that there is not.
   */
  static async open(options: WorldOptions): Promise<World> {
    if (typeof options !== "object" || options === null) {
      const hint = 'for example World.open({ connector: "bybit_perpetual", seed: 7 })';
      throw new ConfigError("World.open() needs options", { hint });
    }
    checkOptionNames(options, WORLD_OPTIONS);
    assertBoxConnector(options.connector);
    const protocol = BOX_PROTOCOLS[options.connector];
    const { seed, startMs } = options;
    const machines = new SimulatedWorld({ seed, startMs });
    const settings = { ...options.venue, api: protocol.name, seed };
    machines.network.announce(BOT_HOST);
    const runtime = observed(machines.runtime(VENUE_HOST), options.onAnswer);
    const venue = await machines.run(createPaperVenue(settings, runtime));
    return new World(options, machines, venue);
  }

  /** Credentials of the account, in the names of the box and in those of the connector. */
  get secrets(): readonly string[] {
    const { apiKey, apiSecret, passphrase } = this.venue;
    const given = this.venue.credentials();
    const own = credentialSpecsOf(this.connectorName).map(({ name, isSecret }) =>
      isSecret ? (given[name] ?? "") : "",
    );
    return [...new Set([apiKey, apiSecret, passphrase, ...own])].filter((secret) => secret !== "");
  }

  /** The collateral token of the venue: `USD` on FTX, `USDT` elsewhere. */
  get token(): string {
    return this.protocol.token;
  }

  /** Token that prices are in. */
  get quote(): string {
    return this.protocol.quote;
  }

  /** The pairs that a connector follows unless it is told otherwise, for example `BTC-USDT` and `ETH-USDT`. */
  get tradingPairs(): readonly string[] {
    return BASES.map((base) => `${base}-${this.quote}`);
  }

  /** The engine calls a market `BTC-USD` whatever it is quoted in. */
  pairOf(market: string): string {
    return market.replace(/-USD$/, `-${this.quote}`);
  }

  /** Epoch milliseconds, the true time. */
  now(): number {
    return this.machines.now();
  }

  /** Milliseconds since the world began. */
  elapsedMs(): number {
    return this.machines.elapsedMs();
  }

  /** Clock, timers, chance, network and disk of a machine, for a program that uses them itself. */
  runtime(host: string = BOT_HOST): Runtime {
    return this.machines.runtime(host);
  }

  /**
   * Writes down all that happens from here on, line by line, for `perpwire check`. Called before connectors are made: what
   * was there before is not in it.
   */
  record(options: RecordOptions): WorldRecorder {
    this.#recorder = new WorldRecorder(this, options);
    return this.#recorder;
  }

  /** Makes a connector that knows where the box is and has a funded key there, and does not start it. */
  async createConnector(options: WorldConnectOptions = {}): Promise<PerpetualConnector> {
    const { host = BOT_HOST, onCreated, onLost, ...rest } = options;
    const { rest: restUrl, ws: webSocketUrl } = this.venue;
    const runtime = withLosses(this.runtime(host), onLost);
    const recorder = this.#recorder?.begin(host);
    const connector = await realWork(
      createConnector(this.connectorName, {
        tradingPairs: this.tradingPairs,
        journalPath: JOURNAL,
        logger: SILENT_LOGGER,
        ...rest,
        runtime: recorder?.runtime(runtime) ?? runtime,
        credentials: this.venue.credentials(),
        restUrl,
        webSocketUrl,
      }),
    );
    this.#connectors.set(connector, runtime);
    recorder?.watch(connector);
    onCreated?.(connector);
    return connector;
  }

  /** A connector that is ready to trade, as `connect()` gives one. Time moves until it is. */
  async connect(options: WorldConnectOptions = {}): Promise<PerpetualConnector> {
    const connector = await this.createConnector(options);
    const { readyTimeoutMs = 30_000 } = options;
    await this.run(
      (async () => {
        await connector.start(readyTimeoutMs === 0 ? {} : { timeoutMs: readyTimeoutMs });
        if (readyTimeoutMs !== 0) await connector.waitUntilReady({ timeoutMs: readyTimeoutMs });
      })(),
    );
    return connector;
  }

  /** Moves time from event to event until the promise settles, for at most `limitMs` (ten minutes by default). */
  run<T>(promise: PromiseLike<T>, options: { readonly limitMs?: number | undefined } = {}): Promise<T> {
    return this.machines.run(promise, options);
  }

  /** Moves time on by `ms`. Throws `ConfigError` for what is no time. */
  advance(ms: number): Promise<void> {
    return this.machines.advance(ms);
  }

  /** Ends a machine's process as `kill -9` does; `connect` with the same host starts another on the same disk. */
  kill(host: string = BOT_HOST): void {
    this.machines.kill(host);
    this.#recorder?.ended(host);
  }

  /**
   * The account's true record, by the box's own books, in the connector's names. An order that the venue amends by
   * putting another in its place (FTX) is one order here, as it is for the connector.
   */
  truth(): VenueTruth {
    return withWholeAmends(translated(venueTruthOf(this.venue.truth()), this.protocol), this.protocol);
  }

  /** A hash of everything that has happened: equal for two runs of the same seed, version and version of Node. */
  trace(): string {
    return this.machines.trace();
  }

  /** Stops the connectors whose process lives, and the box. */
  async close(): Promise<void> {
    for (const [connector, runtime] of this.#connectors) {
      if (runtime.isEnded?.() !== true) await this.run(connector.stop());
    }
    this.#connectors.clear();
    await this.run(this.venue.stop());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** A runtime whose servers show what they answer. */
function observed(runtime: Runtime, onAnswer: WorldOptions["onAnswer"]): Runtime {
  if (onAnswer === undefined) return runtime;
  return {
    ...runtime,
    server: {
      listen: (options) =>
        runtime.server.listen({
          ...options,
          onRequest: async (request) => {
            const response = await options.onRequest(request);
            onAnswer(request, response);
            return response;
          },
        }),
    },
  };
}

/** A runtime whose HTTP client tells which of its requests had no answer. */
function withLosses(runtime: Runtime, onLost: WorldConnectOptions["onLost"]): Runtime {
  if (onLost === undefined) return runtime;
  const { http } = runtime;
  const request: typeof http.request = (asked) => {
    const answer = http.request(asked);
    answer.then(undefined, () => onLost(asked));
    return answer;
  };
  return { ...runtime, http: { request, close: () => http.close() } };
}
