import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import { wireDecimal, wireIntegerId } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { get, rest, rowsOf, sendCancel } from "./requests.ts";
import { read } from "./web-utils.ts";

const wirePosition = z.object({ symbol: z.string(), positionAmt: wireDecimal });
const wireOrder = z.object({ symbol: z.string(), orderId: wireIntegerId });
const wireAlgoOrder = z.object({ symbol: z.string(), algoId: wireIntegerId });

/**
 * Conditional orders, which have a service of their own since 2025-12, and what stands on symbols that are not perpetual
 * or not listed (docs, open algo orders; not seen live).
 */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder(context) {
    const lists = new AccountLists(context);
    const listOf = (path: string, weight: number) => async () =>
      rowsOf(`GET ${path}`, await context.api.send(get(path, weight), context.signal));
    await Promise.all([
      lists.lookForConditionalOrders("conditional orders", listOf(constants.OPEN_ALGO_ORDERS_PATH_URL, 40), (row) => {
        const { symbol, algoId } = read("a conditional order", wireAlgoOrder, row);
        return { conditionalOrderId: algoId, symbol };
      }),
      lists.lookElsewhere("orders", listOf(constants.OPEN_ORDERS_PATH_URL, 40), (row) => {
        const { symbol, orderId } = read("an order", wireOrder, row);
        return { symbol, what: `order ${orderId}` };
      }),
      lists.lookElsewhere("positions", listOf(constants.POSITIONS_PATH_URL, 5), (row) => {
        const { symbol, positionAmt } = read("a position", wirePosition, row);
        return positionAmt.isZero() ? undefined : { symbol, what: `a position of ${positionAmt.toFixed()}` };
      }),
    ]);
    return lists.remainder;
  },

  cancelConditionalOrder: (_markets, { conditionalOrderId }) =>
    rest(sendCancel(constants.ALGO_ORDER_PATH_URL, { algoId: conditionalOrderId }), () => undefined),
};
