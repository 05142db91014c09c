import type { TradeFeeSchema } from "../model/fee.ts";
import type { TradingPair } from "../model/market.ts";
import { AccountReading } from "./account-reading.ts";
import type { MarketSide } from "./market-side.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

/** The account's own fees as last read: one schema for all markets or one for each; the published ones until then. */
export class TradingFees {
  readonly #venue: PerpetualVenue;
  readonly #market: MarketSide;
  #known: ReadonlyMap<TradingPair, TradeFeeSchema> | TradeFeeSchema;

  constructor(venue: PerpetualVenue, market: MarketSide) {
    this.#venue = venue;
    this.#market = market;
    this.#known = venue.manifest.defaultFees;
  }

  of(tradingPair: TradingPair): TradeFeeSchema {
    if ("makerPercentFee" in this.#known) return this.#known;
    return this.#known.get(tradingPair) ?? this.#venue.manifest.defaultFees;
  }

  /** A market that could not be asked for keeps the fees that it had. */
  async updateTradingFees(signal: AbortSignal): Promise<void> {
    const market = this.#market;
    const { context, failures } = new AccountReading(market.context(), signal);
    const pairs = market.tradingPairs.filter((pair) => !market.isGone(pair));
    const fees = await this.#venue.derivative.tradingFees(context, pairs);
    const known = this.#known;
    this.#known = "makerPercentFee" in fees || "makerPercentFee" in known ? fees : new Map([...known, ...fees]);
    for (const [tradingPair, error] of failures) market.reportUnavailable(tradingPair, error);
  }
}
