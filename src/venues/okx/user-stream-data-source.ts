import { z } from "zod";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type * as updates from "../../model/account-update.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { wordTable } from "../../model/word-table.ts";
import { type OnUnreadable, type RowKind, readRows } from "../../net/rows.ts";
import { wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isLoginError } from "./errors.ts";
import { ACCOUNT_ROW, ORDER_ROW, POSITION_ROW, parseAccount, parseFill, parseOrder, parsePosition } from "./rows.ts";
import { isFrame, read, wireTime } from "./web-utils.ts";

export { parseAccount };

/** Made once: a schema that was made for each list took as long as its rows. */
const wireRows = z.array(z.unknown());

const wireChange = z.object({
  /** Cause of the change. */
  eventType: z.string(),
  /** Time of the message. */
  pTime: wireTime,
});

/** Rows that come for another reason than a fill repeat the last one or leave it empty. */
function hasFill(row: object): boolean {
  return "tradeId" in row && Boolean(row.tradeId) && "fillSz" in row && Number(wireText(row.fillSz)) !== 0;
}

function parseOrderEvent(markets: VenueMarkets, payload: unknown): readonly updates.AccountUpdate[] {
  const update = parseOrder(markets, payload);
  if (update === undefined || typeof payload !== "object" || payload === null) return [];
  const fill = hasFill(payload) ? parseFill(markets, payload) : undefined;
  const isVenueOwn = "category" in payload && constants.ADJUSTMENT_REASON.has(wireText(payload.category));
  const told: updates.AccountUpdate = isVenueOwn ? { type: "externalOrder", order: update.order } : update;
  return fill === undefined ? [told] : [fill, told];
}

/** A payment is booked from the bills alone, which have its id: counted there, once. */
function parseChange(payload: unknown): readonly updates.AccountUpdate[] {
  const { eventType, pTime: timestampMs } = read("a change of balances", wireChange, payload);
  return eventType === "funding_fee" ? [{ type: "fundingDue", timestampMs }] : [];
}

type Channel = (typeof constants.PRIVATE_CHANNELS)[number];
type Parse = (row: unknown) => updates.AccountUpdate | readonly updates.AccountUpdate[] | undefined;

function parserOf(markets: VenueMarkets, channel: Channel, onUnreadable?: OnUnreadable): Parse {
  if (channel === "orders") return (row) => parseOrderEvent(markets, row);
  if (channel === "account") return (row) => parseAccount(row, onUnreadable);
  return channel === "positions" ? (row) => parsePosition(markets, row) : parseChange;
}

/** A change of balances tells of funding alone here: its balances have a channel of their own. */
const CHANGE_ROW: RowKind = { subject: "fundingPayment" };
const KINDS: Readonly<Record<string, RowKind>> = {
  orders: ORDER_ROW,
  account: ACCOUNT_ROW,
  positions: POSITION_ROW,
};

const EVENTS: Readonly<Record<string, PrivateFrameKind>> = wordTable(constants.PRIVATE_EVENTS);
const channelOf = (channel: unknown) => constants.PRIVATE_CHANNELS.find((known) => known === channel);

const QUOTED_CHANNEL = /channel\\?"?\s*:\s*\\?"?([\w-]+)/;

function channelRequests(op: "subscribe" | "unsubscribe", channels: readonly string[]) {
  return channels.map((channel) => {
    const isOfProduct = channel === "orders" || channel === "positions";
    return { op, args: [isOfProduct ? { channel, instType: constants.INSTRUMENT_TYPE } : { channel }] };
  });
}

export const userStreamDataSource: VenueUserStreamDataSource = {
  loginIsAcknowledged: true,

  /** A fill changes the order, the position and the account. */
  channels: constants.PRIVATE_CHANNELS.map((name) => ({ name, followsFills: true })),
  /** One message a channel: each is confirmed by itself. */
  subscribeChannels: (_markets, channels = constants.PRIVATE_CHANNELS) => channelRequests("subscribe", channels),
  unsubscribeChannels: (_markets, channels) => channelRequests("unsubscribe", channels),
  channelOf: (message) => (isFrame(message) ? channelOf(message.arg?.channel) : undefined),

  /** An error quotes its channel in its text: `channel:orders,instType:SWAP`. */
  subscriptionAnswer(message) {
    if (!isFrame(message)) return undefined;
    const { event, arg, code, msg } = message;
    const text = wireText(msg ?? "");
    const named = channelOf(arg?.channel ?? message.channel ?? QUOTED_CHANNEL.exec(text)?.[1]);
    const channels = named === undefined ? [] : [named];
    if (event === "subscribe" || event === "unsubscribe") return { isAccepted: true, operation: event, channels };
    if (event === constants.REVOKED) return { isAccepted: false, isRevoked: true, channels, reason: String(event) };
    const isLimit = constants.TOO_FREQUENT.has(wireText(code));
    return event === "error"
      ? { isAccepted: false, channels, isLimit, reason: `${wireText(code)} ${text}` }
      : undefined;
  },

  channelOriginatingMessage(message): PrivateFrameKind {
    if (message === "pong") return "pong";
    if (!isFrame(message)) return "unknown";
    if (message.event === undefined) return channelOf(message.arg?.channel) === undefined ? "unknown" : "update";
    if (message.event === "error") return isLoginError(message.code) ? "authFailed" : "error";
    return EVENTS[wireText(message.event)] ?? "unknown";
  },

  parseUserStreamMessage(markets, message, onUnreadable): readonly updates.AccountUpdate[] {
    const channel = isFrame(message) ? channelOf(message.arg?.channel) : undefined;
    if (channel === undefined || !isFrame(message)) return [];
    const rows = read(`a frame of ${channel}`, wireRows, message.data);
    const kind = KINDS[channel] ?? CHANGE_ROW;
    const parse = parserOf(markets, channel, onUnreadable);
    return readRows<unknown, updates.AccountUpdate>(`a row of ${channel}`, rows, parse, onUnreadable, kind);
  },
};
