import { z } from "zod";
import type { VenueDerivative } from "../../connector/perpetual-venue.ts";
import { ProtocolError } from "../../model/error.ts";
import { AccountLists } from "../../net/account-lists.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireDecimal, wireIntegerId, wireSymbol } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { assetOf } from "./markets.ts";
import { canceledOf, onlyStatus } from "./orders.ts";
import { ofUser, post, rowsOf, wireList } from "./requests.ts";
import { flatRow, TRIGGERED } from "./rows.ts";
import { question, read } from "./web-utils.ts";

const wireOrder = z.object({
  coin: wireSymbol,
  oid: wireIntegerId,
  isTrigger: z.boolean().nullish(),
  triggerCondition: z.string().nullish(),
});
const wirePosition = z.object({ coin: wireSymbol, szi: wireDecimal });
const wireState = z.object({ assetPositions: wireList });
const wireExchange = z.object({ name: z.string().min(1) });

/** The main exchange has no name; others are those that builders deployed. */
type Exchange = { readonly dex?: string | undefined };

const isMain = ({ dex }: Exchange): boolean => dex === undefined;
const nameOf = (exchange: Exchange): string => (isMain(exchange) ? "" : ` on ${exchange.dex}`);

const openOrdersOf = (context: VenueContext, exchange: Exchange) => () =>
  rowsOf(context, ofUser(context, "frontendOpenOrders", exchange));

function lookAt(context: VenueContext, lists: AccountLists, exchange: Exchange): readonly Promise<void>[] {
  const askPositions = async () => {
    const payload = await context.api.send(ofUser(context, "clearinghouseState", exchange), context.signal);
    return read("clearinghouseState", wireState, payload).assetPositions;
  };
  return [
    lists.lookForOrders(`orders${nameOf(exchange)}`, openOrdersOf(context, exchange), (row) => {
      const { coin: symbol, oid, isTrigger, triggerCondition } = read("an order", wireOrder, row);
      const isConditional = isMain(exchange) && isTrigger === true && triggerCondition !== TRIGGERED;
      return { symbol, what: `order ${oid}`, conditionalOrderId: isConditional ? oid : undefined };
    }),
    lists.lookElsewhere(`positions${nameOf(exchange)}`, askPositions, (row) => {
      const { coin: symbol, szi } = read("a position", wirePosition, flatRow(row, "position"));
      return szi.isZero() ? undefined : { symbol, what: `a position of ${szi.toFixed()}` };
    }),
  ];
}

/** Exchanges that share the account, of which the first row is the main one: null. */
async function otherExchanges(context: VenueContext): Promise<readonly unknown[]> {
  return (await rowsOf(context, question("perpDexs"))).filter((row) => row !== null);
}

/** Conditional orders, and what stands on markets that are not listed or on exchanges that builders deployed. */
export const remainder: Required<Pick<VenueDerivative, "fetchRemainder" | "cancelConditionalOrder">> = {
  async fetchRemainder(context) {
    const lists = new AccountLists(context);
    const others: Exchange[] = [];
    const named = lists.lookElsewhere(
      "other exchanges",
      () => otherExchanges(context),
      (row) => {
        others.push({ dex: read("an exchange", wireExchange, row).name });
        return undefined;
      },
    );
    await Promise.all([named, ...lookAt(context, lists, {})]);
    await Promise.all(others.flatMap((exchange) => lookAt(context, lists, exchange)));
    return lists.remainder;
  },

  cancelConditionalOrder(markets, { symbol, conditionalOrderId }) {
    const market = markets.bySymbol.get(symbol);
    if (market === undefined) {
      const options = { venue: constants.VENUE, outcome: "definite" } as const;
      throw new ProtocolError(
        `the market of conditional order ${conditionalOrderId}, ${symbol}, is not known`,
        options,
      );
    }
    const request = post(
      { type: "cancel", cancels: [{ a: assetOf(market), o: Number(conditionalOrderId) }] },
      { lane: "cancel" },
    );
    return { kind: "rest", request, parse: (answer) => canceledOf(onlyStatus(answer)) };
  },
};
