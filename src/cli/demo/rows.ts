import { type Decimal, sum, ZERO } from "../../model/decimal.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { OrderSide, OrderState } from "../../model/order.ts";
import type { Position } from "../../model/position.ts";
import type { ReplayedPosition } from "./account-replay.ts";
import type { LedgerFill } from "./ledger.ts";
import type {
  VenueFillTruth,
  VenueFundingTruth,
  VenueOrderTruth,
  VenuePositionTruth,
  VenueTruth,
} from "./paper-control.ts";
import { amountText, compareRows, type Row, type Section, toUnit } from "./reconcile.ts";

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

const NOWHERE: ReadonlySet<OrderState> = new Set<OrderState>(["failed"]);

/**
 * Every order: its ids, terms, final state, executed amount, cost (price times amount over its fills), average price,
 * fees and number of fills. An order that the connector calls failed, which means refused or proven never to have
 * arrived, must not be known to the venue; every other order must be.
 */
export function compareOrders(
  orders: readonly ConnectorOrder[],
  fills: readonly LedgerFill[],
  truth: VenueTruth,
  token: string,
): Section {
  const known = new Set(truth.orders.map(venueOrderKey));
  const ours = orders.filter(({ clientOrderId, state }) => !NOWHERE.has(state) || known.has(clientOrderId));
  const fillsByOrder = Map.groupBy(fills, ({ clientOrderId }) => clientOrderId);
  const venueFillsByOrder = Map.groupBy(truth.fills, ({ orderId }) => orderId);
  return compareRows(
    "orders",
    ours.map((order) => connectorOrderRow(order, fillsByOrder.get(order.clientOrderId) ?? [], token)),
    truth.orders.map((order) => venueOrderRow(order, venueFillsByOrder.get(order.orderId) ?? [])),
    { isList: true },
  );
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

function venueOrderRow(order: VenueOrderTruth, fills: readonly VenueFillTruth[]): Row {
  const { orderId, market, side, price, size, filled, filledCost } = order;
  return {
    key: venueOrderKey(order),
    fields: {
      orderId,
      market,
      side,
      price: amountText(price ?? undefined),
      amount: amountText(size),
      state: venueState(order),
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

/** FTX's own rule: a closed order is filled when its amounts say so, else it was canceled. */
function venueState({ status, filled, size }: VenueOrderTruth): string {
  if (status !== "closed") return status;
  return filled.gte(size) ? "filled" : "canceled";
}

/** Every fill by the venue's id: order, market, side, price, amount, fee, maker or taker. */
export function compareFills(fills: readonly LedgerFill[], truth: readonly VenueFillTruth[]): Section {
  return compareRows(
    "fills",
    fills.map((fill) => ({
      key: fill.fillId,
      fields: {
        clientOrderId: fill.clientOrderId,
        orderId: fill.exchangeOrderId,
        market: fill.tradingPair,
        side: fill.side,
        price: amountText(fill.price),
        amount: amountText(fill.amount),
        fee: amountText(fill.fee),
        liquidity: fill.isMaker ? "maker" : "taker",
      },
    })),
    truth.map((fill) => ({
      key: fill.fillId,
      fields: {
        clientOrderId: fill.clientId ?? "none",
        orderId: fill.orderId,
        market: fill.market,
        side: fill.side,
        price: amountText(fill.price),
        amount: amountText(fill.size),
        fee: amountText(fill.fee),
        liquidity: fill.isMaker ? "maker" : "taker",
      },
    })),
    { isList: true },
  );
}

/** Every funding payment by the venue's id: market, amount, rate. Positive is received, on both sides. */
export function compareFunding(payments: readonly FundingPayment[], truth: readonly VenueFundingTruth[]): Section {
  return compareRows(
    "funding payments",
    payments.map(({ paymentId, tradingPair, amount, rate }) => ({
      key: paymentId,
      fields: { market: tradingPair, amount: amountText(amount), rate: amountText(rate) },
    })),
    truth.map(({ paymentId, market, amount, rate }) => ({
      key: paymentId,
      fields: { market, amount: amountText(amount), rate: amountText(rate) },
    })),
    { isList: true },
  );
}

/**
 * Positions. `position` and `entry price` are what the connector holds (the wire gives the entry price rounded to 1e-8,
 * so the venue's cost over size is rounded the same way); `size by fills` and `entry cost` are what the connector's own
 * fills add up to, against the venue's exact size and cost.
 */
export function comparePositions(
  name: string,
  positions: readonly Position[],
  replayed: ReadonlyMap<string, ReplayedPosition>,
  truth: readonly VenuePositionTruth[],
): Section {
  const held = new Map(positions.map((position) => [position.tradingPair, position]));
  const traded = [...replayed].filter(([, { size }]) => !size.isZero()).map(([market]) => market);
  return compareRows(
    name,
    [...new Set([...held.keys(), ...traded])].toSorted().map((market) => ({
      key: market,
      fields: {
        position: amountText(held.get(market)?.amount ?? ZERO),
        "entry price": amountText(held.get(market)?.entryPrice),
        "size by fills": amountText(replayed.get(market)?.size ?? ZERO),
        "entry cost": amountText(replayed.get(market)?.cost ?? ZERO),
      },
    })),
    truth
      .filter(({ size }) => !size.isZero())
      .map(({ market, size, cost }) => ({
        key: market,
        fields: {
          position: amountText(size),
          "entry price": amountText(toUnit(cost.div(size))),
          "size by fills": amountText(size),
          "entry cost": amountText(cost),
        },
      })),
  );
}

export interface CashClaim {
  readonly asset: string;
  /** What the connector holds, read with no position open: FTX counts unrealised profit in. */
  readonly total: Decimal;
  readonly available: Decimal;
  /** Starting balance, fills, fees and funding added up, see `replayAccount`. */
  readonly replayed: Decimal;
}

/** The cash balance: as the connector holds it, and as its own fills, fees and funding payments add up. */
export function compareCash({ asset, total, available, replayed }: CashClaim, truth: VenueTruth): Section {
  const row = (fields: readonly [total: Decimal, available: Decimal, replayed: Decimal]): Row => ({
    key: asset,
    fields: {
      balance: amountText(fields[0]),
      available: amountText(fields[1]),
      "by cash flows": amountText(fields[2]),
    },
  });
  return compareRows("cash", [row([total, available, replayed])], [row([truth.equity, truth.cash, truth.cash])]);
}
