import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import { wireDecimal } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { allRows, get, post, rowsOf } from "./requests.ts";
import { read } from "./web-utils.ts";

const id = z.string().min(1);
const wirePositions = z.array(z.object({ instId: id, pos: wireDecimal }));
const wireOrders = z.array(z.object({ instId: id, instType: z.string().nullish(), ordId: id }));
const wireAlgoOrders = z.array(z.object({ instId: id, instType: z.string().nullish(), algoId: id }));

const isDerivative = ({ instType }: { readonly instType?: string | null | undefined }) => instType !== "SPOT";

/**
 * Conditional orders, each kind in a list of its own, and what stands on instruments that are not listed or of another
 * kind: other settle coins, dated futures, options, margin (docs, algo trading; not seen live).
 */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder(context) {
    const lists = new AccountLists(context.session);
    const conditional = constants.ALGO_ORDER_TYPES.map((ordType) =>
      lists.lookForConditionalOrders(`conditional orders of type ${ordType}`, async () => {
        const rows = await allRows(context, constants.OPEN_ALGO_ORDERS_PATH_URL, { ordType }, "algoId");
        const orders = read(`GET ${constants.OPEN_ALGO_ORDERS_PATH_URL}`, wireAlgoOrders, rows).filter(isDerivative);
        return orders.map(({ instId, algoId }) => ({ conditionalOrderId: algoId, symbol: instId }));
      }),
    );
    const orders = lists.lookElsewhere("orders", async () => {
      const rows = await allRows(context, constants.OPEN_ORDERS_PATH_URL, {}, "ordId");
      const open = read(`GET ${constants.OPEN_ORDERS_PATH_URL}`, wireOrders, rows).filter(isDerivative);
      return open.map(({ instId, ordId }) => ({ symbol: instId, what: `order ${ordId}` }));
    });
    const positions = lists.lookElsewhere("positions", async () => {
      const rows = await rowsOf(context, get(constants.POSITIONS_PATH_URL, {}));
      const open = read("positions", wirePositions, rows).filter(({ pos }) => !pos.isZero());
      return open.map(({ instId, pos }) => ({ symbol: instId, what: `a position of ${pos.toFixed()} contracts` }));
    });
    await Promise.all([...conditional, orders, positions]);
    return lists.remainder;
  },

  cancelConditionalOrder(_session, { symbol: instId, conditionalOrderId: algoId }) {
    const request = post(constants.CANCEL_ALGO_ORDERS_PATH_URL, [{ instId, algoId }], "cancel");
    return { kind: "rest", request, parse: () => undefined };
  },
};
