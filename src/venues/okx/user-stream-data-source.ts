import { z } from "zod";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type * as updates from "../../model/account-update.ts";
import { type Decimal, ZERO } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import { flatFee, NO_FEE } from "../../model/fee.ts";
import type { Market } from "../../model/market.ts";
import type { PositionSide, VenueOrder } from "../../model/order.ts";
import type { VenueSession } from "../../model/venue-session.ts";
import { optionalWireDecimal, wireDecimal } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isLoginError } from "./errors.ts";
import { each, isFrame, read, wireTime } from "./web-utils.ts";

// The rows of the private stream are those of REST, so both come through these functions. Sizes on the wire are
// contracts. Rows of other products and of unknown markets are undefined.

const id = z.string().min(1);
const optionalText = z.string().nullish();
const wireSide = z.enum(["buy", "sell"]);
const wirePositionSide = z
  .enum(["net", "long", "short"])
  .transform((side): PositionSide => (side === "net" ? "both" : side));
const wireOrder = z.object({
  ...each(id, "ordId", "ordType", "state"),
  ...each(optionalText, "clOrdId", "cancelSource", "reduceOnly"),
  side: wireSide,
  sz: wireDecimal,
  ...each(optionalWireDecimal, "px", "avgPx", "accFillSz"),
  ...each(wireTime, "cTime", "uTime"),
});
const wireFill = z.object({
  ...each(id, "tradeId", "ordId"),
  ...each(optionalText, "clOrdId", "fillFeeCcy", "feeCcy", "execType", "category", "subType"),
  side: wireSide,
  posSide: wirePositionSide,
  ...each(wireDecimal, "fillPx", "fillSz"),
  ...each(optionalWireDecimal, "fillFee", "fee"),
  fillTime: wireTime,
});
const wirePosition = z.object({
  ...{ posSide: wirePositionSide, pos: wireDecimal, mgnMode: optionalText },
  ...each(optionalWireDecimal, "avgPx", "upl", "lever", "liqPx", "markPx"),
  uTime: wireTime,
});
const wireCoin = z.object({
  ccy: id,
  cashBal: wireDecimal,
  ...each(optionalWireDecimal, "availEq", "availBal", "eq", "mmr"),
});
const wireAccount = z.object({
  uTime: wireTime,
  ...each(optionalWireDecimal, "adjEq", "imr", "mmr"),
  details: z.array(wireCoin),
});
const wireChange = z.object({ eventType: z.string(), pTime: wireTime });

function rowMarket(session: VenueSession, row: unknown): Market | undefined {
  if (typeof row !== "object" || row === null || !("instId" in row)) return undefined;
  return session.marketsBySymbol.get(String(row.instId));
}

const positive = (value: Decimal | undefined): Decimal | undefined => (value?.gt(0) === true ? value : undefined);

function typeOf(ordType: string): VenueOrder["type"] {
  if (ordType === "market" || ordType === "optimal_limit_ioc") return "market";
  return ordType === "post_only" ? "limitMaker" : "limit";
}

export function parseOrder(session: VenueSession, payload: unknown) {
  const market = rowMarket(session, payload);
  if (market === undefined) return undefined;
  const row = read("an order", wireOrder, payload);
  const { contractSize } = market.rule;
  const state = constants.ORDER_STATE[row.state];
  if (state === undefined) throw new ProtocolError(`unknown state ${row.state}`, { venue: constants.VENUE });
  const type = typeOf(row.ordType);
  const isImmediate = type === "market" || row.ordType === "ioc" || row.ordType === "fok";
  const facts = {
    tradingPair: market.tradingPair,
    clientOrderId: row.clOrdId || undefined,
    exchangeOrderId: row.ordId,
    state,
    executedAmount: (row.accFillSz ?? ZERO).times(contractSize),
    averagePrice: positive(row.avgPx),
  };
  const terms = { side: row.side, type, price: positive(row.px), amount: row.sz.times(contractSize) };
  const order: VenueOrder = { ...facts, ...terms, reduceOnly: row.reduceOnly === "true", timestampMs: row.cTime };
  const reason = constants.TERMINAL_REASON.get(row.cancelSource ?? "");
  const reasons = { reason, inferredReason: isImmediate ? ("iocRemainder" as const) : undefined };
  const ended = state === "canceled" ? reasons : {};
  return { type: "order" as const, ...facts, ...ended, timestampMs: row.uTime, order };
}

type Fill = updates.TradeUpdate | updates.PositionAdjustment;

/** A row of the lists of fills, or an order's row with the fill that it came for: that of an order, or the venue's own. */
export function parseFill(session: VenueSession, payload: unknown): Fill | undefined {
  const market = rowMarket(session, payload);
  if (market === undefined) return undefined;
  const row = read("a fill", wireFill, payload);
  const { tradingPair } = market;
  // The `fee` of an order's row is the sum of all its fills.
  const { fillFee: fee = row.fee, fillFeeCcy: token = row.feeCcy, posSide: side, fillTime: timestampMs } = row;
  const amount = row.fillSz.times(market.rule.contractSize);
  // Negative is charged, positive a rebate (docs, fills).
  const paid = fee === undefined || !token ? NO_FEE : flatFee(token, fee.neg());
  const common = { tradingPair, price: row.fillPx, fee: paid, timestampMs };
  const reason = constants.ADJUSTMENT_REASON.get(row.category ?? row.subType ?? "");
  if (reason !== undefined) {
    const signed = row.side === "buy" ? amount : amount.neg();
    const adjustmentId = `${market.symbol}:${row.ordId}:${row.tradeId}`;
    return { ...common, type: "positionAdjustment", adjustmentId, side, reason, amount: signed };
  }
  const ids = { fillId: row.tradeId, clientOrderId: row.clOrdId || undefined, exchangeOrderId: row.ordId };
  // In hedge mode position and side tell it; in one-way mode only the order that traded knows.
  const told = (side === "long") === (row.side === "buy") ? ("open" as const) : ("close" as const);
  const terms = { side: row.side, positionAction: side === "both" ? undefined : told, amount };
  return { ...common, ...ids, ...terms, type: "trade", isMaker: row.execType === "M" };
}

/** Rows that come for another reason than a fill repeat the last one or leave it empty. */
function hasFill(row: object): boolean {
  return "tradeId" in row && Boolean(row.tradeId) && "fillSz" in row && Number(row.fillSz) > 0;
}

function parseOrderEvent(session: VenueSession, payload: unknown): readonly updates.AccountUpdate[] {
  const update = parseOrder(session, payload);
  if (update === undefined || typeof payload !== "object" || payload === null) return [];
  const fill = hasFill(payload) ? parseFill(session, payload) : undefined;
  const isVenueOwn = "category" in payload && constants.ADJUSTMENT_REASON.has(String(payload.category));
  const told: updates.AccountUpdate = isVenueOwn ? { type: "externalOrder", order: update.order } : update;
  return fill === undefined ? [told] : [fill, told];
}

/** In one-way mode `pos` is negative for a short position, in hedge mode never. Isolated positions are not our orders'. */
export function parsePosition(session: VenueSession, payload: unknown): updates.PositionUpdate | undefined {
  const market = rowMarket(session, payload);
  if (market === undefined) return undefined;
  const row = read("a position", wirePosition, payload);
  if (row.mgnMode === "isolated") return undefined;
  const amount = row.pos.times(market.rule.contractSize);
  const { tradingPair } = market;
  const held = { side: row.posSide, amount: row.posSide === "short" ? amount.neg() : amount };
  const prices = { entryPrice: positive(row.avgPx), liquidationPrice: positive(row.liqPx) };
  const figures = { unrealizedPnl: row.upl, leverage: positive(row.lever), markPrice: positive(row.markPx) };
  // When the position last changed: a row that comes by interval may be older than the fill before it.
  return { type: "position", tradingPair, ...held, ...prices, ...figures, timestampMs: row.uTime };
}

/**
 * Balances and margin. A coin has its available equity where it carries positions, else a balance; the account's own
 * figures are empty in futures mode, where each coin has its own (docs, balance).
 */
export function parseAccount(payload: unknown): readonly updates.AccountUpdate[] {
  const { details, uTime: timestampMs, ...account } = read("an account", wireAccount, payload);
  const balances = details.map((row): updates.BalanceUpdate => {
    const available = row.availEq ?? row.availBal;
    return { type: "balance", asset: row.ccy, total: row.cashBal, available, timestampMs };
  });
  const coin = details.find(({ ccy }) => ccy === constants.SETTLE_COIN);
  const { collateral, freeCollateral, mmr } =
    account.adjEq === undefined
      ? { collateral: coin?.eq, freeCollateral: coin?.availEq, mmr: coin?.mmr }
      : { collateral: account.adjEq, freeCollateral: account.adjEq.minus(account.imr ?? ZERO), mmr: account.mmr };
  if (collateral === undefined || freeCollateral === undefined) return balances;
  const margin = { collateral, freeCollateral, maintenanceMarginRequirement: mmr, timestampMs };
  return [...balances, { type: "margin", ...margin }];
}

/** A payment is booked from the bills alone, which have its id: counted there, once. */
function parseChange(payload: unknown): readonly updates.AccountUpdate[] {
  const { eventType, pTime: timestampMs } = read("a change of balances", wireChange, payload);
  return eventType === "funding_fee" ? [{ type: "fundingDue", timestampMs }] : [];
}

function parseRow(session: VenueSession, channel: string, row: unknown): readonly updates.AccountUpdate[] {
  if (channel === "orders") return parseOrderEvent(session, row);
  if (channel === "account") return parseAccount(row);
  return channel === "positions" ? [parsePosition(session, row) ?? []].flat() : parseChange(row);
}

const EVENTS: Readonly<Record<string, PrivateFrameKind>> = constants.PRIVATE_EVENTS;
const channelOf = (channel: unknown) => constants.PRIVATE_CHANNELS.find((known) => known === channel);

export const userStreamDataSource: VenueUserStreamDataSource = {
  loginIsAcknowledged: true,

  /** One message a channel: each is confirmed by itself. */
  subscribeChannels: () =>
    constants.PRIVATE_CHANNELS.map((channel) => {
      const isOfProduct = channel === "orders" || channel === "positions";
      const arg = isOfProduct ? { channel, instType: constants.INSTRUMENT_TYPE } : { channel };
      return { op: "subscribe", args: [arg] };
    }),

  channelOriginatingMessage(message): PrivateFrameKind {
    if (message === "pong") return "pong";
    if (!isFrame(message)) return "unknown";
    if (message.event === undefined) return channelOf(message.arg?.channel) === undefined ? "unknown" : "update";
    if (message.event === "error") return isLoginError(message.code) ? "authFailed" : "error";
    return EVENTS[String(message.event)] ?? "unknown";
  },

  parseUserStreamMessage(session, message): readonly updates.AccountUpdate[] {
    const channel = isFrame(message) ? channelOf(message.arg?.channel) : undefined;
    if (channel === undefined || !isFrame(message)) return [];
    const rows = read(`a frame of ${channel}`, z.array(z.unknown()), message.data);
    return rows.flatMap((row) => parseRow(session, channel, row));
  },
};
