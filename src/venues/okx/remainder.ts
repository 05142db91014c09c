import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import { wireDecimal, wireId } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { allRows, get, post, rowsOf } from "./requests.ts";
import { read } from "./web-utils.ts";

const id = wireId;
const wirePosition = z.object({ instId: id, pos: wireDecimal });
const wireOrder = z.object({ instId: id, instType: z.string().nullish(), ordId: id });
const wireAlgoOrder = z.object({ instId: id, instType: z.string().nullish(), algoId: id });

const isDerivative = ({ instType }: { readonly instType?: string | null | undefined }) => instType !== "SPOT";

/**
 * Conditional orders, each kind in a list of its own, and what stands on instruments that are not listed or of another
 * kind: other settle coins, dated futures, options, margin (docs, algo trading; not seen live).
 */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder(context) {
    const lists = new AccountLists(context);
    const conditional = constants.ALGO_ORDER_TYPES.map((ordType) => {
      const ask = () => allRows(context, constants.OPEN_ALGO_ORDERS_PATH_URL, { ordType }, "algoId");
      return lists.lookForConditionalOrders(`conditional orders of type ${ordType}`, ask, (row) => {
        const order = read("a conditional order", wireAlgoOrder, row);
        return isDerivative(order) ? { conditionalOrderId: order.algoId, symbol: order.instId } : undefined;
      });
    });
    const askOrders = () => allRows(context, constants.OPEN_ORDERS_PATH_URL, {}, "ordId");
    const orders = lists.lookElsewhere("orders", askOrders, (row) => {
      const order = read("an order", wireOrder, row);
      return isDerivative(order) ? { symbol: order.instId, what: `order ${order.ordId}` } : undefined;
    });
    const askPositions = () => rowsOf(context, get(constants.POSITIONS_PATH_URL, {}));
    const positions = lists.lookElsewhere("positions", askPositions, (row) => {
      const { instId, pos } = read("a position", wirePosition, row);
      return pos.isZero() ? undefined : { symbol: instId, what: `a position of ${pos.toFixed()} contracts` };
    });
    await Promise.all([...conditional, orders, positions]);
    return lists.remainder;
  },

  cancelConditionalOrder(_markets, { symbol: instId, conditionalOrderId: algoId }) {
    const request = post(constants.CANCEL_ALGO_ORDERS_PATH_URL, [{ instId, algoId }], "cancel");
    return { kind: "rest", request, parse: () => undefined };
  },
};
