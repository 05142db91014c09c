import { z } from "zod";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type { AccountUpdate, OrderUpdate, TradeUpdate } from "../../model/account-update.ts";
import type { Decimal } from "../../model/decimal.ts";
import { NotFoundError, ProtocolError } from "../../model/error.ts";
import { flatFee, NO_FEE } from "../../model/fee.ts";
import type { OrderSide, OrderType, PositionSide, TerminalReason, VenueOrder } from "../../model/order.ts";
import type { VenueSession } from "../../model/venue-session.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal, wireId } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { manifest } from "./manifest.ts";
import { eventOf, isObject, publicRequest, read, renamed } from "./web-utils.ts";

const text = z.string();
const wireSide = z.enum(["BUY", "SELL"]).transform((side): OrderSide => (side === "BUY" ? "buy" : "sell"));
const wirePositionSide = z
  .enum(["BOTH", "LONG", "SHORT"])
  .transform((side): PositionSide => (side === "BOTH" ? "both" : side === "LONG" ? "long" : "short"));
const orderNames = { symbol: text, orderId: wireId, clientOrderId: text, side: wireSide, updateTime: z.number() };
const orderTerms = { type: text, timeInForce: text, price: wireDecimal, origQty: wireDecimal, reduceOnly: z.boolean() };
/** Answers to create, cancel and amend have no `avgPrice` since 2026-07-15. */
const orderResult = { status: text, executedQty: wireDecimal, avgPrice: optionalWireDecimal };
const ended = { expiryReason: text.optional() };
/** `time` is when the order was made: answers to create, cancel and amend lack it, as events do. */
const wireOrder = z.object({ ...orderNames, ...orderTerms, ...orderResult, ...ended, time: z.number().optional() });
const fillNames = { symbol: text, id: wireId, orderId: wireId, clientOrderId: text.optional(), side: wireSide };
const fillTerms = { positionSide: wirePositionSide, price: wireDecimal, qty: wireDecimal, maker: z.boolean() };
/** The commission is absent where nothing was charged; `realizedPnl` is no fee. */
const commission = { commission: optionalWireDecimal, commissionAsset: text.nullish() };
const wireFill = z.object({ ...fillNames, ...fillTerms, ...commission, time: z.number() });
/** The letters of ORDER_TRADE_UPDATE, by REST's words. `er` has none there. */
const ORDER_LETTERS =
  "symbol:s orderId:i clientOrderId:c side:S type:o timeInForce:f price:p origQty:q executedQty:z avgPrice:ap status:X " +
  "expiryReason:er reduceOnly:R updateTime:T";
const FILL_LETTERS =
  "symbol:s id:t orderId:i clientOrderId:c side:S positionSide:ps price:L qty:l commission:n commissionAsset:N maker:m " +
  "time:T";
const wireExecution = z.object({ c: text, x: text, l: wireDecimal, z: wireDecimal });
/** A row of `positionRisk`; ACCOUNT_UPDATE has the same by letters, without mark and liquidation price. */
const position = { symbol: text, positionSide: wirePositionSide, positionAmt: wireDecimal, updateTime: z.number() };
const prices = { entryPrice: wireDecimal, markPrice: optionalWireDecimal, liquidationPrice: optionalWireDecimal };
const wirePosition = z.object({ ...position, ...prices, unRealizedProfit: optionalWireDecimal });
const POSITION_LETTERS = "symbol:s positionSide:ps positionAmt:pa entryPrice:ep unRealizedProfit:up";
const wireBalances = z.array(z.object({ a: text, wb: wireDecimal }));
const wireAccountChange = z.object({ m: text, B: wireBalances.default([]), P: z.array(z.looseObject({})).default([]) });
const wireAccountEvent = z.object({ T: z.number(), a: wireAccountChange });
const wireConfigEvent = z.object({ T: z.number(), ac: z.object({ s: text, l: wireDecimal }).optional() });
const wireListenKey = z.object({ listenKey: text.min(1) });
const wireKept = wireListenKey.partial();
const NO_UPDATES: readonly AccountUpdate[] = [];
type WireOrder = z.output<typeof wireOrder>;

function typeOf({ type, timeInForce }: WireOrder): OrderType {
  if (type.endsWith("MARKET")) return "market";
  return timeInForce === "GTX" ? "limitMaker" : "limit";
}

/** Why an order expired, in the venue's own code (docs, Event-Order-Update, expiry reason). */
const EXPIRY_REASONS: Readonly<Record<string, TerminalReason>> = {
  1: "selfTrade",
  2: "iocRemainder",
  3: "selfTrade",
  4: "reduceOnly",
  5: "liquidation",
  9: "iocRemainder",
  10: "iocRemainder",
  11: "postOnly",
};

/** REST gives no reason, but an order that expired did so by its own terms. */
function inferredReasonOf(row: WireOrder): TerminalReason | undefined {
  if (row.status !== "EXPIRED") return undefined;
  const isImmediate = row.timeInForce === "IOC" || row.timeInForce === "FOK" || typeOf(row) === "market";
  return isImmediate ? "iocRemainder" : row.timeInForce === "GTX" ? "postOnly" : undefined;
}

/** Zero means none: of a market order, or of an order without a fill. */
function priceOrNone(price: Decimal | undefined): Decimal | undefined {
  return price?.isZero() === false ? price : undefined;
}

/** An order object of REST; undefined where the market is not a perpetual. */
export function parseOrder(
  session: VenueSession,
  payload: unknown,
): (OrderUpdate & { readonly order: VenueOrder }) | undefined {
  const row = read("an order", wireOrder, payload);
  const tradingPair = session.marketsBySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const state = constants.ORDER_STATE[row.status];
  if (state === undefined) {
    throw new ProtocolError(`Binance has no documented order status ${row.status}`, { venue: manifest.name });
  }
  const facts = {
    tradingPair,
    exchangeOrderId: row.orderId,
    clientOrderId: row.clientOrderId,
    state,
    executedAmount: row.executedQty,
    averagePrice: priceOrNone(row.avgPrice),
    timestampMs: row.updateTime,
  };
  const { side, reduceOnly, time: timestampMs = row.updateTime } = row;
  const terms = { side, type: typeOf(row), price: priceOrNone(row.price), amount: row.origQty, reduceOnly };
  return {
    type: "order",
    ...facts,
    reason: row.status === "EXPIRED_IN_MATCH" ? "selfTrade" : EXPIRY_REASONS[row.expiryReason ?? ""],
    inferredReason: inferredReasonOf(row),
    order: { ...facts, ...terms, timestampMs },
  };
}

/** In hedge mode position and side tell it; in one-way mode only the order that traded knows. */
function positionActionOf(positionSide: PositionSide, side: OrderSide) {
  if (positionSide === "both") return undefined;
  return (positionSide === "long") === (side === "buy") ? "open" : "close";
}

/** A row of `userTrades`, which has no client order id; undefined where the market is not a perpetual. */
export function parseFill(session: VenueSession, payload: unknown): TradeUpdate | undefined {
  const row = read("a fill", wireFill, payload);
  const tradingPair = session.marketsBySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const { commission, commissionAsset } = row;
  return {
    type: "trade",
    fillId: row.id,
    tradingPair,
    clientOrderId: row.clientOrderId,
    exchangeOrderId: row.orderId,
    side: row.side,
    positionAction: positionActionOf(row.positionSide, row.side),
    price: row.price,
    amount: row.qty,
    fee: commission === undefined || commissionAsset == null ? NO_FEE : flatFee(commissionAsset, commission),
    isMaker: row.maker,
    timestampMs: row.time,
  };
}

/** Orders of the venue itself have client ids of their own (docs, Event-Order-Update). */
function venueReasonOf(clientOrderId: string) {
  if (clientOrderId.startsWith("autoclose-")) return "liquidation";
  if (clientOrderId.startsWith("adl_autoclose")) return "adl";
  return clientOrderId.startsWith("settlement_autoclose-") ? "settlement" : undefined;
}

function parseOrderEvent(session: VenueSession, payload: unknown): readonly AccountUpdate[] {
  const event = isObject(payload) ? payload : {};
  const { c, x, l, z: executed } = read("an ORDER_TRADE_UPDATE event", wireExecution, event);
  const update = parseOrder(session, renamed(event, ORDER_LETTERS));
  if (update === undefined) return NO_UPDATES;
  const reason = venueReasonOf(c);
  // A liquidation is `CALCULATED` or `TRADE`; of our orders only `TRADE` is a fill.
  const isFill = l.gt(0) && (x === "TRADE" || reason !== undefined);
  const fill = isFill ? parseFill(session, renamed(event, FILL_LETTERS)) : undefined;
  if (reason === undefined) return fill === undefined ? [update] : [fill, update];
  const external: AccountUpdate = { type: "externalOrder", order: update.order };
  if (fill === undefined) return [external];
  const { tradingPair, price, fee, timestampMs } = fill;
  // An execution without a trade id is told from others by the total after it.
  const adjustmentId = `${tradingPair}:${fill.exchangeOrderId}:${executed.toFixed()}`;
  const amount = fill.side === "buy" ? fill.amount : fill.amount.neg();
  const change = { side: wirePositionSide.parse(event.ps), amount, price, fee };
  return [{ type: "positionAdjustment", adjustmentId, tradingPair, reason, ...change, timestampMs }, external];
}

/** A row of `positionRisk`; undefined where the market is not a perpetual. */
export function parsePosition(session: VenueSession, payload: unknown): AccountUpdate | undefined {
  const row = read("a position", wirePosition, payload);
  const tradingPair = session.marketsBySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  return {
    type: "position",
    tradingPair,
    side: row.positionSide,
    // Negative for a short position in both modes.
    amount: row.positionAmt,
    entryPrice: row.entryPrice,
    unrealizedPnl: row.unRealizedProfit,
    liquidationPrice: priceOrNone(row.liquidationPrice),
    markPrice: row.markPrice,
    // When it last changed: a fill after that is not in it.
    timestampMs: row.updateTime,
  };
}

function parseAccountEvent(session: VenueSession, message: unknown): readonly AccountUpdate[] {
  const { T: timestampMs, a } = read("an ACCOUNT_UPDATE event", wireAccountEvent, message);
  const updates: AccountUpdate[] = a.B.map((row) => ({ type: "balance", asset: row.a, total: row.wb, timestampMs }));
  for (const row of a.P) {
    const update = parsePosition(session, { ...renamed(row, POSITION_LETTERS), updateTime: timestampMs });
    if (update !== undefined) updates.push(update);
  }
  // In cross margin the event names neither market nor transaction: the payment itself comes from the income history,
  // which has its id, so that it cannot be counted twice (docs, Event-Balance-and-Position-Update).
  if (a.m === "FUNDING_FEE") updates.push({ type: "fundingDue", timestampMs });
  return updates;
}

function parseConfigEvent(session: VenueSession, message: unknown): readonly AccountUpdate[] {
  const { T: timestampMs, ac } = read("an ACCOUNT_CONFIG_UPDATE event", wireConfigEvent, message);
  const market = ac === undefined ? undefined : session.marketsBySymbol.get(ac.s);
  if (ac === undefined || market === undefined) return NO_UPDATES;
  return [{ type: "settings", tradingPair: market.tradingPair, leverage: ac.l, timestampMs }];
}

function sendListenKeyRequest({ api, signal }: VenueContext, method: "POST" | "PUT"): Promise<unknown> {
  const request = { ...publicRequest(constants.LISTEN_KEY_PATH_URL, 1), method, isAuthRequired: true };
  return api.send({ ...request, lane: "create" }, signal);
}

const FRAME_KINDS: Readonly<Record<string, PrivateFrameKind>> = {
  ORDER_TRADE_UPDATE: "update",
  ACCOUNT_UPDATE: "update",
  ACCOUNT_CONFIG_UPDATE: "update",
  listenKeyExpired: "listenKeyExpired",
  // The same fills as ORDER_TRADE_UPDATE, sooner and without their fee.
  TRADE_LITE: "ignored",
  ALGO_UPDATE: "ignored",
  CONDITIONAL_ORDER_TRIGGER_REJECT: "ignored",
  MARGIN_CALL: "ignored",
  STRATEGY_UPDATE: "ignored",
  GRID_UPDATE: "ignored",
};

export const userStreamDataSource: VenueUserStreamDataSource = {
  listenKey: {
    keepAliveIntervalMs: constants.LISTEN_KEY_KEEP_ALIVE_MS,
    validForMs: constants.LISTEN_KEY_VALID_MS,
    getListenKey: async (context) =>
      read("POST /fapi/v1/listenKey", wireListenKey, await sendListenKeyRequest(context, "POST")).listenKey,
    /** Keeps the account's key alive, whichever it is: ours is dead where the answer names another. */
    async pingListenKey(context, ours) {
      const kept = read("PUT /fapi/v1/listenKey", wireKept, await sendListenKeyRequest(context, "PUT")).listenKey;
      if (kept === undefined || kept === ours) return;
      throw new NotFoundError("the account has another listen key by now", { venue: manifest.name });
    },
  },
  loginIsAcknowledged: false,
  subscribeChannels: () => [],

  channelOriginatingMessage(message): PrivateFrameKind {
    const event = eventOf(message)?.e;
    return typeof event === "string" ? (FRAME_KINDS[event] ?? "unknown") : "unknown";
  },

  parseUserStreamMessage(session, message): readonly AccountUpdate[] {
    const event = eventOf(message);
    if (event?.e === "ORDER_TRADE_UPDATE") return parseOrderEvent(session, event.o);
    return event?.e === "ACCOUNT_UPDATE" ? parseAccountEvent(session, event) : parseConfigEvent(session, event);
  },
};
