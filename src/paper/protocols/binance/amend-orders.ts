import type { OrderView } from "../../engine/types.ts";
import type { Execute, ProtocolContext } from "./context.ts";
import { ApiError, invalidParameter, refused } from "./errors.ts";
import { cancel, type OrderCall, readReference, refusalIn } from "./order-calls.ts";
import { checkPrice, checkQuantity, isNotionalTooSmall } from "./order-checks.ts";
import { amendResponse, isReduceOnly, orderResponse } from "./order-objects.ts";
import { readQuantity } from "./order-request.ts";
import { readLimitPrice, readPriceMatch } from "./order-terms.ts";
import type { Parameters } from "./parameters.ts";
import { plainNotional } from "./rules.ts";
import type { ListedSymbol } from "./symbols.ts";
import type { WireObject } from "./wire.ts";

const MAX_AMENDMENTS = 10_000;

interface Change {
  readonly price: bigint;
  readonly size: bigint;
  readonly priceMatch: string | undefined;
  /** The caller's own number of the change. */
  readonly modifyId: number | undefined;
}

/** Changes price and quantity of an open limit order, which keeps its id. Both must be sent, and its side. */
export async function amendOrder({ context, login, parameters }: OrderCall): Promise<WireObject> {
  const listed = context.symbols.required(parameters);
  const side = parameters.requiredText("side").toLowerCase();
  const reference = readReference(parameters);
  const find = () => context.orderNames.find(login.accountId, listed.spec.market, reference, context.now());
  const known = find();
  if (known?.status !== "open") throw refused(-2013);
  if (side !== known.side) throw invalidParameter("side");
  const change: Change = {
    price: readLimitPrice(context, parameters, listed, known.side),
    size: readQuantity(parameters, listed),
    priceMatch: readPriceMatch(parameters, "limit"),
    modifyId: parameters.integer("modifyId"),
  };
  checkQuantity(listed, change.size, "limit");
  checkPrice(context.symbols.view(listed), listed, known.side, change.price);
  checkNotional(parameters, listed, known, change);
  const changed = await context.orderNames.changing(known.orderId, () =>
    context.submit((execute) => {
      const order = find();
      if (order?.status !== "open") throw refused(-2013);
      return amend(context, execute, order, change);
    }),
  );
  if (changed === undefined) throw refused(-5043);
  return changed;
}

/** The flag lifts the minimum notional from an order that is reduce-only; it changes none. */
function checkNotional(parameters: Parameters, listed: ListedSymbol, order: OrderView, { size, price }: Change): void {
  const isExempt = parameters.flag("reduceOnly") === true;
  if (isExempt && !isReduceOnly(order)) throw refused(-5047);
  if (isExempt || !isNotionalTooSmall(listed, size, price)) return;
  const least = plainNotional(listed.spec.minNotional);
  throw new ApiError(400, -5029, `Order's notional must be no smaller than ${least}`);
}

/** A quantity that is filled already cancels the order, as Binance documents. */
function amend(context: ProtocolContext, execute: Execute, order: OrderView, change: Change): WireObject {
  const { accountId, orderId } = order;
  const { price, size, priceMatch, modifyId } = change;
  const { orderNames } = context;
  if (orderNames.amendmentsOf(order).length >= MAX_AMENDMENTS) throw refused(-5026);
  if (size <= order.filled) return orderResponse(context, cancel(context, execute, order));
  orderNames.noteModifyId(orderId, modifyId);
  const events = execute({ type: "amendOrder", accountId, orderId, price, size });
  const amended = context.engine.order(accountId, orderId);
  if (amended === undefined || events.some(({ type }) => type === "refused")) throw refusalIn(events);
  if (amended.closeReason === "postOnly") throw refused(-5022);
  orderNames.notePriceMatch(orderId, priceMatch);
  orderNames.noteAmendment(order, amended, context.now());
  return amendResponse(context, amended, modifyId);
}
