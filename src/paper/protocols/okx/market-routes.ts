import { formatAmount } from "../../engine/amount.ts";
import type { MarketView, TradeView } from "../../engine/types.ts";
import { type PublicCall, publicGet, type Route } from "./context.ts";
import { missingParameter, noSuchInstrument, parameterError } from "./errors.ts";
import { COIN, familyOf, instIdOf, instrumentFilter, isOtherType, requireInstrument, SWAP } from "./instruments.ts";
import {
  fundingRateObject,
  indexTickerObject,
  instrumentObject,
  markPriceObject,
  openInterestObject,
  priceLimitObject,
  tickerObject,
  tradeObject,
} from "./market-objects.ts";
import { readId } from "./paging.ts";
import { per2s } from "./rate-limit.ts";
import { timeText, type WireObject } from "./wire.ts";

const MAX_BOOK_LEVELS = 400;
const MAX_RATES = 400;
const MAX_TRADES = 500;
const MAX_HISTORY = 100;
/** The instruments that a list asks for; none of a product that the venue does not have. */
export function wantedMarkets({ context, parameters }: PublicCall): readonly MarketView[] {
  if (isOtherType(parameters)) return [];
  return context.engine.markets().filter(instrumentFilter(context.engine, parameters));
}

/** The product must be named, or else what the list asks for instead of it. */
function listOf(toRow: (call: PublicCall, market: MarketView) => WireObject, instead?: "instId") {
  return (call: PublicCall): readonly WireObject[] => {
    const { parameters } = call;
    const isNamed = instead !== undefined && parameters.text(instead) !== undefined;
    if (!isNamed && parameters.text("instType") === undefined) throw missingParameter("instType");
    return wantedMarkets(call).map((market) => toRow(call, market));
  };
}

export const instruments = listOf(({ context }, market) => instrumentObject(context, market));

function oneOf(toRow: (call: PublicCall, market: MarketView) => WireObject) {
  return (call: PublicCall): readonly WireObject[] => [
    toRow(call, requireInstrument(call.context.engine, call.parameters)),
  ];
}

/** Reads the book; `sz` is the depth, one level by default. */
function book({ context, parameters }: PublicCall): readonly WireObject[] {
  const market = requireInstrument(context.engine, parameters);
  const depth = parameters.integer("sz") ?? 1;
  if (depth < 1 || depth > MAX_BOOK_LEVELS) throw parameterError("sz");
  return [context.books.snapshot(instIdOf(market), depth)];
}

/** Newest first. */
function trades({ context, parameters }: PublicCall): readonly WireObject[] {
  const market = requireInstrument(context.engine, parameters);
  const all = context.engine.trades(market.spec.market);
  const rows = all.slice(-parameters.limit(100, MAX_TRADES)).toReversed();
  return rows.map((trade) => tradeObject(context, market, trade));
}

function fundingRate(call: PublicCall): readonly WireObject[] {
  const { context, parameters } = call;
  if (parameters.text("instId") === "ANY") {
    return context.engine.markets().map((market) => fundingRateObject(context, market));
  }
  return [fundingRateObject(context, requireInstrument(context.engine, parameters))];
}

/** Newest first; `before` and `after` are times, and neither is included. */
function fundingHistory({ context, parameters }: PublicCall): readonly WireObject[] {
  const market = requireInstrument(context.engine, parameters);
  const after = parameters.integer("after");
  const before = parameters.integer("before");
  const rates = context.engine
    .fundingRates(market.spec.market)
    .filter(
      ({ timeMs }) =>
        (after === undefined || Math.floor(timeMs) < after) && (before === undefined || Math.floor(timeMs) > before),
    );
  const rows = rates.slice(-parameters.limit(MAX_RATES, MAX_RATES)).toReversed();
  return rows.map(({ rate, timeMs }) => ({
    instType: SWAP,
    instId: instIdOf(market),
    formulaType: "noRate",
    fundingRate: formatAmount(rate),
    realizedRate: formatAmount(rate),
    fundingTime: timeText(timeMs),
    method: "current_period",
  }));
}

function indexTickers({ context, parameters }: PublicCall): readonly WireObject[] {
  const instId = parameters.text("instId");
  const quoteCcy = parameters.text("quoteCcy");
  if (instId === undefined && quoteCcy === undefined) throw missingParameter("instId or quoteCcy");
  const wanted = context.engine.markets().filter((market) => instId === undefined || familyOf(market) === instId);
  if (wanted.length === 0) throw noSuchInstrument();
  return quoteCcy === undefined || quoteCcy === COIN ? wanted.map((market) => indexTickerObject(context, market)) : [];
}

/** Newest first; pages go by trade, or by time with `type` 2. */
function historyTrades({ context, parameters }: PublicCall): readonly WireObject[] {
  const market = requireInstrument(context.engine, parameters);
  const isByTime = parameters.oneOf("type", ["1", "2"]) === "2";
  const keyOf = ({ tradeId, timeMs }: TradeView): bigint =>
    BigInt(isByTime ? Math.floor(timeMs) : context.ids.trade(tradeId));
  const after = readId(parameters, "after");
  const before = readId(parameters, "before");
  const rows = context.engine.trades(market.spec.market).filter((trade) => {
    const key = keyOf(trade);
    return (after === undefined || key < after) && (before === undefined || key > before);
  });
  const page = rows.slice(-parameters.limit(MAX_HISTORY, MAX_HISTORY)).toReversed();
  return page.map((trade) => tradeObject(context, market, trade));
}

const time = ({ context }: PublicCall): readonly WireObject[] => [{ ts: timeText(context.now()) }];

export const marketRoutes: readonly Route[] = [
  publicGet("/api/v5/public/time", per2s(10), time),
  publicGet("/api/v5/public/instruments", per2s(20), instruments),
  publicGet("/api/v5/public/funding-rate", per2s(10, true), fundingRate),
  publicGet("/api/v5/public/funding-rate-history", per2s(10, true), fundingHistory),
  publicGet(
    "/api/v5/public/mark-price",
    per2s(10, true),
    // The documentation wants an `instType`, which clients are seen to leave out where they name the instrument.
    listOf(({ context }, market) => markPriceObject(context, market), "instId"),
  ),
  publicGet(
    "/api/v5/public/open-interest",
    per2s(20, true),
    listOf(({ context }, market) => openInterestObject(context, market)),
  ),
  publicGet(
    "/api/v5/public/price-limit",
    per2s(20),
    oneOf(({ context }, market) => priceLimitObject(context, market)),
  ),
  publicGet(
    "/api/v5/market/ticker",
    per2s(20),
    oneOf(({ context }, market) => tickerObject(context, market)),
  ),
  publicGet(
    "/api/v5/market/tickers",
    per2s(20),
    listOf(({ context }, market) => tickerObject(context, market)),
  ),
  publicGet("/api/v5/market/index-tickers", per2s(20), indexTickers),
  publicGet("/api/v5/market/books", per2s(40), book),
  publicGet("/api/v5/market/trades", per2s(100), trades),
  publicGet("/api/v5/market/history-trades", per2s(20), historyTrades),
];
