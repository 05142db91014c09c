import { z } from "zod";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type { AccountUpdate } from "../../model/account-update.ts";
import { NotFoundError } from "../../model/error.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { wordTable } from "../../model/word-table.ts";
import { type OnUnreadable, type RowKind, readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireCoin, wireDecimal, wireTimeMs } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { adjustmentIdOf, sourceOf } from "./forced-orders.ts";
import { manifest } from "./manifest.ts";
import { parseFill, parseOrder, parsePosition, venueReasonOf, wirePositionSide } from "./rows.ts";
import { eventOf, isObject, publicRequest, read, renamed } from "./web-utils.ts";

export { parseFill, parseOrder };

/** Letters of ORDER_TRADE_UPDATE, by REST's words; REST has none for `er`. */
const ORDER_LETTERS =
  "symbol:s orderId:i clientOrderId:c side:S type:o timeInForce:f price:p origQty:q executedQty:z avgPrice:ap status:X " +
  "expiryReason:er reduceOnly:R updateTime:T";
const FILL_LETTERS =
  "symbol:s id:t orderId:i clientOrderId:c side:S positionSide:ps price:L qty:l commission:n commissionAsset:N maker:m " +
  "realizedPnl:rp time:T";
const POSITION_LETTERS = "symbol:s positionSide:ps positionAmt:pa entryPrice:ep unRealizedProfit:up marginType:mt";

const wireExecution = z.object({
  /** Client order id. */
  c: z.string(),
  /** Kind of execution, such as TRADE or CALCULATED. */
  x: z.string(),
  /** Amount of this fill; zero where the event is none. */
  l: wireDecimal,
  /** Amount filled in all. */
  z: wireDecimal,
});

const wireBalance = z.object({
  /** Asset. */
  a: wireCoin,
  /** Wallet balance. */
  wb: wireDecimal,
});

const wireAccountChange = z.object({
  /** Reason of the event, such as ORDER or FUNDING_FEE. */
  m: z.string(),
  /** Balances that changed. */
  B: z.array(z.unknown()).default([]),
  /** Positions that changed, by `POSITION_LETTERS`. */
  P: z.array(z.unknown()).default([]),
});

const wireAccountEvent = z.object({
  /** Time of the change, epoch milliseconds. */
  T: wireTimeMs,
  a: wireAccountChange,
});

const wireConfigEvent = z.object({
  /** Time of the change, epoch milliseconds. */
  T: wireTimeMs,
  /** Symbol and its new leverage; absent where another setting changed. */
  ac: z.object({ s: z.string(), l: wireDecimal }).optional(),
});

const wireListenKey = z.object({ listenKey: z.string().min(1) });
const wireKept = wireListenKey.partial();
const NO_UPDATES: readonly AccountUpdate[] = [];

function parseOrderEvent(markets: VenueMarkets, payload: unknown): readonly AccountUpdate[] {
  const event = isObject(payload) ? payload : {};
  const { c, x, l, z: executed } = read("an ORDER_TRADE_UPDATE event", wireExecution, event);
  const update = parseOrder(markets, renamed(event, ORDER_LETTERS));
  if (update === undefined) return NO_UPDATES;
  const reason = venueReasonOf(c);
  // Executions of a liquidation are `CALCULATED` or `TRADE`; of our orders only `TRADE` is a fill.
  const isFill = !l.isZero() && (x === "TRADE" || reason !== undefined);
  const fill = isFill ? parseFill(markets, renamed(event, FILL_LETTERS)) : undefined;
  if (reason === undefined) return fill === undefined ? [update] : [fill, update];
  const external: AccountUpdate = { type: "externalOrder", order: update.order };
  if (fill === undefined) return [external];
  const { tradingPair, price, fee, realizedPnl, timestampMs } = fill;
  const adjustmentId = adjustmentIdOf(tradingPair, fill.exchangeOrderId, executed);
  const adjustment: AccountUpdate = {
    type: "positionAdjustment",
    adjustmentId,
    tradingPair,
    reason,
    side: wirePositionSide.parse(event.ps),
    amount: fill.side === "buy" ? fill.amount : fill.amount.neg(),
    price,
    fee,
    realizedPnl,
    ...sourceOf(fill),
    timestampMs,
  };
  return [adjustment, external];
}

/** Letters of the events that name a row's owner. */
const ORDER_EVENT: RowKind = { subject: "order", clientOrderId: "c", exchangeOrderId: "i", symbol: "s" };
const POSITION_EVENT: RowKind = { subject: "position", symbol: "s" };
const BALANCE_EVENT: RowKind = { subject: "balance", asset: "a" };

function parseAccountEvent(markets: VenueMarkets, message: unknown, onUnreadable?: OnUnreadable) {
  const { T: timestampMs, a } = read("an ACCOUNT_UPDATE event", wireAccountEvent, message);
  const parseBalance = (payload: unknown): AccountUpdate => {
    const row = read("a balance", wireBalance, payload);
    return { type: "balance", asset: row.a, total: row.wb, timestampMs };
  };
  const parseRow = (row: unknown) =>
    parsePosition(markets, { ...renamed(isObject(row) ? row : {}, POSITION_LETTERS), updateTime: timestampMs });
  const updates: AccountUpdate[] = [
    ...readRows("a balance of ACCOUNT_UPDATE", a.B, parseBalance, onUnreadable, BALANCE_EVENT),
    ...readRows("a position of ACCOUNT_UPDATE", a.P, parseRow, onUnreadable, POSITION_EVENT),
  ];
  // Event names its market (`a.S`) since 2026 and not its transaction: the payment itself comes from the income
  // history, which has its id, so that it cannot be counted twice (docs, Event-Balance-and-Position-Update).
  if (a.m === "FUNDING_FEE") updates.push({ type: "fundingDue", timestampMs });
  return updates;
}

function parseConfigEvent(markets: VenueMarkets, message: unknown): readonly AccountUpdate[] {
  const { T: timestampMs, ac } = read("an ACCOUNT_CONFIG_UPDATE event", wireConfigEvent, message);
  const market = ac === undefined ? undefined : markets.bySymbol.get(ac.s);
  if (ac === undefined || market === undefined) return NO_UPDATES;
  return [{ type: "settings", tradingPair: market.tradingPair, leverage: ac.l, timestampMs }];
}

function sendListenKeyRequest({ api, signal }: VenueContext, method: "POST" | "PUT"): Promise<unknown> {
  const request = { ...publicRequest(constants.LISTEN_KEY_PATH_URL, 1), method, isAuthRequired: true };
  return api.send({ ...request, lane: "create" }, signal);
}

const FRAME_KINDS: Readonly<Record<string, PrivateFrameKind>> = wordTable({
  ORDER_TRADE_UPDATE: "update",
  ACCOUNT_UPDATE: "update",
  ACCOUNT_CONFIG_UPDATE: "update",
  listenKeyExpired: "listenKeyExpired",
  // Fills of ORDER_TRADE_UPDATE again, sooner and without their fee.
  TRADE_LITE: "ignored",
  ALGO_UPDATE: "ignored",
  CONDITIONAL_ORDER_TRIGGER_REJECT: "ignored",
  MARGIN_CALL: "ignored",
  STRATEGY_UPDATE: "ignored",
  GRID_UPDATE: "ignored",
});

export const userStreamDataSource: VenueUserStreamDataSource = {
  listenKey: {
    keepAliveIntervalMs: constants.LISTEN_KEY_KEEP_ALIVE_MS,
    validForMs: constants.LISTEN_KEY_VALID_MS,
    fetchListenKey: async (context) =>
      read("POST /fapi/v1/listenKey", wireListenKey, await sendListenKeyRequest(context, "POST")).listenKey,
    /** Keeps the account's key alive, whichever it is: ours is dead where the answer names another. */
    async pingListenKey(context, ours) {
      const kept = read("PUT /fapi/v1/listenKey", wireKept, await sendListenKeyRequest(context, "PUT")).listenKey;
      if (kept === undefined || kept === ours) return;
      throw new NotFoundError("the account has another listen key by now", { venue: manifest.name });
    },
  },
  loginIsAcknowledged: false,
  // One stream has it all: where it is silent after a fill, the connection and its key are made anew.
  channels: [{ name: "userData", followsFills: true }],
  subscribeChannels: () => [],
  channelOf: () => "userData",

  channelOriginatingMessage(message): PrivateFrameKind {
    const event = eventOf(message)?.e;
    return typeof event === "string" ? (FRAME_KINDS[event] ?? "unknown") : "unknown";
  },

  parseUserStreamMessage(markets, message, onUnreadable): readonly AccountUpdate[] {
    const event = eventOf(message);
    if (event?.e === "ORDER_TRADE_UPDATE") {
      const parse = (row: unknown) => parseOrderEvent(markets, row);
      return readRows<unknown, AccountUpdate>("ORDER_TRADE_UPDATE", [event.o], parse, onUnreadable, ORDER_EVENT);
    }
    if (event?.e === "ACCOUNT_UPDATE") return parseAccountEvent(markets, event, onUnreadable);
    return parseConfigEvent(markets, event);
  },
};
