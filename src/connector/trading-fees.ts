import { describeError, isAbort } from "../model/error.ts";
import type { TradeFeeSchema } from "../model/fee.ts";
import type { TradingPair } from "../model/market.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Clock, Timers } from "../runtime/runtime.ts";
import { type FeeOverrides, withFeeOverrides } from "../trading/fee-overrides.ts";
import { AccountReading } from "./account-reading.ts";
import type { MarketSide } from "./market-side.ts";
import { OptionalRead } from "./optional-read.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { retryRead } from "./retry-read.ts";

export interface TradingFeesOptions {
  readonly venue: PerpetualVenue;
  readonly market: MarketSide;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly logger: Logger;
  readonly overrides?: FeeOverrides | undefined;
}

/**
 * Limits where each market is requested by itself (weight 20 on Binance): the number at once, for which the start
 * waits, and the pause before each of the others.
 */
const MARKETS_AT_ONCE = 20;
const PAUSE_MS = 4_000;

/** The account's own fees as last read: one schema for all markets or one for each; the published ones until then. */
export class TradingFees {
  readonly #options: TradingFeesOptions;
  readonly #optional: OptionalRead;
  readonly #overridden: (schema: TradeFeeSchema) => TradeFeeSchema;
  #known: ReadonlyMap<TradingPair, TradeFeeSchema> | TradeFeeSchema;

  /** Throws `ConfigError` for an override that makes no sense. */
  constructor(options: TradingFeesOptions) {
    this.#options = options;
    this.#optional = new OptionalRead("the trading fees", options.logger);
    this.#overridden = withFeeOverrides(options.overrides ?? {});
    this.#known = options.venue.manifest.defaultFees;
  }

  /** Fees of a pair; the user's own come before the venue's. */
  of(tradingPair: TradingPair): TradeFeeSchema {
    return this.#overridden(this.#told(tradingPair));
  }

  #told(tradingPair: TradingPair): TradeFeeSchema {
    if ("makerPercentFee" in this.#known) return this.#known;
    return this.#known.get(tradingPair) ?? this.#options.venue.manifest.defaultFees;
  }

  /** Reads as `updateTradingFees`; fees that the venue refuses to tell stay as they are known. */
  async updateIfOffered(signal: AbortSignal): Promise<void> {
    await this.#optional.run(() => this.updateTradingFees(signal));
  }

  /**
   * Reads the fees of all markets, or of the first ones where each is asked for by itself: `followOthers` reads the
   * rest.
   */
  async updateTradingFees(signal: AbortSignal): Promise<void> {
    const pairs = this.#listed();
    await this.#read(this.#isByMarket ? pairs.slice(0, MARKETS_AT_ONCE) : pairs, signal);
  }

  /** Reads the fees that `updateTradingFees` leaves out, apart from each other, now and at intervals until aborted. */
  async followOthers(intervalMs: number, signal: AbortSignal): Promise<void> {
    const { timers } = this.#options;
    for (;;) {
      const others = this.#isByMarket ? this.#listed().slice(MARKETS_AT_ONCE) : [];
      for (const tradingPair of others) {
        await timers.sleep(PAUSE_MS, signal);
        await this.#readOne(tradingPair, signal);
      }
      await timers.sleep(intervalMs, signal);
    }
  }

  get #isByMarket(): boolean {
    return this.#options.venue.manifest.feesAreAskedByMarket === true;
  }

  #listed(): readonly TradingPair[] {
    const { market } = this.#options;
    return market.tradingPairs.filter((pair) => !market.isGone(pair));
  }

  async #readOne(tradingPair: TradingPair, signal: AbortSignal): Promise<void> {
    const { clock, timers, logger } = this.#options;
    try {
      await retryRead({ clock, timers, signal }, (attempt) => this.#read([tradingPair], attempt));
    } catch (error) {
      if (isAbort(error)) throw error;
      logger.warn("the trading fees of a market could not be read", { tradingPair, error: describeError(error) });
    }
  }

  /** A market that could not be asked for keeps the fees that it had. */
  async #read(pairs: readonly TradingPair[], signal: AbortSignal): Promise<void> {
    const { venue, market } = this.#options;
    const { context, failures } = new AccountReading(market.context(), signal);
    const fees = await venue.derivative.tradingFees(context, pairs);
    const known = this.#known;
    this.#known = "makerPercentFee" in fees || "makerPercentFee" in known ? fees : new Map([...known, ...fees]);
    for (const [tradingPair, error] of failures) market.reportUnavailable(tradingPair, error);
  }
}
