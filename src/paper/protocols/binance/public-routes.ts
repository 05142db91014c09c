import { UNIT } from "../../engine/types.ts";
import { levelTexts } from "./book-feed.ts";
import type { Call, Route, Weight } from "./context.ts";
import { keyRoute, publicGet } from "./context.ts";
import { ApiError, refused } from "./errors.ts";
import {
  aggregateObject,
  bookTicker,
  premiumIndex,
  symbolObject,
  ticker24h,
  tickerPrice,
  tradeObject,
} from "./market-objects.ts";
import { isWithin, timesOf } from "./paging.ts";
import type { Parameters } from "./parameters.ts";
import { RATE_LIMIT_ROWS } from "./rate-limit.ts";
import { ACCOUNT_ASSET, type ListedSymbol } from "./symbols.ts";
import { MINUTE_MS } from "./trade-tape.ts";
import { fixed, money, type WireObject, type WireValue, wireTime } from "./wire.ts";

/** Reach of aggregates over REST. */
const AGGREGATES_REACH_MS = 48 * 3_600_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Funding interval of symbols that Binance lists none for. */
const USUAL_FUNDING_MS = 8 * HOUR_MS;
/** Binance caps most symbols at two percent an interval; the paper venue has no cap, so it states a wide one. */
const FUNDING_CAP: bigint = UNIT;
const DEPTH_LIMITS: readonly number[] = [5, 10, 20, 50, 100, 500, 1_000];

export const publicRoutes: readonly Route[] = [
  publicGet("/fapi/v1/ping", 1, () => ({})),
  publicGet("/fapi/v1/time", 1, ({ context }) => ({ serverTime: wireTime(context.now()) })),
  publicGet("/fapi/v1/exchangeInfo", 1, exchangeInfo),
  publicGet("/fapi/v1/ticker/price", oneOrAll(1, 2), oneOrAllOf(tickerPrice)),
  publicGet("/fapi/v2/ticker/price", oneOrAll(1, 2), oneOrAllOf(tickerPrice)),
  publicGet("/fapi/v1/ticker/24hr", oneOrAll(1, 40), oneOrAllOf(ticker24h)),
  publicGet("/fapi/v1/ticker/bookTicker", oneOrAll(2, 5), oneOrAllOf(bookTicker)),
  publicGet("/fapi/v1/premiumIndex", oneOrAll(1, 10), oneOrAllOf(premiumIndex)),
  publicGet("/fapi/v1/depth", depthWeight, depth),
  publicGet("/fapi/v1/rpiDepth", 20, rpiDepth),
  publicGet("/fapi/v1/trades", 5, recentTrades),
  keyRoute("GET", "/fapi/v1/historicalTrades", 20, historicalTrades),
  publicGet("/fapi/v1/aggTrades", 20, aggregateTrades),
  publicGet("/fapi/v1/fundingInfo", 0, fundingInfo),
  publicGet("/fapi/v1/fundingRate", 0, fundingRates),
  publicGet("/fapi/v1/openInterest", 1, openInterest),
];

function oneOrAll(one: number, all: number): Weight {
  return (parameters) => (parameters.text("symbol") === undefined ? all : one);
}

/** A bare object for a symbol, a list for all of them. */
function oneOrAllOf(object: (context: Call["context"], listed: ListedSymbol) => WireObject) {
  return ({ context, parameters }: Call): WireValue => {
    if (parameters.text("symbol") !== undefined) return object(context, context.symbols.required(parameters));
    return context.symbols.all().map((listed) => object(context, listed));
  };
}

function exchangeInfo({ context }: Call): WireValue {
  return {
    timezone: "UTC",
    serverTime: wireTime(context.now()),
    futuresType: "U_MARGINED",
    rateLimits: RATE_LIMIT_ROWS,
    exchangeFilters: [],
    assets: [{ asset: ACCOUNT_ASSET, marginAvailable: true, autoAssetExchange: "0" }],
    symbols: context.symbols.all().map((listed) => symbolObject(context, listed)),
  };
}

function depthWeight(parameters: Parameters): number {
  const limit = parameters.integer("limit") ?? 500;
  if (limit <= 50) return 2;
  if (limit <= 100) return 5;
  return limit <= 500 ? 10 : 20;
}

function depth(call: Call): WireValue {
  return book(call, 500, DEPTH_LIMITS);
}

/** Reads the book with orders of retail price improvement, of which none is taken here. */
function rpiDepth(call: Call): WireValue {
  return book(call, 1_000, [1_000]);
}

function book({ context, parameters }: Call, usual: number, limits: readonly number[]): WireValue {
  const listed = context.symbols.required(parameters);
  const limit = parameters.integer("limit") ?? usual;
  if (!limits.includes(limit)) throw new ApiError(400, -4021, `${limit} is not valid depth limit.`);
  const { market } = listed.spec;
  const nowMs = context.now();
  const stale = context.pastBooks.stale(market, nowMs);
  const { bids, asks } = stale?.book ?? context.engine.book(market, limit);
  return {
    lastUpdateId: stale?.lastUpdateId ?? context.bookIds.take(market),
    E: wireTime(nowMs),
    T: wireTime(nowMs),
    bids: levelTexts(listed, bids.slice(0, limit)),
    asks: levelTexts(listed, asks.slice(0, limit)),
  };
}

function recentTrades({ context, parameters }: Call): WireValue {
  const listed = context.symbols.required(parameters);
  const trades = context.engine.trades(listed.spec.market);
  return trades.slice(-parameters.limit(500, 1_000)).map((trade) => tradeObject(context, listed, trade));
}

/** The newest, or those from an id on; with a key. */
function historicalTrades({ context, parameters }: Call): WireValue {
  const listed = context.symbols.required(parameters);
  const limit = parameters.limit(100, 500);
  const fromId = parameters.integer("fromId");
  const trades = context.engine.trades(listed.spec.market);
  const page =
    fromId === undefined
      ? trades.slice(-limit)
      : trades.filter(({ tradeId }) => context.ids.trade(tradeId) >= fromId).slice(0, limit);
  return page.map((trade) => tradeObject(context, listed, trade));
}

function aggregateTrades({ context, parameters }: Call): WireValue {
  const listed = context.symbols.required(parameters);
  const limit = parameters.limit(500, 1_000);
  const { startTime, endTime } = timesOf(parameters);
  const fromId = parameters.integer("fromId");
  if (fromId !== undefined && (startTime ?? endTime) !== undefined) throw refused(-1128);
  const wanted = context.tape
    .aggregates(listed.spec.market)
    .filter(({ timeMs }) => context.now() - timeMs <= AGGREGATES_REACH_MS)
    .filter(({ aggregateId }) => fromId === undefined || context.firstId + aggregateId >= fromId)
    .filter(({ timeMs }) => isWithin(timeMs, startTime, endTime));
  const page = fromId === undefined && startTime === undefined ? wanted.slice(-limit) : wanted.slice(0, limit);
  return page.map((trade) => aggregateObject(context, listed, trade));
}

/** Lists only symbols whose interval is not eight hours; a paper venue's may be a fraction of one. */
function fundingInfo({ context }: Call): WireValue {
  return context.symbols
    .all()
    .filter(({ spec }) => spec.fundingIntervalMs !== USUAL_FUNDING_MS)
    .map((listed) => ({
      symbol: listed.symbol,
      adjustedFundingRateCap: fixed(FUNDING_CAP, 8),
      adjustedFundingRateFloor: fixed(-FUNDING_CAP, 8),
      fundingIntervalHours: listed.spec.fundingIntervalMs / HOUR_MS,
      disclaimer: false,
    }));
}

function fundingRates({ context, parameters }: Call): WireValue {
  const limit = parameters.limit(100, 1_000);
  const { startTime, endTime } = timesOf(parameters);
  const rows = context.symbols
    .wanted(parameters)
    .flatMap((listed) => context.engine.fundingRates(listed.spec.market).map((rate) => ({ listed, rate })))
    .filter(({ rate }) => isWithin(rate.timeMs, startTime, endTime))
    .sort((left, right) => left.rate.timeMs - right.rate.timeMs);
  const page = startTime === undefined ? rows.slice(-limit) : rows.slice(0, limit);
  return page.map(({ listed, rate }) => ({
    symbol: listed.symbol,
    fundingTime: wireTime(rate.timeMs),
    fundingRate: money(rate.rate),
    markPrice: money(context.tape.fundingMark(rate.market, rate.timeMs) ?? 0n),
    rateType: "Regular",
  }));
}

function openInterest({ context, parameters }: Call): WireValue {
  const listed = context.symbols.required(parameters);
  const { openInterest: size } = context.symbols.view(listed);
  return { symbol: listed.symbol, openInterest: fixed(size, listed.quantityPrecision), time: wireTime(context.now()) };
}
