import { formatAmount } from "../../engine/amount.ts";
import { type PublicCall, publicGet, type Route } from "./context.ts";
import { invalidParameter, missingParameter, parameterError } from "./errors.ts";
import { alertObjects, insuranceObject } from "./insurance.ts";
import { CATEGORY, COIN, requireMarket, symbolOf } from "./market-names.ts";
import { instrumentObject, instrumentStatus, riskLimitObject, tickerObject, tradeObject } from "./market-objects.ts";
import { isOtherCategory } from "./order-lists.ts";
import { forwardPage, pageObject, readLimit } from "./paging.ts";
import { priceLimitFields } from "./price-limits.ts";
import { timeText, type WireObject } from "./wire.ts";

const INSTRUMENT_ROWS = { usual: 500, most: 1_000 };
const BOOK_ROWS = { usual: 25, most: 1_000 };
const RPI_BOOK_ROWS = { usual: 50, most: 50 };
const FUNDING_ROWS = { usual: 200, most: 200 };
const TRADE_ROWS = { usual: 500, most: 1_000 };

function emptyList({ parameters }: PublicCall): WireObject {
  return { category: parameters.required("category"), nextPageCursor: "", list: [] };
}

function time({ context }: PublicCall): WireObject {
  const nowMs = context.now();
  const nanos = BigInt(Math.round(nowMs * 1_000)) * 1_000n;
  return { timeSecond: String(Math.floor(nowMs / 1_000)), timeNano: String(nanos) };
}

function instruments(call: PublicCall): WireObject {
  const { context, parameters } = call;
  if (isOtherCategory(parameters)) return emptyList(call);
  const symbol = parameters.text("symbol");
  const baseCoin = parameters.text("baseCoin");
  const status = parameters.text("status");
  const all = symbol === undefined ? context.engine.markets() : [requireMarket(context.engine, symbol)];
  const wanted = all.filter(
    (market) =>
      (baseCoin === undefined || market.spec.base === baseCoin) &&
      (status === undefined || status === instrumentStatus(market)),
  );
  const page = forwardPage(wanted, parameters, INSTRUMENT_ROWS);
  return pageObject({ ...page, rows: page.rows.map(instrumentObject) });
}

function tickers(call: PublicCall): WireObject {
  const { context, parameters } = call;
  if (isOtherCategory(parameters)) return emptyList(call);
  const symbol = parameters.text("symbol");
  const markets = symbol === undefined ? context.engine.markets() : [requireMarket(context.engine, symbol)];
  return { category: CATEGORY, list: markets.map((market) => tickerObject(context, market)) };
}

/** `u` counts with the 1000-level topic. */
function orderBook({ context, parameters }: PublicCall): WireObject {
  if (isOtherCategory(parameters)) throw invalidParameter("symbol");
  const market = requireMarket(context.engine, parameters.required("symbol"));
  return context.books.snapshot(symbolOf(market), readLimit(parameters, BOOK_ROWS));
}

/** `u` counts with the topic `orderbook.rpi` (docs v5, RPI orderbook). */
function rpiOrderBook({ context, parameters }: PublicCall): WireObject {
  if (parameters.text("category") !== undefined && isOtherCategory(parameters)) throw invalidParameter("symbol");
  const market = requireMarket(context.engine, parameters.required("symbol"));
  if (parameters.integer("limit") === undefined) throw missingParameter("limit");
  return context.books.snapshot(symbolOf(market), readLimit(parameters, RPI_BOOK_ROWS), "rpi");
}

/** Newest first. */
function fundingHistory({ context, parameters }: PublicCall): WireObject {
  if (isOtherCategory(parameters)) return { category: parameters.required("category"), list: [] };
  const market = requireMarket(context.engine, parameters.required("symbol"));
  const startMs = parameters.integer("startTime");
  const endMs = parameters.integer("endTime");
  if (startMs !== undefined && endMs === undefined) throw parameterError("params error: endTime is required");
  const rates = context.engine
    .fundingRates(market.spec.market)
    .filter(
      ({ timeMs }) => (startMs === undefined || timeMs >= startMs) && (endMs === undefined || timeMs < endMs + 1),
    );
  const rows = rates.slice(-readLimit(parameters, FUNDING_ROWS)).toReversed();
  return {
    category: CATEGORY,
    list: rows.map(({ rate, timeMs }) => ({
      symbol: symbolOf(market),
      fundingRate: formatAmount(rate),
      fundingRateTimestamp: timeText(timeMs),
    })),
  };
}

/** Newest first. */
function recentTrades({ context, parameters }: PublicCall): WireObject {
  if (isOtherCategory(parameters)) return { category: parameters.required("category"), list: [] };
  const market = requireMarket(context.engine, parameters.required("symbol"));
  const trades = context.engine.trades(market.spec.market).slice(-readLimit(parameters, TRADE_ROWS)).toReversed();
  return { category: CATEGORY, list: trades.map((trade) => tradeObject(context, market, trade)) };
}

/** One tier a market: its size is what limits a position. */
function riskLimit(call: PublicCall): WireObject {
  const { context, parameters } = call;
  if (isOtherCategory(parameters)) return emptyList(call);
  const symbol = parameters.text("symbol");
  const markets = symbol === undefined ? context.engine.markets() : [requireMarket(context.engine, symbol)];
  return { category: CATEGORY, list: markets.map(riskLimitObject), nextPageCursor: "" };
}

function priceLimit({ context, parameters }: PublicCall): WireObject {
  const market = requireMarket(context.engine, parameters.required("symbol"));
  return { ...priceLimitFields(market), ts: timeText(context.now()) };
}

/** Answers with the insurance fund, which is one of all markets. */
function insurance({ context, parameters }: PublicCall): WireObject {
  const coin = parameters.text("coin");
  const list = coin === undefined || coin === COIN ? [insuranceObject(context.engine)] : [];
  return { updatedTime: timeText(context.now()), list };
}

function deleveragingAlerts({ context, parameters }: PublicCall): WireObject {
  const { engine, now } = context;
  const symbol = parameters.text("symbol");
  const markets = symbol === undefined ? engine.markets() : [requireMarket(engine, symbol)];
  return { updatedTime: timeText(now()), list: alertObjects(engine, markets) };
}

export const marketRoutes: readonly Route[] = [
  publicGet("/v5/market/time", time),
  publicGet("/v5/market/instruments-info", instruments),
  publicGet("/v5/market/tickers", tickers),
  publicGet("/v5/market/orderbook", orderBook),
  publicGet("/v5/market/rpi_orderbook", rpiOrderBook),
  publicGet("/v5/market/funding/history", fundingHistory),
  publicGet("/v5/market/recent-trade", recentTrades),
  publicGet("/v5/market/risk-limit", riskLimit),
  publicGet("/v5/market/price-limit", priceLimit),
  publicGet("/v5/market/insurance", insurance),
  publicGet("/v5/market/adlAlert", deleveragingAlerts),
  // Nothing is being mended, ever.
  publicGet("/v5/system/status", () => ({ list: [] })),
];
