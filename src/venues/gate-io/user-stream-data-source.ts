import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type { AccountUpdate } from "../../model/account-update.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { type OnUnreadable, type RowKind, readRows } from "../../net/rows.ts";
import { wireTimeMs } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { wireList } from "./requests.ts";
import { FILL_ROW, ORDER_ROW, POSITION_ROW, parseFill, parseOrder, parsePosition } from "./rows.ts";
import { BALANCE_ROW, parseBalancePush } from "./wallet.ts";
import { answerOf, isFrame, read } from "./web-utils.ts";

type Name = constants.PrivateChannelName;
type Parse = (row: unknown) => AccountUpdate | readonly AccountUpdate[] | undefined;

const NAMES = constants.PRIVATE_CHANNELS.map(({ name }) => name);
const KINDS: Readonly<Record<Name, RowKind>> = {
  orders: ORDER_ROW,
  usertrades: FILL_ROW,
  positions: POSITION_ROW,
  balances: BALANCE_ROW,
};

function channelOf(message: unknown): Name | undefined {
  const channel = isFrame(message) ? message.channel : undefined;
  return NAMES.find((name) => channel === `${constants.CHANNEL_PREFIX}${name}`);
}

/** `!all` stands for every contract; a balance is of none. */
function channelRequests(
  markets: VenueMarkets,
  event: "subscribe" | "unsubscribe",
  names: readonly string[],
  requestId?: number,
) {
  const userId = markets.account?.userId ?? "";
  return names.map((name) => ({
    ...(requestId === undefined ? {} : { id: requestId }),
    channel: `${constants.CHANNEL_PREFIX}${name}`,
    event,
    payload: name === "balances" ? [userId] : [userId, "!all"],
  }));
}

/**
 * A position changes the moment of a fill at the earliest and is pushed after it, so that the time of the message is the one
 * that says which fills are in it. Its mode is the account's.
 */
function parsePositionPush(markets: VenueMarkets, row: unknown, timestampMs: number): readonly AccountUpdate[] {
  const position = parsePosition(markets, row, timestampMs);
  if (position === undefined) return [];
  const positionMode = position.side === "both" ? "oneWay" : "hedge";
  return [{ type: "settings", positionMode, timestampMs }, position];
}

function parserOf(markets: VenueMarkets, name: Name, timestampMs: number): Parse {
  switch (name) {
    case "orders":
      return (row) => parseOrder(markets, row);
    case "usertrades":
      return (row) => parseFill(markets, row);
    case "positions":
      return (row) => parsePositionPush(markets, row, timestampMs);
    case "balances":
      return parseBalancePush;
  }
}

export const userStreamDataSource: VenueUserStreamDataSource = {
  /** False, for there is no login: every subscription is signed, and answered, by itself. */
  loginIsAcknowledged: false,

  channels: constants.PRIVATE_CHANNELS,
  subscribeChannels: (markets, names = NAMES, id) => channelRequests(markets, "subscribe", names, id),
  unsubscribeChannels: (markets, names, id) => channelRequests(markets, "unsubscribe", names, id),
  channelOf,

  /** The channel that an answer is of names it: the messages of one request share its id. */
  subscriptionAnswer(message) {
    const answer = answerOf(message);
    const name = channelOf(message);
    if (answer === undefined || name === undefined) return undefined;
    const { operation, isAccepted } = answer;
    return { operation, isAccepted, channels: [name], reason: isAccepted ? undefined : answer.reason };
  },

  channelOriginatingMessage(message): PrivateFrameKind {
    if (!isFrame(message)) return "unknown";
    const { channel, error, event } = message;
    if (channel === constants.PONG_CHANNEL) return "pong";
    if (channel === constants.SYSTEM_CHANNEL) return "reconnect";
    const answer = answerOf(message);
    if (answer !== undefined && channelOf(message) !== undefined) {
      if (answer.isAccepted) return "subscribed";
      return answer.code === constants.AUTHENTICATION_FAILED ? "authFailed" : "error";
    }
    if (error != null) return "error";
    return event === "update" && channelOf(message) !== undefined ? "update" : "unknown";
  },

  parseUserStreamMessage(
    markets: VenueMarkets,
    message: unknown,
    onUnreadable?: OnUnreadable,
  ): readonly AccountUpdate[] {
    const name = channelOf(message);
    if (name === undefined || !isFrame(message)) return [];
    const timestampMs = read("the time of a frame", wireTimeMs, message.time_ms);
    const rows = read(`a frame of ${name}`, wireList, message.result);
    const parse = parserOf(markets, name, timestampMs);
    return readRows<unknown, AccountUpdate>(`a row of ${name}`, rows, parse, onUnreadable, KINDS[name]);
  },
};
