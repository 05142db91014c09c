import type { FundingRateView, TradeView } from "../../engine/types.ts";
import { type ProtocolContext, type PublicCall, publicGet, type Route } from "./context.ts";
import { invalidParameter, missingParameter } from "./errors.ts";
import { requireFuture, requireMarket, wireName } from "./market-names.ts";
import { coinObjects, futureObject, marketObject, walletCoinObjects } from "./market-objects.ts";
import { CANDLE_ROWS, newestRows, ROWS, readPage } from "./pagination.ts";
import { isoText, WireFloat, type WireObject, type WireValue } from "./wire.ts";

const DEFAULT_DEPTH = 20;
const MAX_DEPTH = 100;
const CANDLE_SECONDS: ReadonlySet<number> = new Set([15, 60, 300, 900, 3_600, 14_400, 86_400]);
const DAY_SECONDS = 86_400;
const MAX_CANDLE_DAYS = 30;

export const publicRoutes: readonly Route[] = [
  publicGet(/^\/?$/, () => true),
  publicGet(/^\/time$/, ({ context }) => isoText(context.now())),
  publicGet(/^\/coins$/, ({ context }) => coinObjects(context)),
  publicGet(/^\/wallet\/coins$/, ({ context }) => walletCoinObjects(context)),
  publicGet(/^\/funding_rates$/, fundingRates),
  publicGet(/^\/markets$/, ({ context }) => context.engine.markets().map((market) => marketObject(context, market))),
  publicGet(/^\/markets\/(.+)\/orderbook$/, orderBook),
  publicGet(/^\/markets\/(.+)\/trades$/, trades),
  publicGet(/^\/markets\/(.+)\/candles$/, candles),
  publicGet(/^\/markets\/(.+)$/, ({ context, path: [name = ""] }) =>
    marketObject(context, requireMarket(context.engine, name)),
  ),
  publicGet(/^\/futures$/, ({ context }) => context.engine.markets().map((market) => futureObject(context, market))),
  publicGet(/^\/futures\/(.+)\/stats$/, futureStatistics),
  publicGet(/^\/futures\/(.+)$/, ({ context, path: [name = ""] }) =>
    futureObject(context, requireFuture(context.engine, name)),
  ),
];

function orderBook({ context, path: [name = ""], parameters }: PublicCall): WireValue {
  const market = requireMarket(context.engine, name);
  const depth = parameters.number("depth") ?? DEFAULT_DEPTH;
  if (!Number.isInteger(depth) || depth < 1) throw invalidParameter("depth");
  const levels = Math.min(depth, MAX_DEPTH);
  const stale = context.pastBooks.stale(wireName(market), context.now());
  const { bids, asks } = stale ?? context.engine.book(market.spec.market, levels);
  return { bids: bids.slice(0, levels), asks: asks.slice(0, levels) };
}

function trades({ context, path: [name = ""], parameters }: PublicCall): WireValue {
  const market = requireMarket(context.engine, name);
  const page = readPage(parameters, ROWS);
  const { rows } = newestRows(context.engine.trades(market.spec.market), ({ timeMs }) => timeMs, page);
  return rows.map((trade) => tradeObject(context, trade));
}

/** `side` is the taker's. */
export function tradeObject({ firstId }: Pick<ProtocolContext, "firstId">, trade: TradeView): WireObject {
  return {
    id: firstId + trade.tradeId,
    price: trade.price,
    size: trade.size,
    side: trade.takerSide,
    liquidation: trade.liquidation,
    time: isoText(trade.timeMs),
  };
}

function candles({ context, path: [name = ""], parameters }: PublicCall): WireValue {
  const market = requireMarket(context.engine, name);
  const resolution = parameters.number("resolution");
  if (resolution === undefined) throw missingParameter("resolution");
  const days = resolution / DAY_SECONDS;
  const isDays = Number.isInteger(days) && days >= 1 && days <= MAX_CANDLE_DAYS;
  if (!CANDLE_SECONDS.has(resolution) && !isDays) throw invalidParameter("resolution");
  const page = readPage(parameters, CANDLE_ROWS);
  const endMs = Math.min(page.endMicros / 1_000, context.now());
  const rows = context.statistics.candles(market.spec.market, resolution * 1_000, page.startMicros / 1_000, endMs);
  return rows.slice(-page.limit).map((candle) => ({
    startTime: isoText(candle.startMs),
    time: new WireFloat(candle.startMs),
    open: candle.open,
    high: candle.high,
    low: candle.low,
    close: candle.close,
    volume: candle.quoteVolume,
  }));
}

function futureStatistics({ context, path: [name = ""] }: PublicCall): WireValue {
  const market = requireFuture(context.engine, name);
  return {
    volume: context.statistics.day(market.spec.market, context.now()).baseVolume,
    nextFundingRate: market.predictedRate,
    nextFundingTime: isoText(market.nextFundingMs),
    openInterest: market.openInterest,
  };
}

function fundingRates({ context, parameters }: PublicCall): WireValue {
  const future = parameters.text("future");
  const markets = future === undefined ? context.engine.markets() : [requireFuture(context.engine, future)];
  const names = new Map(markets.map((market) => [market.spec.market, wireName(market)]));
  const all: FundingRateView[] = markets.flatMap(({ spec }) => [...context.engine.fundingRates(spec.market)]);
  all.sort((left, right) => left.timeMs - right.timeMs);
  const { rows } = newestRows(all, ({ timeMs }) => timeMs, readPage(parameters, ROWS));
  return rows.map(({ market, rate, timeMs }) => ({ future: names.get(market) ?? market, rate, time: isoText(timeMs) }));
}
