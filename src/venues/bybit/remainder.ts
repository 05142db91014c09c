import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import { wireDecimal, wireId } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { allRows, get, type Params, post } from "./requests.ts";
import { read } from "./web-utils.ts";

const id = wireId;
const wirePosition = z.object({ symbol: id, size: wireDecimal });
const wireOrder = z.object({ symbol: id, orderId: id, stopOrderType: z.string().nullish() });

const LINEAR: readonly Params[] = constants.SETTLE_COINS.map((settleCoin) => ({ settleCoin }));
/** Categories that share the account and are not traded here. */
const OTHERS: readonly Params[] = [{ category: "inverse" }, { category: "option" }];
const nameOf = ({ category, settleCoin }: Params) => String(category ?? settleCoin);

/** Rows of other orders have no such type, or "UNKNOWN". */
const isWaiting = ({ stopOrderType: type }: z.output<typeof wireOrder>) => Boolean(type) && type !== "UNKNOWN";

/** Conditional orders, and what stands on markets that are not listed or of another category: inverse, options. */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder(context) {
    const lists = new AccountLists(context);
    const ordersOf = (params: Params) => () =>
      allRows(context, get(constants.OPEN_ORDERS_PATH_URL, { ...params, limit: 50 }));
    const positionsOf = (params: Params) => () =>
      allRows(context, get(constants.POSITIONS_PATH_URL, { ...params, limit: 200 }));
    const conditional = LINEAR.map((params) => {
      const list = `conditional orders in ${nameOf(params)}`;
      return lists.lookForConditionalOrders(list, ordersOf({ ...params, orderFilter: "StopOrder" }), (row) => {
        const order = read("a conditional order", wireOrder, row);
        return isWaiting(order) ? { conditionalOrderId: order.orderId, symbol: order.symbol } : undefined;
      });
    });
    const elsewhere = [...LINEAR, ...OTHERS].flatMap((params) => [
      lists.lookElsewhere(`orders in ${nameOf(params)}`, ordersOf(params), (row) => {
        const { symbol, orderId } = read("an order", wireOrder, row);
        return { symbol, what: `order ${orderId}` };
      }),
      lists.lookElsewhere(`positions in ${nameOf(params)}`, positionsOf(params), (row) => {
        const { symbol, size } = read("a position", wirePosition, row);
        return size.gt(0) ? { symbol, what: `a position of ${size.toFixed()}` } : undefined;
      }),
    ]);
    await Promise.all([...conditional, ...elsewhere]);
    return lists.remainder;
  },

  cancelConditionalOrder(_markets, { symbol, conditionalOrderId: orderId }) {
    const request = post(constants.CANCEL_ORDER_PATH_URL, { symbol, orderId }, "cancel");
    return { kind: "rest", request, parse: () => undefined };
  },
};
