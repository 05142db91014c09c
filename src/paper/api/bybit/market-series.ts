import { divideRound } from "../../engine/arithmetic.ts";
import { type Engine, type EngineEvent, type MarketView, UNIT } from "../../engine/types.ts";
import { MarketStatistics } from "../market-statistics.ts";

/** Series of a market besides its trades; the premium is a fraction of index, open interest in the base asset. */
export type SeriesName = "mark" | "index" | "premium" | "openInterest";

const VALUE_OF: Readonly<Record<SeriesName, (market: MarketView) => bigint>> = {
  mark: ({ mark }) => mark,
  index: ({ index }) => index,
  premium: ({ mark, index }) => divideRound((mark - index) * UNIT, index),
  openInterest: ({ openInterest }) => openInterest,
};
const NAMES = Object.keys(VALUE_OF) as readonly SeriesName[];

/** What mark, index, premium and open interest were, for two days. */
export class MarketSeries {
  readonly #engine: Engine;
  readonly #now: () => number;
  readonly #series = new Map<SeriesName, MarketStatistics>();

  constructor(engine: Engine, now: () => number) {
    this.#engine = engine;
    this.#now = now;
    for (const name of NAMES) this.#series.set(name, new MarketStatistics());
    for (const market of engine.markets()) this.#record(market);
  }

  onEvents(events: readonly EngineEvent[]): void {
    const changed = new Set<string>();
    for (const event of events) {
      if (event.type === "markChanged") changed.add(event.market);
      else if (event.type === "trade") changed.add(event.trade.market);
    }
    for (const name of changed) {
      const market = this.#engine.market(name);
      if (market !== undefined) this.#record(market);
    }
  }

  /** Oldest first. */
  candles(series: SeriesName, market: string, resolutionMs: number, fromMs: number, toMs: number) {
    return this.#series.get(series)?.candles(market, resolutionMs, fromMs, toMs) ?? [];
  }

  #record(market: MarketView): void {
    const timeMs = this.#now();
    for (const name of NAMES) {
      const price = VALUE_OF[name](market);
      this.#series.get(name)?.record({ market: market.spec.market, price, size: 0n, timeMs });
    }
  }
}
