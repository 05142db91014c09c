import type { ChannelStatus } from "../market-data/channel-board.ts";
import { VenueUnavailableError } from "../model/error.ts";
import type { ConnectorEventName, ConnectorEvents } from "../model/event.ts";
import type { TradingPair } from "../model/market.ts";
import { assertOptions, assertWaitMs } from "./call-arguments.ts";
import { type ConnectorMetrics, connectorMetrics } from "./connector-metrics.ts";
import type { ConnectorParts, ConnectorStatus } from "./connector-parts.ts";
import type { VenueCapabilities, VenueManifest } from "./perpetual-venue.ts";
import { readyTimeoutMs } from "./readiness.ts";

/** Members of a connector that say what it is and how it is. */
export class ConnectorState {
  readonly #parts: ConnectorParts;

  constructor(parts: ConnectorParts) {
    this.#parts = parts;
  }

  /**
   * Facts about the venue, as data: fees, order types, position modes, collateral tokens, how far back it can be asked.
   */
  get manifest(): VenueManifest {
    return this.#parts.venue.manifest;
  }

  /** Abilities of the venue beyond the checklist: amend, native batches, a dead-man switch. */
  get capabilities(): VenueCapabilities {
    return this.#parts.venue.capabilities;
  }

  /** The connector's name: that of the venue's domain, as in `binance_perpetual_testnet`. */
  get name(): string {
    return this.#parts.venue.domain;
  }

  /** The venue's domain that this connector speaks to, by its name: the same as `name`. */
  get domain(): string {
    return this.#parts.venue.domain;
  }

  /** The markets that are followed, as `BASE-QUOTE`. */
  get tradingPairs(): readonly TradingPair[] {
    return this.#parts.market.tradingPairs;
  }

  /** Followed pairs that the venue no longer trades: what is open on them is followed, nothing new is sent. */
  get goneTradingPairs(): readonly TradingPair[] {
    return this.#parts.market.goneTradingPairs;
  }

  /** True when credentials were given: the account can be looked at. */
  get hasCredentials(): boolean {
    return this.#parts.options.credentials !== undefined;
  }

  /** True when orders may be sent: by default where credentials were given. */
  get isTradingRequired(): boolean {
    return this.#parts.isTradingRequired;
  }

  /**
   * Readiness by name, true where it is known: of the markets, and with credentials of the account too. All false
   * before `start()`. Costs no request.
   *
   * @example const missing = Object.entries(connector.status()).filter(([, isReady]) => !isReady);
   */
  status(): ConnectorStatus {
    return this.#parts.status();
  }

  /** True when everything in `status()` is. */
  get ready(): boolean {
    return this.#parts.life.isStarted && Object.values(this.status()).every(Boolean);
  }

  /**
   * Status of each public wire channel, of one market or of all: `requested`, `confirmed`, `live`, `refused` by the
   * venue, or `silent`. Times are the monotonic clock's, in milliseconds.
   */
  channelStatuses(tradingPair?: TradingPair): readonly ChannelStatus[] {
    return this.#parts.market.channelStatuses(tradingPair);
  }

  /**
   * Resolves when `ready`; rejects with what is missing after `timeoutMs` (default 30 seconds, or a tenth of a second for
   * each market where that is longer).
   */
  async waitUntilReady(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    assertOptions(options, "waitUntilReady()", "{ timeoutMs: 30_000 }");
    const timeoutMs = options.timeoutMs ?? readyTimeoutMs(this.tradingPairs.length);
    assertWaitMs(timeoutMs, "timeoutMs");
    const failure = await this.#parts.told(this.#parts.readiness.wait(timeoutMs, this.#parts.tasks.signal));
    if (failure === undefined) return;
    this.#parts.life.assertNotStopped();
    const { authFailure } = this.#parts.trading ?? {};
    if (authFailure !== undefined) throw authFailure;
    throw new VenueUnavailableError(`${this.name} is not ready: ${failure.join(", ")}`, { outcome: "definite" });
  }

  /** Path of the request that `checkNetwork()` sends. */
  get checkNetworkRequestPath(): string {
    return this.#parts.venue.paths.checkNetworkRequestPath;
  }

  /** Asks the venue for a sign of life; throws what went wrong. */
  async checkNetwork(): Promise<void> {
    await this.#parts.venue.derivative.checkNetwork({ api: this.#parts.network.api, signal: this.#parts.tasks.signal });
  }

  /** Asks for the venue's time; does nothing where it has none. */
  async updateTimeSynchronizer(): Promise<void> {
    await this.#parts.network.updateTimeSynchronizer(this.#parts.tasks.signal);
  }

  /** Figures about the running connector; times in milliseconds. Costs no request. */
  metrics(): ConnectorMetrics {
    return connectorMetrics(this.#parts.network, this.#parts.market, this.#parts.trading, this.#parts.unreadable);
  }

  /**
   * Returns the function that removes the listener. One that throws, or that returns a promise that rejects, is logged
   * and told as an `error` event; everybody else hears the event all the same. Throws `ConfigError` for a name that no
   * event has.
   */
  on<Name extends ConnectorEventName>(name: Name, listener: (event: ConnectorEvents[Name]) => unknown): () => void {
    return this.#parts.hub.on(name, listener);
  }

  /** Listens as `on` does, for the next such event only. */
  once<Name extends ConnectorEventName>(name: Name, listener: (event: ConnectorEvents[Name]) => unknown): () => void {
    return this.#parts.hub.once(name, listener);
  }
}
