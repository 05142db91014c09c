import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import { wireDecimal, wireIntegerId } from "../../net/wire.ts";
import { CONDITIONAL_ORDERS_PATH_URL, ORDERS_PATH_URL, POSITIONS_PATH_URL, REQUESTS_LIMIT_ID } from "./constants.ts";
import { get, read, wireRows } from "./requests.ts";

/** Made once: a schema that was made for each list took as long as its rows. */

const wirePosition = z.object({ future: z.string(), netSize: wireDecimal });
const wireOrder = z.object({ id: wireIntegerId, market: z.string() });

/** Spot markets are named BASE/QUOTE; they are no part of what a connector to perpetuals holds. */
const isDerivative = ({ market }: { readonly market: string }) => !market.includes("/");

/** Conditional orders, and what stands on futures that are not perpetual or not listed. */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder(context) {
    const lists = new AccountLists(context);
    const listOf = (path: string) => async () =>
      read(`GET ${path}`, wireRows, await context.api.send(get(path), context.signal));
    await Promise.all([
      lists.lookForConditionalOrders("conditional orders", listOf(CONDITIONAL_ORDERS_PATH_URL), (row) => {
        const order = read("a conditional order", wireOrder, row);
        return isDerivative(order) ? { conditionalOrderId: order.id, symbol: order.market } : undefined;
      }),
      lists.lookElsewhere("orders", listOf(ORDERS_PATH_URL), (row) => {
        const order = read("an order", wireOrder, row);
        return isDerivative(order) ? { symbol: order.market, what: `order ${order.id}` } : undefined;
      }),
      lists.lookElsewhere("positions", listOf(POSITIONS_PATH_URL), (row) => {
        const { future, netSize } = read("a position", wirePosition, row);
        return netSize.isZero() ? undefined : { symbol: future, what: `a position of ${netSize.toFixed()}` };
      }),
    ]);
    return lists.remainder;
  },

  cancelConditionalOrder(_markets, { conditionalOrderId }) {
    const path = `${CONDITIONAL_ORDERS_PATH_URL}/${conditionalOrderId}`;
    const request = {
      method: "DELETE",
      path,
      isAuthRequired: true,
      limitId: REQUESTS_LIMIT_ID,
      lane: "cancel",
    } as const;
    return { kind: "rest", request, parse: () => undefined };
  },
};
