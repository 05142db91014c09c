import { divideRound } from "../../engine/arithmetic.ts";
import { type MarketView, type TradeView, UNIT } from "../../engine/types.ts";
import { type Bar, candlesOf, fixedBar, MONDAY_MS, monthBar } from "../bars.ts";
import type { Candle } from "../candle.ts";
import { midOf } from "./books.ts";
import type { HyperliquidContext } from "./context.ts";
import { type Asset, roundedPrice } from "./universe.ts";
import { decimalText, hashOf, type WireObject } from "./wire.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** Margin tables below this number stand for one tier of that leverage (docs, margin tiers). */
const FIRST_TABLE = 50;

const INTERVALS: ReadonlyMap<string, Bar> = new Map([
  ...[1, 3, 5, 15, 30].map((count) => [`${count}m`, fixedBar(count * MINUTE_MS)] as const),
  ...[1, 2, 4, 8, 12].map((count) => [`${count}h`, fixedBar(count * HOUR_MS)] as const),
  ...[1, 3].map((count) => [`${count}d`, fixedBar(count * DAY_MS)] as const),
  ["1w", fixedBar(7 * DAY_MS, MONDAY_MS)] as const,
  ["1M", monthBar(1, 0)] as const,
]);

export function intervalOf(name: string): Bar | undefined {
  return INTERVALS.get(name);
}

/** Delisted perpetuals keep their place: actions name them by it. */
export function metaObject({ universe, engine }: Pick<HyperliquidContext, "universe" | "engine">): WireObject {
  const rows = universe.assets.map(({ coin, sizeDecimals, maxLeverage, market }) => ({
    ...{ szDecimals: sizeDecimals, name: coin, maxLeverage, marginTableId: tableOf(maxLeverage) },
    ...(engine.market(market)?.status === "delisted" ? { isDelisted: true } : {}),
  }));
  const leverages = [...new Set(universe.assets.map(({ maxLeverage }) => maxLeverage))];
  const marginTables = leverages
    .filter((leverage) => leverage >= FIRST_TABLE)
    .map((maxLeverage) => [
      tableOf(maxLeverage),
      { description: `${maxLeverage}x`, marginTiers: [{ lowerBound: "0.0", maxLeverage }] },
    ]);
  return { universe: rows, marginTables, collateralToken: 0 };
}

const tableOf = (maxLeverage: number): number => (maxLeverage < FIRST_TABLE ? maxLeverage : maxLeverage + FIRST_TABLE);

/** Renders the context of an asset. Fields that are null without a book are null together. */
export function contextObject(context: HyperliquidContext, asset: Asset): WireObject {
  const market = context.universe.view(asset);
  const { mark, index, bestBid, bestAsk, openInterest, predictedRate, last } = market;
  const day = context.statistics.day(asset.market, context.now());
  const price = (amount: bigint) => decimalText(roundedPrice(asset, amount));
  const hasBook = bestBid !== null && bestAsk !== null;
  return {
    funding: decimalText(predictedRate),
    openInterest: decimalText(openInterest),
    prevDayPx: price(divideRound((last ?? mark) * UNIT, UNIT + day.change24h)),
    dayNtlVlm: decimalText(day.quoteVolume),
    premium: hasBook ? premiumText(market, bestBid, bestAsk) : null,
    oraclePx: price(index),
    markPx: price(mark),
    midPx: hasBook ? decimalText(midOf(market)) : null,
    impactPxs: hasBook ? [decimalText(bestBid), decimalText(bestAsk)] : null,
    dayBaseVlm: decimalText(day.baseVolume),
  };
}

/** Computes the distance of the book from the oracle price, as a fraction of it. */
function premiumText({ index }: MarketView, bestBid: bigint, bestAsk: bigint): string {
  const above = bestBid > index ? bestBid - index : 0n;
  const below = index > bestAsk ? index - bestAsk : 0n;
  return decimalText(index === 0n ? 0n : divideRound((above - below) * UNIT, index));
}

export function allMids({ universe }: Pick<HyperliquidContext, "universe">): WireObject {
  return Object.fromEntries(universe.assets.map((asset) => [asset.coin, decimalText(midOf(universe.view(asset)))]));
}

/** Address of nobody, for both sides of a trade: who traded with whom is not told. */
const NOBODY = `0x${"0".repeat(40)}`;

export function tradeObject({ ids, universe }: HyperliquidContext, trade: TradeView): WireObject {
  const tid = ids.trade(trade.tradeId);
  return {
    coin: universe.ofMarket(trade.market).coin,
    side: trade.takerSide === "buy" ? "B" : "A",
    px: decimalText(trade.price),
    sz: decimalText(trade.size),
    time: Math.floor(trade.timeMs),
    hash: hashOf(tid),
    tid,
    users: [NOBODY, NOBODY],
  };
}

/** Renders a candle. Its number of trades is not kept: one where there is any. */
function candleObject(coin: string, interval: string, bar: Bar, candle: Candle): WireObject {
  const { startMs, open, high, low, close, baseVolume } = candle;
  return {
    ...{ t: startMs, T: bar.endOf(startMs) - 1, s: coin, i: interval },
    ...{ o: decimalText(open), c: decimalText(close), h: decimalText(high), l: decimalText(low) },
    ...{ v: decimalText(baseVolume), n: baseVolume > 0n ? 1 : 0 },
  };
}

/** Oldest first, those that begin in a stretch of time; the last one may still run. */
export function candleObjects(
  { statistics }: Pick<HyperliquidContext, "statistics">,
  { coin, market }: Asset,
  interval: string,
  stretch: { readonly fromMs: number; readonly toMs: number },
): readonly WireObject[] {
  const bar = intervalOf(interval);
  if (bar === undefined) return [];
  return candlesOf(statistics, market, bar, stretch).map((candle) => candleObject(coin, interval, bar, candle));
}

/** The candle that a time is in, as far as it has come. */
export function candleAt(context: HyperliquidContext, asset: Asset, interval: string, timeMs: number) {
  const bar = intervalOf(interval);
  const startMs = bar?.startOf(timeMs) ?? 0;
  return candleObjects(context, asset, interval, { fromMs: startMs, toMs: Math.max(startMs, timeMs) }).at(-1);
}
