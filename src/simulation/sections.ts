import { type Decimal, sum, ZERO } from "../model/decimal.ts";
import type { FundingPayment } from "../model/funding.ts";
import type { OrderSide, OrderState } from "../model/order.ts";
import { type Position, positionKey } from "../model/position.ts";
import type { ReplayedPosition } from "./account-replay.ts";
import type { BoxProtocol } from "./box-protocols.ts";
import { amountText, compareRows, type Row, type Section, toUnit } from "./compare-rows.ts";
import type { LedgerFill } from "./ledger.ts";
import type {
  VenueFillTruth,
  VenueFundingTruth,
  VenueOrderTruth,
  VenuePositionTruth,
  VenueTruth,
} from "./venue-truth.ts";

/** An order as its handle tells it; `InFlightOrder` is one. */
export interface ConnectorOrder {
  readonly clientOrderId: string;
  readonly exchangeOrderId: string | undefined;
  readonly tradingPair: string;
  readonly side: OrderSide;
  readonly price: Decimal | undefined;
  readonly amount: Decimal;
  readonly state: OrderState;
  readonly executedAmount: Decimal;
  readonly averagePrice: Decimal | undefined;
  readonly fees: ReadonlyMap<string, Decimal>;
}

/** Refused or proven never to have arrived, or called back before anything of it was sent. */
function mayBeNowhere({ state, exchangeOrderId }: ConnectorOrder): boolean {
  return state === "failed" || (state === "canceled" && exchangeOrderId === undefined);
}

/**
 * Every order: its ids, terms, final state, executed amount, cost (price times amount over its fills), average price,
 * fees and number of fills. An order that the connector calls failed, or canceled without ever having had an exchange
 * order id, is not known to the venue or was refused by it; every other order must be known.
 */
export function compareOrders(
  orders: readonly ConnectorOrder[],
  fills: readonly LedgerFill[],
  truth: VenueTruth,
  protocol: Pick<BoxProtocol, "token" | "endState" | "marketOrdersAreLimits" | "refusesUnnamed">,
): Section {
  const known = new Set(truth.orders.map(venueOrderKey));
  const ours = orders.filter((order) => !mayBeNowhere(order) || known.has(order.clientOrderId));
  const fillsByOrder = Map.groupBy(fills, ({ clientOrderId }) => clientOrderId);
  const venueFillsByOrder = Map.groupBy(truth.fills, orderKey);
  const markets = new Set(ours.filter(({ price }) => price === undefined).map(({ clientOrderId }) => clientOrderId));
  // Where the venue knows no market orders, its price is the connector's own bound.
  const isBound = ({ clientId }: VenueOrderTruth) => protocol.marketOrdersAreLimits && markets.has(clientId ?? "");
  const unnamed = ours.filter(({ state, exchangeOrderId }) => state === "failed" && exchangeOrderId === undefined);
  const unnamedIds = new Set(unnamed.map(({ clientOrderId }) => clientOrderId));
  const isUnnamed = (order: VenueOrderTruth) =>
    protocol.refusesUnnamed && unnamedIds.has(order.clientId ?? "") && venueState(order, protocol) === "failed";
  return compareRows(
    "orders",
    ours.map((order) => connectorOrderRow(order, fillsByOrder.get(order.clientOrderId) ?? [], protocol.token)),
    truth.orders
      .map((order) => (isBound(order) ? { ...order, price: null } : order))
      .map((order) => (isUnnamed(order) ? { ...order, orderId: "none" } : order))
      .map((order) => venueOrderRow(order, venueFillsByOrder.get(orderKey(order)) ?? [], protocol)),
    { isList: true },
  );
}

/** Orders of two markets may have the same id. */
function orderKey({ market, orderId }: Pick<VenueOrderTruth, "market" | "orderId">): string {
  return `${market} ${orderId}`;
}

/**
 * Compares open orders: one that is open at the venue is in flight, lost or external for the connector, never absent.
 */
export function compareOpenOrders(tracked: readonly string[], truth: VenueTruth): Section {
  const open = truth.orders.filter(({ status }) => status !== "closed").map(venueOrderKey);
  const row = (key: string): Row => ({ key, fields: { status: "open" } });
  return compareRows("open orders", tracked.filter((key) => open.includes(key)).map(row), open.map(row));
}

function connectorOrderRow(order: ConnectorOrder, fills: readonly LedgerFill[], token: string): Row {
  const { exchangeOrderId = "none", tradingPair, side, price, amount, state, executedAmount } = order;
  return {
    key: order.clientOrderId,
    fields: {
      orderId: exchangeOrderId,
      market: tradingPair,
      side,
      price: amountText(price),
      amount: amountText(amount),
      state,
      executedAmount: amountText(executedAmount),
      cost: amountText(sum(fills.map((fill) => fill.price.times(fill.amount)))),
      averagePrice: executedAmount.isZero() ? "none" : amountText(order.averagePrice),
      fees: amountText(order.fees.get(token) ?? ZERO),
      fills: String(fills.length),
    },
  };
}

function venueOrderRow(
  order: VenueOrderTruth,
  fills: readonly VenueFillTruth[],
  protocol: Pick<BoxProtocol, "endState">,
): Row {
  const { orderId, market, side, price, size, filled, filledCost } = order;
  return {
    key: venueOrderKey(order),
    fields: {
      orderId,
      market,
      side,
      price: amountText(price ?? undefined),
      amount: amountText(size),
      state: venueState(order, protocol),
      executedAmount: amountText(filled),
      cost: amountText(filledCost),
      averagePrice: filled.isZero() ? "none" : amountText(filledCost.div(filled)),
      fees: amountText(sum(fills.map(({ fee }) => fee))),
      fills: String(fills.length),
    },
  };
}

function venueOrderKey({ clientId, orderId }: Pick<VenueOrderTruth, "clientId" | "orderId">): string {
  return clientId ?? `order ${orderId} without client id`;
}

/** A closed order is filled when its amounts say so; what else it is called is the protocol's own rule. */
function venueState(order: VenueOrderTruth, { endState }: Pick<BoxProtocol, "endState">): string {
  if (order.status === "open") return order.filled.isZero() ? "open" : "partiallyFilled";
  if (order.status === "new") return "new";
  return order.filled.gte(order.size) ? "filled" : endState(order);
}

/** Every fill by the venue's id: order, market, side, leg, price, amount, fee, maker or taker. */
export function compareFills(fills: readonly LedgerFill[], truth: readonly VenueFillTruth[]): Section {
  const sameId = Map.groupBy(truth, ({ fillId }) => fillId);
  // Fills of two markets may have the same id.
  const keyOf = (market: string, fillId: string): string => {
    const isShared = new Set(sameId.get(fillId)?.map((fill) => fill.market)).size > 1;
    return isShared ? `${market} ${fillId}` : fillId;
  };
  return compareRows(
    "fills",
    fills.map((fill) => ({
      key: keyOf(fill.tradingPair, fill.fillId),
      fields: {
        clientOrderId: fill.clientOrderId,
        orderId: fill.exchangeOrderId,
        market: fill.tradingPair,
        side: fill.side,
        position: fill.positionSide,
        price: amountText(fill.price),
        amount: amountText(fill.amount),
        fee: amountText(fill.fee),
        liquidity: fill.isMaker ? "maker" : "taker",
      },
    })),
    truth.map((fill) => ({
      key: keyOf(fill.market, fill.fillId),
      fields: {
        clientOrderId: fill.clientId ?? "none",
        orderId: fill.orderId,
        market: fill.market,
        side: fill.side,
        position: fill.positionSide,
        price: amountText(fill.price),
        amount: amountText(fill.size),
        fee: amountText(fill.fee),
        liquidity: fill.isMaker ? "maker" : "taker",
      },
    })),
    { isList: true },
  );
}

/**
 * Every funding payment by the venue's id: market, amount, and the rate where the protocol tells it. Positive is
 * received, on both sides.
 */
export function compareFunding(
  payments: readonly FundingPayment[],
  truth: readonly VenueFundingTruth[],
  { tellsFundingRate }: Pick<BoxProtocol, "tellsFundingRate">,
): Section {
  const rateField = (rate: Decimal | undefined) => (tellsFundingRate ? { rate: amountText(rate) } : undefined);
  return compareRows(
    "funding payments",
    payments.map(({ paymentId, tradingPair, amount, rate }) => ({
      key: paymentId,
      fields: { market: tradingPair, amount: amountText(amount), ...rateField(rate) },
    })),
    truth.map(({ paymentId, market, amount, rate }) => ({
      key: paymentId,
      fields: { market, amount: amountText(amount), ...rateField(rate) },
    })),
    { isList: true },
  );
}

/**
 * Positions, in hedge mode by leg. `position` and `entry price` are what the connector holds (every protocol gives the
 * entry price rounded to 1e-8, so the venue's cost over size is rounded the same way); `size by fills` and `entry cost`
 * are what the connector's own fills add up to, against the venue's exact size and cost.
 */
export function comparePositions(
  name: string,
  positions: readonly Position[],
  replayed: ReadonlyMap<string, ReplayedPosition>,
  truth: readonly VenuePositionTruth[],
): Section {
  const held = new Map(positions.map((position) => [positionKey(position.tradingPair, position.side), position]));
  const traded = [...replayed].filter(([, { size }]) => !size.isZero()).map(([key]) => key);
  return compareRows(
    name,
    [...new Set([...held.keys(), ...traded])].toSorted().map((key) => ({
      key: positionName(key),
      fields: {
        position: amountText(held.get(key)?.amount ?? ZERO),
        "entry price": amountText(held.get(key)?.entryPrice),
        "size by fills": amountText(replayed.get(key)?.size ?? ZERO),
        "entry cost": amountText(replayed.get(key)?.cost ?? ZERO),
      },
    })),
    truth
      .filter(({ size }) => !size.isZero())
      .map(({ market, side, size, cost }) => ({
        key: positionName(positionKey(market, side)),
        fields: {
          position: amountText(size),
          "entry price": amountText(toUnit(cost.div(size))),
          "size by fills": amountText(size),
          "entry cost": amountText(cost),
        },
      })),
  );
}

/** Positions as the connector holds them, where others trade on the account too. */
export function compareHeld(
  name: string,
  positions: readonly Position[],
  truth: readonly VenuePositionTruth[],
): Section {
  return compareRows(
    name,
    positions.map(({ tradingPair, side, amount, entryPrice }) => ({
      key: positionName(positionKey(tradingPair, side)),
      fields: { position: amountText(amount), "entry price": amountText(entryPrice) },
    })),
    truth
      .filter(({ size }) => !size.isZero())
      .map(({ market, side, size, cost }) => ({
        key: positionName(positionKey(market, side)),
        fields: { position: amountText(size), "entry price": amountText(toUnit(cost.div(size))) },
      })),
  );
}

/** `BTC-USDT`, or in hedge mode `BTC-USDT long`. */
function positionName(key: string): string {
  return key.replace(":both", "").replace(":", " ");
}

export interface CashClaim {
  readonly asset: string;
  /** The connector's balance, read with no position open, so that equity and cash are the same. */
  readonly total: Decimal;
  readonly available: Decimal;
  /** Starting balance, fills, fees and funding added up, see `replayAccount`. */
  readonly replayed: Decimal;
}

/** The cash balance: as the connector holds it, and as its own fills, fees and funding payments add up. */
export function compareCash(
  { asset, total, available, replayed }: CashClaim,
  truth: VenueTruth,
  { balance }: Pick<BoxProtocol, "balance">,
): Section {
  const row = (fields: readonly [total: Decimal, available: Decimal, replayed: Decimal]): Row => ({
    key: asset,
    fields: {
      balance: amountText(fields[0]),
      available: amountText(fields[1]),
      "by cash flows": amountText(fields[2]),
    },
  });
  return compareRows("cash", [row([total, available, replayed])], [row([truth[balance], truth.cash, truth.cash])]);
}
