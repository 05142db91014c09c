import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireDecimal } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { allRows, get, type Params, post } from "./requests.ts";
import { read } from "./web-utils.ts";

const id = z.string().min(1);
const wirePositions = z.array(z.object({ symbol: id, size: wireDecimal }));
const wireOrders = z.array(z.object({ symbol: id, orderId: id, stopOrderType: z.string().nullish() }));

const LINEAR: readonly Params[] = constants.SETTLE_COINS.map((settleCoin) => ({ settleCoin }));
/** Categories that share the account and are not traded here. */
const OTHERS: readonly Params[] = [{ category: "inverse" }, { category: "option" }];
const nameOf = ({ category, settleCoin }: Params) => String(category ?? settleCoin);

async function ordersOf(context: VenueContext, params: Params) {
  const rows = await allRows(context, get(constants.OPEN_ORDERS_PATH_URL, { ...params, limit: 50 }));
  return read(`GET ${constants.OPEN_ORDERS_PATH_URL}`, wireOrders, rows);
}

async function openPositionsOf(context: VenueContext, params: Params) {
  const rows = await allRows(context, get(constants.POSITIONS_PATH_URL, { ...params, limit: 200 }));
  return read(`GET ${constants.POSITIONS_PATH_URL}`, wirePositions, rows).filter(({ size }) => size.gt(0));
}

/** Conditional orders, and what stands on markets that are not listed or of another category: inverse, options. */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder(context) {
    const lists = new AccountLists(context.session);
    const conditional = LINEAR.map((params) =>
      lists.lookForConditionalOrders(`conditional orders in ${nameOf(params)}`, async () => {
        const rows = await ordersOf(context, { ...params, orderFilter: "StopOrder" });
        // Rows of other orders have no such type, or "UNKNOWN".
        const waiting = rows.filter(({ stopOrderType: type }) => Boolean(type) && type !== "UNKNOWN");
        return waiting.map(({ symbol, orderId }) => ({ conditionalOrderId: orderId, symbol }));
      }),
    );
    const elsewhere = [...LINEAR, ...OTHERS].flatMap((params) => [
      lists.lookElsewhere(`orders in ${nameOf(params)}`, async () => {
        const rows = await ordersOf(context, params);
        return rows.map(({ symbol, orderId }) => ({ symbol, what: `order ${orderId}` }));
      }),
      lists.lookElsewhere(`positions in ${nameOf(params)}`, async () => {
        const rows = await openPositionsOf(context, params);
        return rows.map(({ symbol, size }) => ({ symbol, what: `a position of ${size.toFixed()}` }));
      }),
    ]);
    await Promise.all([...conditional, ...elsewhere]);
    return lists.remainder;
  },

  cancelConditionalOrder(_session, { symbol, conditionalOrderId: orderId }) {
    const request = post(constants.CANCEL_ORDER_PATH_URL, { symbol, orderId }, "cancel");
    return { kind: "rest", request, parse: () => undefined };
  },
};
