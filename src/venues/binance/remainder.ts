import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import { wireDecimal, wireId } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { get, rest, sendCancel } from "./requests.ts";
import { read } from "./web-utils.ts";

const wirePositions = z.array(z.object({ symbol: z.string(), positionAmt: wireDecimal }));
const wireOrders = z.array(z.object({ symbol: z.string(), orderId: wireId }));
const wireAlgoOrders = z.array(z.object({ symbol: z.string(), algoId: wireId }));

/**
 * Conditional orders, which have a service of their own since 2025-12, and what stands on symbols that are not perpetual
 * or not listed (docs, open algo orders; not seen live).
 */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder({ api, session, signal }) {
    const lists = new AccountLists(session);
    await Promise.all([
      lists.lookForConditionalOrders("conditional orders", async () => {
        const payload = await api.send(get(constants.OPEN_ALGO_ORDERS_PATH_URL, 40), signal);
        const rows = read("GET /fapi/v1/openAlgoOrders", wireAlgoOrders, payload);
        return rows.map(({ symbol, algoId }) => ({ conditionalOrderId: algoId, symbol }));
      }),
      lists.lookElsewhere("orders", async () => {
        const payload = await api.send(get(constants.OPEN_ORDERS_PATH_URL, 40), signal);
        const rows = read("GET /fapi/v1/openOrders", wireOrders, payload);
        return rows.map(({ symbol, orderId }) => ({ symbol, what: `order ${orderId}` }));
      }),
      lists.lookElsewhere("positions", async () => {
        const payload = await api.send(get(constants.POSITIONS_PATH_URL, 5), signal);
        const rows = read("GET /fapi/v3/positionRisk", wirePositions, payload);
        const open = rows.filter(({ positionAmt }) => !positionAmt.isZero());
        return open.map(({ symbol, positionAmt }) => ({ symbol, what: `a position of ${positionAmt.toFixed()}` }));
      }),
    ]);
    return lists.remainder;
  },

  cancelConditionalOrder: (_session, { conditionalOrderId }) =>
    rest(sendCancel(constants.ALGO_ORDER_PATH_URL, { algoId: conditionalOrderId }), () => undefined),
};
