import { SeededRandom } from "../../runtime/simulated-random.ts";
import { type MarketSpec, UNIT } from "../engine/types.ts";
import { type Bar, splitBar } from "./split-bar.ts";

const QUARTER_MS = 15_000;
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAYS = 1_500;
/** The past of a bar size goes back this many bars, if there are as many days. */
const MAX_BARS = 5_000;
/** Rows that were asked for once are kept: the past does not change. */
const SERIES_KEPT = 64;
const SINCE_KEPT = 4_096;
/** A day's move, and how much of the way back to the first price each day before the last goes. */
const DAY_VOLATILITY = 0.025;
const REVERSION = 0.01;
const DAY_NOTIONAL = 700_000_000;
const DAY_TRADES = 216_000;
const CENT: bigint = UNIT / 100n;

/** A bar of the past; amounts in 1e-8. */
export interface PastCandle {
  readonly startMs: number;
  readonly open: bigint;
  readonly high: bigint;
  readonly low: bigint;
  readonly close: bigint;
  readonly baseVolume: bigint;
  readonly quoteVolume: bigint;
  readonly trades: number;
}

/**
 * Prices from before the venue's start, so that what needs a history can begin at once. They are invented: the same seed
 * and start give the same ones. A day is divided into hours, an hour into minutes, a minute into quarters, so that a
 * larger bar is always the sum of the smaller ones; the last close is the market's first price.
 */
export class PriceHistory {
  readonly #specs: ReadonlyMap<string, MarketSpec>;
  readonly #seed: number | string;
  /** End of the invented history; later bars come from trades. */
  readonly #endMs: number;
  readonly #days = new Map<string, readonly Bar[]>();
  /** Tickers ask for the same minute again and again. */
  readonly #since = new Map<string, PastCandle>();
  readonly #series = new Map<string, readonly PastCandle[]>();

  constructor(markets: readonly MarketSpec[], startMs: number, seed: number | string) {
    this.#specs = new Map(markets.map((spec) => [spec.market, spec]));
    this.#seed = seed;
    this.#endMs = Math.floor(startMs / QUARTER_MS) * QUARTER_MS;
  }

  /** Oldest first; the last one may end before its time is over. `resolutionMs` is a multiple of 15 seconds. */
  candles(market: string, resolutionMs: number): readonly PastCandle[] {
    const key = `${market} ${resolutionMs}`;
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const spec = this.#specs.get(market);
    if (spec === undefined) return [];
    const series = this.#build(spec, resolutionMs);
    const oldest = this.#series.size >= SERIES_KEPT ? this.#series.keys().next().value : undefined;
    if (oldest !== undefined) this.#series.delete(oldest);
    this.#series.set(key, series);
    return series;
  }

  /** Joins the trades from the next whole minute on into one bar; undefined when that is after the start. */
  since(market: string, fromMs: number): PastCandle | undefined {
    const spec = this.#specs.get(market);
    if (spec === undefined || fromMs >= this.#endMs) return undefined;
    const minuteMs = Math.floor(fromMs / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
    const key = `${market} ${minuteMs}`;
    const known = this.#since.get(key);
    if (known !== undefined) return known;
    const nextHourMs = Math.ceil(minuteMs / HOUR_MS) * HOUR_MS;
    const first = this.#bars(spec, MINUTE_MS, minuteMs, nextHourMs);
    const [bar, ...others] = [...first, ...this.#bars(spec, HOUR_MS, nextHourMs, this.#endMs)];
    if (bar === undefined) return undefined;
    const candle = candleOf(spec, others.reduce(joined, bar));
    if (this.#since.size >= SINCE_KEPT) this.#since.clear();
    this.#since.set(key, candle);
    return candle;
  }

  #build(spec: MarketSpec, resolutionMs: number): readonly PastCandle[] {
    const unitMs = [DAY_MS, HOUR_MS, MINUTE_MS].find((unit) => resolutionMs % unit === 0) ?? QUARTER_MS;
    const wantedMs = Math.ceil((this.#endMs - MAX_BARS * resolutionMs) / resolutionMs) * resolutionMs;
    const firstDayMs = this.#daysOf(spec)[0]?.startMs ?? 0;
    const fromMs = Math.max(wantedMs, Math.ceil(firstDayMs / resolutionMs) * resolutionMs);
    const candles: Bar[] = [];
    for (const bar of this.#bars(spec, unitMs, fromMs, this.#endMs)) {
      const startMs = Math.floor(bar.startMs / resolutionMs) * resolutionMs;
      const last = candles.at(-1);
      if (last === undefined || last.startMs < startMs) candles.push({ ...bar, startMs });
      else candles[candles.length - 1] = joined(last, bar);
    }
    return candles.map((bar) => candleOf(spec, bar));
  }

  /** Bars of a unit that start in a stretch of time. */
  #bars(spec: MarketSpec, unitMs: number, fromMs: number, toMs: number): readonly Bar[] {
    let bars = this.#daysOf(spec);
    for (const partMs of [HOUR_MS, MINUTE_MS, QUARTER_MS]) {
      if (partMs < unitMs) break;
      bars = bars.filter(({ startMs, endMs }) => endMs > fromMs && startMs < toMs);
      bars = bars.flatMap((bar) => splitBar(bar, partMs, this.#random(spec, `${partMs} ${bar.startMs}`)));
    }
    return bars.filter(({ startMs }) => startMs >= fromMs && startMs < toMs);
  }

  /** Makes the days backwards from the first price, each day's open being the close of the one before. */
  #daysOf(spec: MarketSpec): readonly Bar[] {
    const known = this.#days.get(spec.market);
    if (known !== undefined) return known;
    const days: Bar[] = [];
    const random = this.#random(spec, "days");
    const anchor = Number(spec.initialPrice / spec.tick);
    let close = anchor;
    let distance = 0;
    for (let endMs = this.#endMs; days.length < DAYS; ) {
      const startMs = Math.floor((endMs - 1) / DAY_MS) * DAY_MS;
      const share = (endMs - startMs) / DAY_MS;
      const spread = Math.sqrt(share);
      distance += DAY_VOLATILITY * spread * normal(random) - REVERSION * distance;
      const open = Math.max(1, Math.round(anchor * Math.exp(distance)));
      const wick = () => DAY_VOLATILITY * 0.4 * spread * random.float();
      const high = Math.round(Math.max(open, close) * (1 + wick()));
      const low = Math.max(1, Math.round(Math.min(open, close) * (1 - wick())));
      const activity = share * (0.5 + random.float());
      const cents = Math.round(DAY_NOTIONAL * activity * 100);
      const price = (open + close) / 2;
      const lots = Math.round(cents / 100 / ((price * Number(spec.tick) * Number(spec.lot)) / Number(UNIT * UNIT)));
      days.push({ startMs, endMs, open, high, low, close, lots, cents, trades: Math.ceil(DAY_TRADES * activity) });
      close = open;
      endMs = startMs;
    }
    days.reverse();
    this.#days.set(spec.market, days);
    return days;
  }

  #random({ market }: MarketSpec, label: string): SeededRandom {
    return new SeededRandom(this.#seed, `price history ${market} ${label}`);
  }
}

function joined(bar: Bar, later: Bar): Bar {
  return {
    ...bar,
    endMs: later.endMs,
    high: Math.max(bar.high, later.high),
    low: Math.min(bar.low, later.low),
    close: later.close,
    lots: bar.lots + later.lots,
    cents: bar.cents + later.cents,
    trades: bar.trades + later.trades,
  };
}

function candleOf({ tick, lot }: MarketSpec, bar: Bar): PastCandle {
  return {
    startMs: bar.startMs,
    open: BigInt(bar.open) * tick,
    high: BigInt(bar.high) * tick,
    low: BigInt(bar.low) * tick,
    close: BigInt(bar.close) * tick,
    baseVolume: BigInt(bar.lots) * lot,
    quoteVolume: BigInt(bar.cents) * CENT,
    trades: bar.trades,
  };
}

/** Near enough to a normal deviate: four uniform ones, never beyond 3.5. */
function normal(random: SeededRandom): number {
  let sum = -2;
  for (let draw = 0; draw < 4; draw++) sum += random.float();
  return sum * Math.sqrt(3);
}
