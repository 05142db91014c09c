import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import { wireDecimal, wireId } from "../../net/wire.ts";
import { CONDITIONAL_ORDERS_PATH_URL, ORDERS_PATH_URL, POSITIONS_PATH_URL, REQUESTS_LIMIT_ID } from "./constants.ts";
import { get, read } from "./requests.ts";

const wirePositions = z.array(z.object({ future: z.string(), netSize: wireDecimal }));
const wireOrders = z.array(z.object({ id: wireId, market: z.string() }));

/** Spot markets are named BASE/QUOTE; they are no part of what a connector to perpetuals holds. */
const isDerivative = ({ market }: { readonly market: string }) => !market.includes("/");

/** Conditional orders, and what stands on futures that are not perpetual or not listed. */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder({ api, session, signal }) {
    const lists = new AccountLists(session);
    const ordersOf = async (path: string) =>
      read(`GET ${path}`, wireOrders, await api.send(get(path), signal)).filter(isDerivative);
    await Promise.all([
      lists.lookForConditionalOrders("conditional orders", async () => {
        const rows = await ordersOf(CONDITIONAL_ORDERS_PATH_URL);
        return rows.map(({ id, market }) => ({ conditionalOrderId: id, symbol: market }));
      }),
      lists.lookElsewhere("orders", async () => {
        const rows = await ordersOf(ORDERS_PATH_URL);
        return rows.map(({ id, market }) => ({ symbol: market, what: `order ${id}` }));
      }),
      lists.lookElsewhere("positions", async () => {
        const rows = read("GET /positions", wirePositions, await api.send(get(POSITIONS_PATH_URL), signal));
        const open = rows.filter(({ netSize }) => !netSize.isZero());
        return open.map(({ future, netSize }) => ({ symbol: future, what: `a position of ${netSize.toFixed()}` }));
      }),
    ]);
    return lists.remainder;
  },

  cancelConditionalOrder(_session, { conditionalOrderId }) {
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
