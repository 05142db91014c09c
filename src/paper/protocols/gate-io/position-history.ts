import { formatAmount } from "../../engine/amount.ts";
import { type Lifetime, lifetimesOf } from "../position-lifetimes.ts";
import { type PrivateCall, privateRoute, type Route } from "./context.ts";
import { contractOf, marketOf, sizeValue } from "./contracts.ts";
import type { Forced } from "./forced-log.ts";
import { liquidationObject } from "./market-objects.ts";
import { wantedMarket } from "./order-lists.ts";
import { pageOf, readPage, readSpan } from "./parameters.ts";
import { PRIVATE_LIMIT } from "./rate-limit.ts";
import { averageOf, type WireObject, type WireValue, wholeSeconds } from "./wire.ts";

/** Closed positions, newest first. */
function closes(call: PrivateCall): WireValue {
  const { context, parameters, login } = call;
  const market = wantedMarket(call);
  const isInSpan = readSpan(parameters);
  const side = parameters.oneOf("side", ["long", "short"]);
  const rows = lifetimesOf(context.ledger.log(login.accountId))
    .filter((each) => each.size === 0n && isInSpan(each.updatedMs))
    .filter((each) => (market ?? each.market) === each.market && (side ?? sideOf(each)) === sideOf(each))
    .sort((left, right) => right.updatedMs - left.updatedMs);
  return pageOf(rows, readPage(parameters)).map((each) => closeRow(call, each));
}

const sideOf = ({ isLong }: Lifetime): string => (isLong ? "long" : "short");

function closeRow({ context, form }: PrivateCall, lifetime: Lifetime): WireObject {
  const { realized, funding, fees, openCost, opened, closeCost, closed, isLong } = lifetime;
  const market = marketOf(context.engine, lifetime.market);
  const [opening, closing] = [averageOf(openCost, opened), averageOf(closeCost, closed)].map(formatAmount);
  return {
    time: wholeSeconds(lifetime.updatedMs),
    contract: contractOf(market),
    side: sideOf(lifetime),
    pnl: formatAmount(realized + funding - fees),
    pnl_pnl: formatAmount(realized),
    pnl_fund: formatAmount(funding),
    pnl_fee: formatAmount(-fees),
    text: lifetime.last.clientId ?? "web",
    max_size: sizeValue(lifetime.most, market, form),
    accum_size: sizeValue(opened, market, form),
    first_open_time: wholeSeconds(lifetime.openedMs),
    long_price: isLong ? opening : closing,
    short_price: isLong ? closing : opening,
  };
}

function forcedRows(call: PrivateCall, type: Forced["type"]): WireValue {
  const { context, parameters, login } = call;
  const market = wantedMarket(call);
  const isInSpan = readSpan(parameters);
  const rows = context.forced.rows(
    (each) =>
      each.type === type &&
      each.accountId === login.accountId &&
      (market ?? each.market) === each.market &&
      isInSpan(each.timeMs),
  );
  return pageOf(rows, readPage(parameters)).map((each) => forcedObject(call, each));
}

/** The row of a liquidation, or of auto-deleveraging, of the account's own. */
export function forcedObject({ context, form }: Pick<PrivateCall, "context" | "form">, forced: Forced): WireObject {
  const market = marketOf(context.engine, forced.market);
  const order = context.engine.order(forced.accountId, forced.orderId);
  const entry_price = formatAmount(averageOf(order?.filledCost ?? 0n, order?.filled ?? 0n));
  const order_id = context.ids.orderNumber(forced.orderId);
  const user = String(context.accounts.identifier(forced.accountId));
  if (forced.type === "liquidated") {
    const common = liquidationObject(market, forced, forced.timeMs, form);
    const mark_price = formatAmount(market.mark);
    return { ...common, order_id, entry_price, mark_price, liq_price: mark_price, margin: "0", leverage: "0", user };
  }
  return {
    time: wholeSeconds(forced.timeMs),
    time_ms: Math.floor(forced.timeMs),
    user,
    order_id,
    contract: contractOf(market),
    leverage: "0",
    cross_leverage_limit: "0",
    entry_price,
    fill_price: formatAmount(forced.price),
    trade_size: sizeValue(-forced.size, market, form),
    position_size: sizeValue(forced.leftSize, market, form),
  };
}

export const positionHistoryRoutes: readonly Route[] = [
  privateRoute("GET", "/api/v4/futures/usdt/position_close", PRIVATE_LIMIT, closes),
  privateRoute("GET", "/api/v4/futures/usdt/liquidates", PRIVATE_LIMIT, (call) => forcedRows(call, "liquidated")),
  privateRoute("GET", "/api/v4/futures/usdt/auto_deleverages", PRIVATE_LIMIT, (call) =>
    forcedRows(call, "deleveraged"),
  ),
];
