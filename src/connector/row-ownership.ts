import type { TradingPair } from "../model/market.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { ClientOrderIdFactory } from "../trading/client-order-id.ts";
import type { ClientOrderTracker } from "../trading/client-order-tracker.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import { originalClientOrderId } from "../trading/order-ids.ts";

export interface RowOwnershipOptions {
  readonly tracker: Pick<ClientOrderTracker, "orderByClientId" | "orderByExchangeId" | "activeOrders">;
  readonly clientOrderIds: Pick<ClientOrderIdFactory, "isOwn">;
  readonly markets: () => VenueMarkets;
  readonly tradingPairs: () => readonly TradingPair[];
  readonly collateralTokens: readonly string[];
}

/** The order of ours that an unreadable row names. */
export function orderOfRow(options: RowOwnershipOptions, row: UnreadableRow): InFlightOrder | undefined {
  const { tracker } = options;
  const { clientOrderId, exchangeOrderId, symbol } = row;
  if (clientOrderId != null) {
    const order =
      tracker.orderByClientId(clientOrderId) ?? tracker.orderByClientId(originalClientOrderId(clientOrderId));
    if (order !== undefined) return order;
  }
  if (exchangeOrderId == null) return undefined;
  const { byPair, bySymbol } = options.markets();
  const market = symbol == null ? undefined : bySymbol.get(symbol);
  const pairs = market === undefined ? byPair.keys() : [market.tradingPair];
  for (const tradingPair of pairs) {
    const order = tracker.orderByExchangeId(tradingPair, exchangeOrderId);
    if (order !== undefined) return order;
  }
  return undefined;
}

/**
 * Tells that a row which cannot be read may be about an order or a position of this connector. A row that names its
 * owner is believed; any other may be anybody's, ours too.
 */
export function mayBeOurs(options: RowOwnershipOptions, row: UnreadableRow): boolean {
  switch (row.subject ?? "other") {
    case "order":
    case "fill":
      return mayBeOurOrder(options, row);
    case "position":
    case "fundingPayment":
      return isFollowed(options, row);
    case "balance":
      return row.asset == null || options.collateralTokens.includes(row.asset);
    case "other":
      return false;
  }
}

function mayBeOurOrder(options: RowOwnershipOptions, row: UnreadableRow): boolean {
  const { clientOrderId, exchangeOrderId } = row;
  if (orderOfRow(options, row) !== undefined) return true;
  if (clientOrderId != null) return options.clientOrderIds.isOwn(originalClientOrderId(clientOrderId));
  // The venue says that it is of no order at all: a settlement, a trade of the venue's own.
  if (exchangeOrderId === null) return false;
  if (exchangeOrderId === undefined) return true;
  // An order that has no exchange id yet may be the one that the row names.
  return isFollowed(options, row) && options.tracker.activeOrders.some((order) => order.exchangeOrderId === undefined);
}

function isFollowed({ markets, tradingPairs }: RowOwnershipOptions, { symbol }: UnreadableRow): boolean {
  const market = symbol == null ? undefined : markets().bySymbol.get(symbol);
  if (symbol == null) return true;
  return market !== undefined && tradingPairs().includes(market.tradingPair);
}
