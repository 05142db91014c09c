import type { FixtureOrder } from "../../support/connector-fixtures.ts";
import type { Route } from "../../support/scripted-venue.ts";

/** FTX's wire objects, with the fields of the documents and captures that the adapter's comments name. */

export const success = (result: unknown) => ({ success: true, result });
export const failure = (error: string) => ({ success: false, error });
export const get = (path: string, result: unknown): Route => ({ method: "GET", path, body: success(result) });

export const TIME = "2022-09-14T10:15:03.114205+00:00";

export const perpetual = (base: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  name: `${base}-PERP`,
  enabled: true,
  postOnly: false,
  priceIncrement: 0.5,
  sizeIncrement: 0.0001,
  minProvideSize: 0.001,
  last: 5000.5,
  bid: 5000.5,
  ask: 5001,
  price: 5000.5,
  type: "future",
  futureType: "perpetual",
  baseCurrency: null,
  quoteCurrency: null,
  underlying: base,
  restricted: false,
  ...changes,
});
export const SPOT = { ...perpetual("BTC"), name: "BTC/USD", type: "spot", underlying: null, baseCurrency: "BTC" };
export const DATED = { ...perpetual("BTC"), name: "BTC-0329" };
export const CLOSED = perpetual("LUNA", { enabled: false });

export const account = (changes: Readonly<Record<string, unknown>> = {}) =>
  get("/account", {
    collateral: 10000,
    freeCollateral: 10000,
    totalAccountValue: 10000,
    marginFraction: null,
    openMarginFraction: null,
    maintenanceMarginRequirement: 0.03,
    takerFee: 0.0007,
    makerFee: 0.0002,
    leverage: 10,
    positions: [],
    ...changes,
  });
export const balance = (coin: string, total: number, free: number) => ({
  coin,
  total,
  free,
  availableWithoutBorrow: free,
  usdValue: total,
  spotBorrow: 0,
});
export const future = (mark: number) => get("/futures/BTC-PERP", { name: "BTC-PERP", index: 4999.25, mark });
export const stats = (rate: number) =>
  get("/futures/BTC-PERP/stats", { volume: 9.5, nextFundingRate: rate, nextFundingTime: "2022-09-14T11:00:00+00:00" });

/** An order object as REST and the orders channel tell it. */
export const wireOrder = (order: FixtureOrder, changes: Readonly<Record<string, unknown>> = {}) => ({
  id: Number(order.exchangeOrderId),
  clientId: order.clientOrderId,
  market: "BTC-PERP",
  type: "limit",
  side: order.side,
  price: Number(order.price),
  size: Number(order.amount),
  status: "open",
  filledSize: 0,
  remainingSize: Number(order.amount),
  reduceOnly: false,
  liquidation: false,
  avgFillPrice: null,
  postOnly: false,
  ioc: false,
  createdAt: TIME,
  ...changes,
});
export const closed = { status: "closed", remainingSize: 0 };
export const filled = (order: FixtureOrder) => ({ ...closed, filledSize: Number(order.amount), avgFillPrice: 5000 });

export const wireFill = (order: FixtureOrder, changes: Readonly<Record<string, unknown>> = {}) => ({
  id: 5230117741,
  market: "BTC-PERP",
  future: "BTC-PERP",
  baseCurrency: null,
  quoteCurrency: null,
  type: "order",
  side: order.side,
  price: 5000,
  size: Number(order.amount),
  orderId: Number(order.exchangeOrderId),
  time: "2022-09-14T10:15:09.882310+00:00",
  tradeId: 2610447720,
  feeRate: 0.0002,
  fee: 0.5,
  feeCurrency: "USD",
  liquidity: "maker",
  ...changes,
});

export const ordersFrame = (data: unknown) => ({ channel: "orders", type: "update", data });
export const fillsFrame = (data: unknown) => ({ channel: "fills", type: "update", data });
export const statusRoutes = (order: FixtureOrder, changes?: Readonly<Record<string, unknown>>): readonly Route[] => [
  get(`/orders/${order.exchangeOrderId}`, wireOrder(order, changes)),
  get(`/orders/by_client_id/${order.clientOrderId}`, wireOrder(order, changes)),
];
export const refusals = (
  order: FixtureOrder,
  method: Route["method"],
  status: number,
  error: string,
): readonly Route[] =>
  [`/orders/${order.exchangeOrderId}`, `/orders/by_client_id/${order.clientOrderId}`].map((path) => ({
    method,
    path,
    status,
    body: failure(error),
  }));
export const canceled = (order: FixtureOrder): readonly Route[] =>
  [`/orders/${order.exchangeOrderId}`, `/orders/by_client_id/${order.clientOrderId}`].map((path) => ({
    method: "DELETE",
    path,
    body: success("Order queued for cancellation"),
  }));

const book = (type: "partial" | "update", data: Readonly<Record<string, unknown>>) => ({
  channel: "orderbook",
  market: "BTC-PERP",
  type,
  data: { time: 1663150503.1142051, action: type, ...data },
});
/** The first two rows of the checksum vectors. */
export const PARTIAL = book("partial", {
  checksum: 941346228,
  bids: [
    [5000.5, 10],
    [4995, 5],
  ],
  asks: [[5001, 6]],
});
export const UPDATE = book("update", { checksum: 2933775928, bids: [], asks: [[5002, 7]] });
const ETH_PARTIAL = { ...PARTIAL, market: "ETH-PERP" };

export type Frame = { readonly op?: string; readonly channel?: string; readonly market?: string };

export function answersTo(frame: unknown): readonly unknown[] {
  const { op, channel, market } = frame as Frame;
  if (op === "ping") return [{ type: "pong" }];
  if (op !== "subscribe" && op !== "unsubscribe") return [];
  const answer = { type: `${op}d`, channel, ...(market === undefined ? {} : { market }) };
  if (op !== "subscribe" || channel !== "orderbook") return [answer];
  return [answer, market === "ETH-PERP" ? ETH_PARTIAL : PARTIAL];
}

export const payment = {
  future: "BTC-PERP",
  id: 88231,
  payment: 0.0184,
  time: "2022-09-14T10:00:00+00:00",
  rate: 9e-6,
};
export const markets = get("/markets", [perpetual("BTC"), perpetual("ETH"), SPOT, DATED, CLOSED]);
