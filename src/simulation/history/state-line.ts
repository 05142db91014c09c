import type { BookShown, Level, OrderShown, StateLine } from "../../checker/history.ts";
import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import type { BookLevel, OrderBook } from "../../market-data/order-book.ts";
import type { InFlightOrder } from "../../trading/in-flight-order.ts";

const BOOK_LEVELS = 20;

/**
 * State that a connector shows at a moment; ended orders, funding and the day's result only where it is to be exact.
 */
export function stateOf(
  connector: PerpetualConnector,
  when: StateLine["when"],
): Omit<StateLine, "t" | "host" | "life"> {
  const isWhole = when !== "look";
  const orders = [
    ...connector.inFlightOrders.values(),
    ...connector.lostOrders,
    ...(isWhole ? connector.doneOrders : []),
  ];
  return {
    kind: "state",
    when,
    ready: connector.ready,
    orders: orders.map(orderOf),
    external: connector.externalOrders().map(({ exchangeOrderId, clientOrderId, tradingPair }) => ({
      exchangeId: exchangeOrderId,
      id: clientOrderId ?? null,
      pair: tradingPair,
    })),
    positions: connector.positions().map(({ tradingPair, side, amount, entryPrice }) => ({
      pair: tradingPair,
      side,
      amount: amount.toFixed(),
      entry: entryPrice.toFixed(),
    })),
    balances: connector.balances().map(({ asset, total, available }) => ({
      asset,
      total: total.toFixed(),
      available: available.toFixed(),
    })),
    books: connector.tradingPairs.map((pair) => bookOf(pair, connector.orderBook(pair))),
    ...(isWhole ? exactFigures(connector) : {}),
  };
}

function exactFigures(connector: PerpetualConnector): Pick<StateLine, "dailyResult" | "funding"> {
  const { result, isComplete } = connector.dailyResult;
  return {
    dailyResult: { result: result.toFixed(), isComplete },
    funding: connector.fundingPayments().map(({ paymentId, tradingPair, amount }) => ({
      id: paymentId,
      pair: tradingPair,
      amount: amount.toFixed(),
    })),
  };
}

function orderOf(order: InFlightOrder): OrderShown {
  return {
    id: order.clientOrderId,
    exchangeId: order.exchangeOrderId ?? null,
    pair: order.tradingPair,
    side: order.side,
    state: order.state,
    price: order.price?.toFixed() ?? null,
    amount: order.amount.toFixed(),
    executed: order.executedAmount.toFixed(),
    average: order.averagePrice?.toFixed() ?? null,
    fees: Object.fromEntries([...order.fees].map(([token, fee]) => [token, fee.toFixed()])),
  };
}

function bookOf(pair: string, book: OrderBook): BookShown {
  const { isValid, updateId, timestampMs } = book;
  const levels = (side: readonly BookLevel[]): Level[] =>
    side.map(({ price, amount }) => [price.toFixed(), amount.toFixed()]);
  const shown = { pair, isValid, updateId: Number.isNaN(updateId) ? null : updateId, timestampMs };
  if (!isValid) return { ...shown, bids: [], asks: [], bidHorizon: null, askHorizon: null };
  return {
    ...shown,
    bids: levels(book.bids(BOOK_LEVELS)),
    asks: levels(book.asks(BOOK_LEVELS)),
    bidHorizon: book.bidHorizon?.toFixed() ?? null,
    askHorizon: book.askHorizon?.toFixed() ?? null,
  };
}
