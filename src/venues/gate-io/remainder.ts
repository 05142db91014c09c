import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { AccountLists } from "../../net/account-lists.ts";
import { wireDecimal, wireIntegerId, wireSymbol } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { allRows, get, itemOf } from "./requests.ts";
import { closesAll, wireClosing } from "./rows.ts";
import { read } from "./web-utils.ts";

const wirePosition = z.object({ contract: wireSymbol, size: wireDecimal });
const wireOrder = z.object({ contract: wireSymbol, id: wireIntegerId });
/** Beginning of the ids by which orders that close whatever there is are told: price orders have ids of their own. */
const CLOSING_ORDER = "order:";
/** `id_string` is there for readers whose numbers end at 2^53 (docs, price orders). */
const wirePriceOrder = z.object({
  id: wireIntegerId,
  id_string: wireIntegerId.nullish(),
  initial: z.object({ contract: wireSymbol }),
});

/**
 * Price orders, which wait for a trigger, orders that close whatever there is, and what stands on contracts that are not
 * listed.
 */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder(context) {
    const lists = new AccountLists(context);
    const askPriceOrders = () =>
      allRows(context, get(constants.PRICE_ORDERS_PATH_URL, { status: "open" }), constants.POSITIONS_PAGE_SIZE);
    const conditional = lists.lookForConditionalOrders("price orders", askPriceOrders, (row) => {
      const { id, id_string, initial } = read("a price order", wirePriceOrder, row);
      return { conditionalOrderId: id_string ?? id, symbol: initial.contract };
    });
    const askOrders = () => allRows(context, get(constants.ORDERS_PATH_URL, { status: "open" }));
    const orders = lists.lookForOrders("orders", askOrders, (row) => {
      const { contract: symbol, id } = read("an order", wireOrder, row);
      const isClosing = closesAll(read("an order", wireClosing, row));
      return { symbol, what: `order ${id}`, conditionalOrderId: isClosing ? `${CLOSING_ORDER}${id}` : undefined };
    });
    const askPositions = () => allRows(context, get(constants.POSITIONS_PATH_URL), constants.POSITIONS_PAGE_SIZE);
    const positions = lists.lookElsewhere("positions", askPositions, (row) => {
      const { contract: symbol, size } = read("a position", wirePosition, row);
      return size.isZero() ? undefined : { symbol, what: `a position of ${size.toFixed()} contracts` };
    });
    await Promise.all([conditional, orders, positions]);
    return lists.remainder;
  },

  cancelConditionalOrder(_markets, { conditionalOrderId }) {
    const isClosing = conditionalOrderId.startsWith(CLOSING_ORDER);
    const id = isClosing ? conditionalOrderId.slice(CLOSING_ORDER.length) : conditionalOrderId;
    const path = isClosing ? constants.ORDERS_PATH_URL : constants.PRICE_ORDERS_PATH_URL;
    const limitId = isClosing ? constants.CANCELS_LIMIT_ID : path;
    return {
      kind: "rest",
      request: { ...get(itemOf(path, id), undefined, limitId), method: "DELETE", lane: "cancel" },
      parse: () => undefined,
    };
  },
};
