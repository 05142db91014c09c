import { z } from "zod";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type { AccountUpdate, OrderUpdate, PositionUpdate, TradeUpdate } from "../../model/account-update.ts";
import { ZERO } from "../../model/decimal.ts";
import { flatFee } from "../../model/fee.ts";
import type { FundingPayment } from "../../model/funding.ts";
import type { TerminalReason, VenueOrder, VenueOrderState } from "../../model/order.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { type RowKind, readRows } from "../../net/rows.ts";
import {
  type FillSource,
  optionalWireCoin,
  optionalWireDecimal,
  readFee,
  secondaryWireDecimal,
  wireDecimal,
  wireIntegerId,
  wireIsoTime,
  wireSymbol,
  wireText,
} from "../../net/wire.ts";
import { FILLS_CHANNEL, ORDERS_CHANNEL } from "./constants.ts";
import { read } from "./requests.ts";
import { isFrame } from "./web-utils.ts";

export const ORDER_ROW: RowKind = {
  subject: "order",
  clientOrderId: "clientId",
  exchangeOrderId: "id",
  symbol: "market",
};
/** Fills have no client order id. */
export const FILL_ROW: RowKind = { subject: "fill", exchangeOrderId: "orderId", symbol: "market" };
export const POSITION_ROW: RowKind = { subject: "position", symbol: "future" };
export const PAYMENT_ROW: RowKind = { subject: "fundingPayment", symbol: "future" };

const wireOrder = z.object({
  id: wireIntegerId,
  clientId: z.string().nullish(),
  market: wireSymbol,
  type: z.enum(["limit", "market"]),
  side: z.enum(["buy", "sell"]),
  price: optionalWireDecimal,
  size: wireDecimal,
  status: z.enum(["new", "open", "closed"]),
  filledSize: wireDecimal,
  avgFillPrice: optionalWireDecimal,
  reduceOnly: z.boolean().nullish(),
  postOnly: z.boolean().nullish(),
  ioc: z.boolean().nullish(),
  liquidation: z.boolean().nullish(),
  createdAt: wireIsoTime,
});
const wireFill = z.object({
  id: wireIntegerId,
  market: wireSymbol.nullable(),
  side: z.enum(["buy", "sell"]),
  price: wireDecimal,
  size: wireDecimal,
  orderId: wireIntegerId.nullable(),
  time: wireIsoTime,
  liquidity: z.enum(["maker", "taker"]),
});
/** Fee of a fill. Fills of the socket lacked its currency for some clients: it is the quote currency then. */
const wireFee = z.object({ fee: wireDecimal, feeCurrency: optionalWireCoin });
const wirePosition = z.object({
  future: wireSymbol,
  netSize: wireDecimal,
  entryPrice: secondaryWireDecimal,
  recentAverageOpenPrice: optionalWireDecimal,
  initialMarginRequirement: secondaryWireDecimal,
  estimatedLiquidationPrice: secondaryWireDecimal,
});
const wireFundingPayment = z.object({
  id: wireIntegerId,
  future: wireSymbol,
  payment: wireDecimal,
  rate: optionalWireDecimal,
  time: wireIsoTime,
});

type WireOrder = z.output<typeof wireOrder>;

/** Finds the state. There is no canceled status: a closed order is filled when its amounts say so, else canceled. */
function stateOf(row: WireOrder): VenueOrderState {
  if (row.status !== "closed") return row.filledSize.gt(0) ? "partiallyFilled" : "open";
  return row.filledSize.gte(row.size) ? "filled" : "canceled";
}

/** Reason why a closed order was not filled, as far as its own terms tell: the venue itself gives no reason. */
function inferredReasonOf(row: WireOrder): TerminalReason | undefined {
  if (row.status !== "closed" || row.filledSize.gte(row.size)) return undefined;
  if (row.ioc === true || row.type === "market") return "iocRemainder";
  return row.postOnly === true && row.filledSize.isZero() ? "postOnly" : undefined;
}

/** An order object, from REST or from the `orders` channel; undefined where the market is not a perpetual. */
export function parseOrder(markets: VenueMarkets, payload: unknown): OrderUpdate | undefined {
  const row = read("an order", wireOrder, payload);
  const market = markets.bySymbol.get(row.market);
  if (market === undefined) return undefined;
  const state = stateOf(row);
  const timestampMs = row.createdAt;
  const order: VenueOrder = {
    tradingPair: market.tradingPair,
    exchangeOrderId: row.id,
    clientOrderId: row.clientId ?? undefined,
    side: row.side,
    type: row.type === "market" ? "market" : row.postOnly === true ? "limitMaker" : "limit",
    price: row.price,
    amount: row.size,
    executedAmount: row.filledSize,
    averagePrice: row.avgFillPrice,
    reduceOnly: row.reduceOnly === true,
    state,
    ...(row.liquidation === true ? { adjustmentReason: "liquidation" } : {}),
    timestampMs,
  };
  return {
    type: "order",
    tradingPair: market.tradingPair,
    clientOrderId: order.clientOrderId,
    exchangeOrderId: row.id,
    state,
    executedAmount: row.filledSize,
    averagePrice: row.avgFillPrice,
    reason: row.liquidation === true ? "liquidation" : undefined,
    inferredReason: inferredReasonOf(row),
    timestampMs,
    order,
  };
}

/** A fill, from REST or from the `fills` channel; undefined where it is not one of an order on a perpetual. */
export function parseFill(
  markets: VenueMarkets,
  payload: unknown,
  source: FillSource = "push",
): TradeUpdate | undefined {
  const row = read("a fill", wireFill, payload);
  const market = row.market === null ? undefined : markets.bySymbol.get(row.market);
  if (market === undefined || row.orderId === null) return undefined;
  const readIt = () => {
    const { fee, feeCurrency } = read("a fee", wireFee, payload);
    return flatFee(feeCurrency ?? market.quoteAsset, fee);
  };
  return {
    type: "trade",
    // `id` is the fill's own; `tradeId` is shared by both sides of the match.
    fillId: row.id,
    tradingPair: market.tradingPair,
    exchangeOrderId: row.orderId,
    side: row.side,
    price: row.price,
    amount: row.size,
    fee: readFee(source, readIt),
    isMaker: row.liquidity === "maker",
    timestampMs: row.time,
  };
}

/** Positive on FTX's wire means that the account paid; ours is positive when it received. */
export function parseFundingPayment(markets: VenueMarkets, payload: unknown): FundingPayment | undefined {
  const row = read("a funding payment", wireFundingPayment, payload);
  const market = markets.bySymbol.get(row.future);
  if (market === undefined) return undefined;
  return {
    paymentId: row.id,
    tradingPair: market.tradingPair,
    asset: market.quoteAsset,
    amount: row.payment.neg(),
    rate: row.rate,
    timestampMs: row.time,
  };
}

export function parsePosition(
  markets: VenueMarkets,
  payload: unknown,
  timestampMs: number,
): PositionUpdate | undefined {
  const row = read("a row of GET /positions", wirePosition, payload);
  const market = markets.bySymbol.get(row.future);
  if (market === undefined) return undefined;
  // `entryPrice` is the price of the last mark-to-market, so it tracks mark; the entry is `recentAverageOpenPrice`.
  const mark = row.entryPrice;
  const entry = row.recentAverageOpenPrice;
  return {
    type: "position",
    tradingPair: market.tradingPair,
    side: "both",
    amount: row.netSize,
    entryPrice: entry,
    markPrice: mark,
    unrealizedPnl: mark === undefined || entry === undefined ? ZERO : mark.minus(entry).times(row.netSize),
    liquidationPrice: row.estimatedLiquidationPrice,
    timestampMs,
  };
}

const NO_UPDATES: readonly AccountUpdate[] = [];

const CHANNELS = [FILLS_CHANNEL, ORDERS_CHANNEL];
const channelOf = (channel: unknown) => CHANNELS.find((known) => known === channel);

export const userStreamDataSource: VenueUserStreamDataSource = {
  // A good login is silent; a bad one is an error frame. Subscriptions may follow at once.
  loginIsAcknowledged: false,

  channels: CHANNELS.map((name) => ({ name, followsFills: true })),
  subscribeChannels: (_markets, channels = CHANNELS) => channels.map((channel) => ({ op: "subscribe", channel })),
  unsubscribeChannels: (_markets, channels) => channels.map((channel) => ({ op: "unsubscribe", channel })),
  channelOf: (message) => (isFrame(message) ? channelOf(message.channel) : undefined),

  /** An error does not say which channel it is about: it answers the oldest request, and a channel has one of its own. */
  subscriptionAnswer(message) {
    if (!isFrame(message)) return undefined;
    const named = channelOf(message.channel);
    const channels = named === undefined ? [] : [named];
    if (message.type === "subscribed") return { isAccepted: true, operation: "subscribe", channels };
    if (message.type === "unsubscribed") return { isAccepted: true, operation: "unsubscribe", channels };
    if (message.type !== "error") return undefined;
    const reason = wireText(message.msg ?? "no text");
    if (/already subscribed/i.test(reason)) return { isAccepted: true, operation: "subscribe" };
    return { isAccepted: false, reason };
  },

  channelOriginatingMessage(message): PrivateFrameKind {
    if (!isFrame(message)) return "unknown";
    switch (message.type) {
      case "update":
        return message.channel === FILLS_CHANNEL || message.channel === ORDERS_CHANNEL ? "update" : "unknown";
      case "subscribed":
      case "pong":
        return message.type;
      case "unsubscribed":
        return "subscribed";
      case "error":
        return /Invalid login credentials|Not logged in/i.test(wireText(message.msg ?? "")) ? "authFailed" : "error";
      case "info":
        return message.code === 20_001 ? "reconnect" : "ignored";
      default:
        return "unknown";
    }
  },

  parseUserStreamMessage(markets, message, onUnreadable): readonly AccountUpdate[] {
    if (!isFrame(message) || message.type !== "update") return NO_UPDATES;
    const isFill = message.channel === FILLS_CHANNEL;
    const parse = (row: unknown): AccountUpdate | undefined =>
      isFill ? parseFill(markets, row) : parseOrder(markets, row);
    const kind = isFill ? FILL_ROW : ORDER_ROW;
    return readRows(`the data of ${wireText(message.channel)}`, [message.data], parse, onUnreadable, kind);
  },
};
