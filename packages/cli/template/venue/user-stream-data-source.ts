import { z } from "zod";
import { adjustmentOf } from "../../../../src/account/venue-trades.ts";
import type {
  PrivateFrameKind,
  VenueUserStreamDataSource,
} from "../../../../src/account/venue-user-stream-data-source.ts";
import type {
  AccountUpdate,
  BalanceUpdate,
  OrderUpdate,
  PositionAdjustment,
  PositionUpdate,
  TradeUpdate,
} from "../../../../src/model/account-update.ts";
import type { Decimal } from "../../../../src/model/decimal.ts";
import { ProtocolError } from "../../../../src/model/error.ts";
import { flatFee } from "../../../../src/model/fee.ts";
import type { Market } from "../../../../src/model/market.ts";
import type { VenueOrder } from "../../../../src/model/order.ts";
import type { VenueMarkets } from "../../../../src/model/venue-markets.ts";
import { type RowKind, readRows } from "../../../../src/net/rows.ts";
import { optionalWireDecimal, wireDecimal, wireId, wireText, wireTimeMs } from "../../../../src/net/wire.ts";
import * as constants from "./constants.ts";
import { isFrame, read } from "./web-utils.ts";

// The rows of the private stream are those of REST: both come through these functions. A row of an unknown market is
// undefined; one that cannot be read is left out and reported with what these fields say of whose it is.

// CHECK: the names of the fields; leave out one that the rows do not have.
const ids = { clientOrderId: "clientOrderId", exchangeOrderId: "orderId", symbol: "symbol" };
export const ROWS = {
  orders: { subject: "order", ...ids },
  fills: { subject: "fill", ...ids },
  positions: { subject: "position", symbol: "symbol" },
  balances: { subject: "balance", asset: "asset" },
} as const satisfies Readonly<Record<(typeof constants.PRIVATE_CHANNELS)[number], RowKind>>;

// CHECK: the fields of every row.
const wireOrder = z.object({
  orderId: wireId,
  clientOrderId: z.string().nullish(),
  // <order-side-field>
  side: z.enum(["buy", "sell"]),
  // </order-side-field>
  type: z.enum(["limit", "market"]),
  postOnly: z.boolean().nullish(),
  reduceOnly: z.boolean().nullish(),
  timeInForce: z.string().nullish(),
  price: optionalWireDecimal,
  size: wireDecimal,
  filledSize: wireDecimal,
  averagePrice: optionalWireDecimal,
  status: z.string(),
  createdTime: wireTimeMs,
  updatedTime: wireTimeMs,
});
const wireFill = z.object({
  id: wireId,
  orderId: wireId,
  clientOrderId: z.string().nullish(),
  // <fill-side-field>
  side: z.enum(["buy", "sell"]),
  // </fill-side-field>
  price: wireDecimal,
  size: wireDecimal,
  /** Positive is paid. */
  fee: wireDecimal,
  feeCurrency: z.string(),
  liquidity: z.enum(["maker", "taker"]),
  /** Present where the venue traded by itself. */
  forced: z.enum(["liquidation", "adl"]).nullish(),
  timestamp: wireTimeMs,
});
const wirePosition = z.object({
  // <position-side-field>
  // </position-side-field>
  /** Negative is short. */
  size: wireDecimal,
  entryPrice: optionalWireDecimal,
  unrealizedPnl: optionalWireDecimal,
  leverage: optionalWireDecimal,
  liquidationPrice: optionalWireDecimal,
  markPrice: optionalWireDecimal,
});
const wireBalance = z.object({ asset: z.string(), total: wireDecimal, available: wireDecimal });
// <wire-listen-key>
// </wire-listen-key>

const wireMarketRow = z.object({ symbol: z.string() });

/** The market that a row is about. */
export function rowMarket(markets: VenueMarkets, row: unknown): Market | undefined {
  return markets.bySymbol.get(read("a row", wireMarketRow, row).symbol);
}

/** Zero means none: of a market order, of an order without a fill, of a flat position. */
const positive = (value: Decimal | undefined): Decimal | undefined => (value?.gt(0) === true ? value : undefined);

/** An order and its whole self, which tells those that are not ours. */
export function parseOrder(
  markets: VenueMarkets,
  payload: unknown,
): (OrderUpdate & { readonly order: VenueOrder }) | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("an order", wireOrder, payload);
  const state = constants.ORDER_STATE[row.status];
  if (state === undefined) {
    throw new ProtocolError(`there is no documented order status ${row.status}`, { venue: constants.VENUE });
  }
  // <order-sizes>
  const { side, size: amount, filledSize: executedAmount } = row;
  // </order-sizes>
  const type = row.type === "market" ? "market" : row.postOnly === true ? "limitMaker" : "limit";
  const isImmediate = row.timeInForce === "IOC" || row.timeInForce === "FOK";
  const common = {
    tradingPair: market.tradingPair,
    clientOrderId: row.clientOrderId || undefined,
    exchangeOrderId: row.orderId,
    state,
    executedAmount,
    averagePrice: positive(row.averagePrice),
  };
  const terms = { side, type, price: positive(row.price), amount } as const;
  const reduceOnly = row.reduceOnly === true;
  return {
    type: "order",
    ...common,
    // CHECK: whether the venue says why an order ended; `reason` takes that.
    inferredReason: isImmediate ? "iocRemainder" : undefined,
    timestampMs: row.updatedTime,
    order: { ...common, ...terms, reduceOnly, timestampMs: row.createdTime },
  };
}

// CHECK: how liquidations and auto-deleveraging are told: they are position adjustments, not fills of ours.
export function parseFill(markets: VenueMarkets, payload: unknown): TradeUpdate | PositionAdjustment | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a fill", wireFill, payload);
  // <fill-size>
  const { side, size: amount } = row;
  // </fill-size>
  const trade: TradeUpdate = {
    type: "trade",
    fillId: row.id,
    tradingPair: market.tradingPair,
    clientOrderId: row.clientOrderId || undefined,
    exchangeOrderId: row.orderId,
    side,
    price: row.price,
    amount,
    fee: flatFee(row.feeCurrency, row.fee),
    isMaker: row.liquidity === "maker",
    timestampMs: row.timestamp,
  };
  return row.forced == null ? trade : adjustmentOf(trade, row.forced);
}

export function parsePosition(
  markets: VenueMarkets,
  payload: unknown,
  timestampMs: number,
): PositionUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a position", wirePosition, payload);
  // <position-size>
  const { size: amount } = row;
  // </position-size>
  return {
    type: "position",
    tradingPair: market.tradingPair,
    // <position-side>
    side: "both",
    // </position-side>
    amount,
    entryPrice: positive(row.entryPrice),
    unrealizedPnl: row.unrealizedPnl,
    leverage: positive(row.leverage),
    liquidationPrice: positive(row.liquidationPrice),
    markPrice: positive(row.markPrice),
    timestampMs,
  };
}

export function parseBalance(payload: unknown, timestampMs: number): BalanceUpdate {
  return { type: "balance", ...read("a balance", wireBalance, payload), timestampMs };
}

type Channel = (typeof constants.PRIVATE_CHANNELS)[number];
const channelOf = (channel: unknown): Channel | undefined =>
  constants.PRIVATE_CHANNELS.find((known) => known === channel);

function parseRow(
  markets: VenueMarkets,
  channel: Channel,
  row: unknown,
  timestampMs: number,
): AccountUpdate | undefined {
  switch (channel) {
    case "orders":
      return parseOrder(markets, row);
    case "fills":
      return parseFill(markets, row);
    case "positions":
      return parsePosition(markets, row, timestampMs);
    case "balances":
      return parseBalance(row, timestampMs);
  }
}

// <listen-key-request>
// </listen-key-request>

export const userStreamDataSource: VenueUserStreamDataSource = {
  // <access>
  // <login-acknowledged>
  loginIsAcknowledged: true,
  // </login-acknowledged>

  // CHECK: which channels say something at every fill: one that is silent then is taken to be dead.
  channels: constants.PRIVATE_CHANNELS.map((name) => ({ name, followsFills: name === "orders" || name === "fills" })),
  // <subscribe>
  subscribeChannels: (_markets, channels = constants.PRIVATE_CHANNELS) =>
    channels.map((channel) => ({ op: "subscribe", channel })),
  unsubscribeChannels: (_markets, channels) => channels.map((channel) => ({ op: "unsubscribe", channel })),
  // </subscribe>
  channelOf: (message) => (isFrame(message) ? channelOf(message.channel) : undefined),

  // CHECK: whether a refusal names the channel that it is about.
  subscriptionAnswer(message) {
    if (!isFrame(message) || (message.op !== "subscribe" && message.op !== "unsubscribe")) return undefined;
    const { op: operation } = message;
    const named = channelOf(message.channel);
    const channels = named === undefined ? [] : [named];
    if (message.success === true) return { isAccepted: true, operation, channels };
    return { isAccepted: false, operation, channels, reason: wireText(message.message) || "no text" };
  },
  // </access>

  // CHECK: how answers and errors look.
  channelOriginatingMessage(message): PrivateFrameKind {
    if (!isFrame(message)) return "unknown";
    if (channelOf(message.channel) !== undefined && message.op === undefined) return "update";
    if (message.op === "pong") return "pong";
    // <frame-kinds>
    // <login-kind>
    if (message.op === "login") return message.success === true ? "authenticated" : "authFailed";
    // </login-kind>
    if (message.op === "subscribe") return message.success === true ? "subscribed" : "error";
    if (message.op === "unsubscribe") return message.success === true ? "ignored" : "error";
    // </frame-kinds>
    return message.success === false ? "error" : "unknown";
  },

  parseUserStreamMessage(markets, message, onUnreadable): readonly AccountUpdate[] {
    const channel = isFrame(message) ? channelOf(message.channel) : undefined;
    if (channel === undefined || !isFrame(message)) return [];
    const timestampMs = read("the time of a frame", wireTimeMs, message.timestamp);
    const rows = read(`a frame of ${channel}`, z.array(z.unknown()), message.data);
    const parse = (row: unknown) => parseRow(markets, channel, row, timestampMs);
    return readRows(`a row of ${channel}`, rows, parse, onUnreadable, ROWS[channel]);
  },
};
