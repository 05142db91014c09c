import { divideRound } from "../engine/arithmetic.ts";
import { type Engine, type EngineEvent, UNIT } from "../engine/types.ts";
import { MarketStatistics } from "./market-statistics.ts";

/** Series of a market besides its trades; the premium is a fraction of index, open interest in the base asset. */
export type SeriesName = "mark" | "index" | "premium" | "openInterest";

const NAMES: readonly SeriesName[] = ["mark", "index", "premium", "openInterest"];

/** Series of mark, index, premium and open interest, for two days. */
export class MarketSeries {
  readonly #engine: Engine;
  readonly #now: () => number;
  readonly #series = new Map<SeriesName, MarketStatistics>();

  constructor(engine: Engine, now: () => number) {
    this.#engine = engine;
    this.#now = now;
    for (const name of NAMES) this.#series.set(name, new MarketStatistics());
    for (const { spec, mark, index, openInterest } of engine.markets()) {
      this.#recordPrices(spec.market, mark, index);
      this.#record("openInterest", spec.market, openInterest);
    }
  }

  onEvents(events: readonly EngineEvent[]): void {
    const traded = new Set<string>();
    for (const event of events) {
      if (event.type === "markChanged") this.#recordPrices(event.market, event.mark, event.index);
      else if (event.type === "trade") traded.add(event.trade.market);
    }
    for (const name of traded) this.#record("openInterest", name, this.#engine.market(name)?.openInterest ?? 0n);
  }

  /** Oldest first. */
  candles(series: SeriesName, market: string, resolutionMs: number, fromMs: number, toMs: number) {
    return this.#series.get(series)?.candles(market, resolutionMs, fromMs, toMs) ?? [];
  }

  #recordPrices(market: string, mark: bigint, index: bigint): void {
    this.#record("mark", market, mark);
    this.#record("index", market, index);
    this.#record("premium", market, divideRound((mark - index) * UNIT, index));
  }

  #record(series: SeriesName, market: string, price: bigint): void {
    this.#series.get(series)?.record({ market, price, size: 0n, timeMs: this.#now() });
  }
}
