import { formatAmount } from "../../engine/amount.ts";
import type { MarketView } from "../../engine/types.ts";
import { candlesticks } from "./candles.ts";
import { type PublicCall, publicGet, type Route } from "./context.ts";
import { contractOf, requireListed } from "./contracts.ts";
import { invalidParameter } from "./errors.ts";
import { contractObject, liquidationObject, riskTierObject, tickerObject, tradeObject } from "./market-objects.ts";
import { pageOf, readPage, readSpan } from "./parameters.ts";
import { type WireObject, type WireValue, wholeSeconds } from "./wire.ts";

function listed({ context, parameters }: PublicCall): readonly MarketView[] {
  const contract = parameters.text("contract");
  return contract === undefined ? context.engine.markets() : [requireListed(context.engine, contract)];
}

function contracts(call: PublicCall): WireValue {
  const { context, parameters, form } = call;
  return pageOf(context.engine.markets(), readPage(parameters)).map((market) => contractObject(context, market, form));
}

function orderBook({ context, parameters, form }: PublicCall): WireValue {
  const market = requireListed(context.engine, parameters.required("contract"));
  const interval = parameters.text("interval") ?? "0";
  if (interval !== "0") throw invalidParameter("interval");
  const limit = parameters.integer("limit") ?? 10;
  if (limit < 1) throw invalidParameter("limit");
  return context.books.snapshot(contractOf(market), limit, parameters.flag("with_id"), form);
}

/** Lists trades, newest first. */
function trades({ context, parameters, form }: PublicCall): WireValue {
  const market = requireListed(context.engine, parameters.required("contract"));
  const isWanted = readSpan(parameters);
  const lastId = parameters.integer("last_id") ?? Number.POSITIVE_INFINITY;
  const rows = context.engine
    .trades(market.spec.market)
    .filter(({ timeMs, tradeId }) => isWanted(timeMs) && context.ids.trade(tradeId) < lastId)
    .toReversed();
  return pageOf(rows, readPage(parameters)).map((trade) => tradeObject(context, market, trade, form, false));
}

/** Lists rates, newest first. */
function fundingRates({ context, parameters }: PublicCall): WireValue {
  const market = requireListed(context.engine, parameters.required("contract"));
  const isWanted = readSpan(parameters);
  const rates = context.engine
    .fundingRates(market.spec.market)
    .filter(({ timeMs }) => isWanted(timeMs))
    .toReversed();
  return pageOf(rates, readPage(parameters)).map(({ timeMs, rate }) => ({
    t: wholeSeconds(timeMs),
    r: formatAmount(rate),
  }));
}

function liquidations({ context, parameters, form }: PublicCall): WireValue {
  const contract = parameters.text("contract");
  const wanted = contract === undefined ? undefined : requireListed(context.engine, contract).spec.market;
  const isWanted = readSpan(parameters);
  const rows = context.forced.rows(
    ({ type, market, timeMs }) =>
      type === "liquidated" && (wanted === undefined || market === wanted) && isWanted(timeMs),
  );
  return pageOf(rows, readPage(parameters)).flatMap((row) => {
    const market = context.engine.market(row.market);
    return market === undefined || row.type !== "liquidated" ? [] : [liquidationObject(market, row, row.timeMs, form)];
  });
}

function insurance({ context }: PublicCall): WireValue {
  const { insurance: cash, insurancePositions } = context.engine.house();
  const worth = insurancePositions.reduce((sum, { unrealized }) => sum + unrealized, cash);
  return [{ t: wholeSeconds(context.now()), b: formatAmount(worth) }];
}

/** Coins that the contracts are of; ccxt asks for them before anything else. */
function currencies({ context }: PublicCall): readonly WireObject[] {
  const coins = ["USDT", ...context.engine.markets().map(({ spec }) => spec.base)];
  const flags = { delisted: false, withdraw_disabled: false, withdraw_delayed: false, deposit_disabled: false };
  return [...new Set(coins)].map((currency) => ({
    ...{ currency, name: currency, ...flags, trade_disabled: false, fixed_rate: "", chain: currency, chains: [] },
  }));
}

const nothing = (): WireValue => [];

export const marketRoutes: readonly Route[] = [
  publicGet("/api/v4/spot/time", ({ context }) => ({ server_time: Math.floor(context.now()) })),
  publicGet("/api/v4/futures/usdt/contracts", contracts),
  publicGet("/api/v4/futures/usdt/contracts/{}", ({ context, name, form }) =>
    contractObject(context, requireListed(context.engine, name), form),
  ),
  publicGet("/api/v4/futures/usdt/tickers", (call) => listed(call).map((market) => tickerObject(call.context, market))),
  publicGet("/api/v4/futures/usdt/order_book", orderBook),
  publicGet("/api/v4/futures/usdt/trades", trades),
  publicGet("/api/v4/futures/usdt/candlesticks", candlesticks),
  publicGet("/api/v4/futures/usdt/funding_rate", fundingRates),
  publicGet("/api/v4/futures/usdt/insurance", insurance),
  publicGet("/api/v4/futures/usdt/liq_orders", liquidations),
  publicGet("/api/v4/futures/usdt/risk_limit_tiers", (call) => listed(call).map(riskTierObject)),
  publicGet("/api/v4/spot/currencies", currencies),
  // Gate has other products too, of which there are none here: clients that ask for all get empty lists.
  publicGet("/api/v4/spot/currency_pairs", nothing),
  publicGet("/api/v4/margin/currency_pairs", nothing),
  publicGet("/api/v4/futures/btc/contracts", nothing),
  publicGet("/api/v4/delivery/usdt/contracts", nothing),
  publicGet("/api/v4/delivery/btc/contracts", nothing),
  publicGet("/api/v4/options/underlyings", nothing),
];
