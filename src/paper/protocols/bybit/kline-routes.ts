import { formatAmount } from "../../engine/amount.ts";
import type { MarketView } from "../../engine/types.ts";
import { type Bar, candlesOf, fixedBar, MONDAY_MS, monthBar } from "../bars.ts";
import type { Candle } from "../candle.ts";
import type { SeriesName } from "../market-series.ts";
import type { MarketStatistics } from "../market-statistics.ts";
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
const KLINE_MINUTES = ["1", "3", "5", "15", "30", "60", "120", "240", "360", "720"];
const KLINE_BARS: ReadonlyMap<string, Bar> = new Map([
  ...KLINE_MINUTES.map((minutes) => [minutes, fixedBar(Number(minutes) * MINUTE_MS)] as const),
  ["D", fixedBar(DAY_MS)],
  ["W", fixedBar(7 * DAY_MS, MONDAY_MS)],
  ["M", monthBar(1, 0)],
]);
const OPEN_INTEREST_MS = {
  "5min": 5 * MINUTE_MS,
  "15min": 15 * MINUTE_MS,
  "30min": 30 * MINUTE_MS,
  "1h": 60 * MINUTE_MS,
  "4h": 240 * MINUTE_MS,
  "1d": DAY_MS,
} as const;

/** Newest first; what the venue remembers is two days. */
function kline(
  { context, parameters }: PublicCall,
  source: Pick<MarketStatistics, "candles">,
  toRow: (candle: Candle, market: MarketView) => WireValue,
): WireObject {
  if (isOtherCategory(parameters)) throw invalidParameter("symbol");
  const market = requireMarket(context.engine, parameters.required("symbol"));
  const bar = KLINE_BARS.get(parameters.oneOf("interval", [...KLINE_BARS.keys()]) ?? "");
  if (bar === undefined) throw invalidParameter("interval");
  const fromMs = parameters.integer("start") ?? 0;
  const toMs = parameters.integer("end") ?? context.now();
  const candles = candlesOf(source, market.spec.market, bar, { fromMs, toMs });
  const list = candles.slice(-readLimit(parameters, KLINE_ROWS)).toReversed();
  return { category: CATEGORY, symbol: symbolOf(market), list: list.map((candle) => toRow(candle, market)) };
}

function tradeKline(call: PublicCall): WireObject {
  return kline(call, call.context.statistics, (candle, { spec }) => [
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
    const { prices } = call.context;
    const source: Pick<MarketStatistics, "candles"> = { candles: (...range) => prices.candles(series, ...range) };
    const textOf = ({ tick }: MarketView["spec"]) =>
      series === "premium" ? formatAmount : (price: bigint) => stepText(roundTo(price, tick), tick);
    return kline(call, source, (candle, { spec }) => priceRow(candle, textOf, spec));
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
