import { civilTime } from "../../../model/time.ts";
import { formatAmount } from "../../engine/amount.ts";
import type { MarketView } from "../../engine/types.ts";
import type { Candle } from "../candle.ts";
import type { SeriesName } from "../market-series.ts";
import { type PublicCall, publicGet, type Route } from "./context.ts";
import { invalidParameter } from "./errors.ts";
import { CATEGORY, requireMarket, symbolOf } from "./market-names.ts";
import { roundTo } from "./market-objects.ts";
import { isOtherCategory } from "./order-lists.ts";
import { readLimit } from "./paging.ts";
import { stepText, timeText, type WireObject, type WireValue } from "./wire.ts";

const KLINE_ROWS = { usual: 200, most: 1_000 };
const OPEN_INTEREST_ROWS = { usual: 50, most: 200 };
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;
const KLINE_MINUTES = ["1", "3", "5", "15", "30", "60", "120", "240", "360", "720"] as const;
const CALENDAR = ["D", "W", "M"] as const;
const OPEN_INTEREST_MS = {
  "5min": 5 * MINUTE_MS,
  "15min": 15 * MINUTE_MS,
  "30min": 30 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "4h": 240 * MINUTE_MS,
  "1d": DAY_MS,
} as const;

/** Begin of the week, a Monday, or of the month that a day is in. */
function startOf(interval: "W" | "M", dayMs: number): number {
  if (interval === "M") return dayMs - (Number(civilTime(dayMs).date.slice(-2)) - 1) * DAY_MS;
  // 1970-01-01 was a Thursday.
  return dayMs - ((dayMs / DAY_MS + 3) % 7) * DAY_MS;
}

function joined(days: readonly Candle[], interval: "W" | "M"): readonly Candle[] {
  const candles: Candle[] = [];
  for (const day of days) {
    const startMs = startOf(interval, day.startMs);
    const last = candles.at(-1);
    if (last?.startMs !== startMs) {
      candles.push({ ...day, startMs });
      continue;
    }
    candles[candles.length - 1] = {
      ...last,
      high: day.high > last.high ? day.high : last.high,
      low: day.low < last.low ? day.low : last.low,
      close: day.close,
      baseVolume: last.baseVolume + day.baseVolume,
      quoteVolume: last.quoteVolume + day.quoteVolume,
    };
  }
  return candles;
}

type CandlesOf = (market: string, resolutionMs: number, fromMs: number, toMs: number) => readonly Candle[];

/** Newest first; what the venue remembers is two days. */
function kline(
  { context, parameters }: PublicCall,
  candlesOf: CandlesOf,
  toRow: (candle: Candle, market: MarketView) => WireValue,
): WireObject {
  if (isOtherCategory(parameters)) throw invalidParameter("symbol");
  const market = requireMarket(context.engine, parameters.required("symbol"));
  const interval = parameters.oneOf("interval", [...KLINE_MINUTES, ...CALENDAR]);
  if (interval === undefined) throw invalidParameter("interval");
  const startMs = parameters.integer("start") ?? 0;
  const endMs = parameters.integer("end") ?? context.now();
  const isLong = interval === "W" || interval === "M";
  const resolutionMs = isLong || interval === "D" ? DAY_MS : Number(interval) * MINUTE_MS;
  const candles = candlesOf(market.spec.market, resolutionMs, isLong ? 0 : startMs, endMs);
  const rows = isLong ? joined(candles, interval).filter((candle) => candle.startMs >= startMs) : candles;
  const list = rows.slice(-readLimit(parameters, KLINE_ROWS)).toReversed();
  return { category: CATEGORY, symbol: symbolOf(market), list: list.map((candle) => toRow(candle, market)) };
}

function tradeKline(call: PublicCall): WireObject {
  const { statistics } = call.context;
  const candlesOf: CandlesOf = (...range) => statistics.candles(...range);
  return kline(call, candlesOf, (candle, { spec }) => [
    ...priceRow(
      candle,
      ({ tick }) =>
        (price) =>
          stepText(price, tick),
      spec,
    ),
    stepText(candle.baseVolume, spec.lot),
    formatAmount(candle.quoteVolume),
  ]);
}

function priceRow(
  { startMs, open, high, low, close }: Candle,
  textOf: (spec: MarketView["spec"]) => (price: bigint) => string,
  spec: MarketView["spec"],
): string[] {
  return [timeText(startMs), ...[open, high, low, close].map(textOf(spec))];
}

/** Makes candles without volumes. */
const seriesKline =
  (series: SeriesName) =>
  (call: PublicCall): WireObject => {
    const candlesOf: CandlesOf = (...range) => call.context.prices.candles(series, ...range);
    const textOf = ({ tick }: MarketView["spec"]) =>
      series === "premium" ? formatAmount : (price: bigint) => stepText(roundTo(price, tick), tick);
    return kline(call, candlesOf, (candle, { spec }) => priceRow(candle, textOf, spec));
  };

/** Newest first: what it was at the end of each interval. */
function openInterest({ context, parameters }: PublicCall): WireObject {
  if (isOtherCategory(parameters)) throw invalidParameter("symbol");
  const market = requireMarket(context.engine, parameters.required("symbol"));
  const names = Object.keys(OPEN_INTEREST_MS) as (keyof typeof OPEN_INTEREST_MS)[];
  const interval = parameters.oneOf("intervalTime", names);
  if (interval === undefined) throw invalidParameter("intervalTime");
  const fromMs = parameters.integer("startTime") ?? 0;
  const toMs = parameters.integer("endTime") ?? context.now();
  const candles = context.prices.candles("openInterest", market.spec.market, OPEN_INTEREST_MS[interval], fromMs, toMs);
  const list = candles
    .slice(-readLimit(parameters, OPEN_INTEREST_ROWS))
    .toReversed()
    .map(({ startMs, close }) => ({ openInterest: stepText(close, market.spec.lot), timestamp: timeText(startMs) }));
  return { category: CATEGORY, symbol: symbolOf(market), list, nextPageCursor: "" };
}

export const klineRoutes: readonly Route[] = [
  publicGet("/v5/market/kline", tradeKline),
  publicGet("/v5/market/mark-price-kline", seriesKline("mark")),
  publicGet("/v5/market/index-price-kline", seriesKline("index")),
  publicGet("/v5/market/premium-index-price-kline", seriesKline("premium")),
  publicGet("/v5/market/open-interest", openInterest),
];
