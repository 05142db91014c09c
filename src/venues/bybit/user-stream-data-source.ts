import { z } from "zod";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type { AccountUpdate } from "../../model/account-update.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { type OnUnreadable, type RowKind, readRows } from "../../net/rows.ts";
import { wireText } from "../../net/wire.ts";
import { PRIVATE_CHANNELS, PRIVATE_TOPICS } from "./constants.ts";
import { EXECUTION_ROW, ORDER_ROW, POSITION_ROW, parseExecution, parseOrder, parsePosition } from "./rows.ts";
import { parseWallet, WALLET_ROW } from "./wallet.ts";
import { isAccepted, isFrame, read, wireTime } from "./web-utils.ts";

export { parseExecution, parseWallet };

/** Made once: a schema that was made for each list took as long as its rows. */
const wireRows = z.array(z.unknown());

type Topic = (typeof PRIVATE_TOPICS)[number];
type Parse = (row: unknown) => AccountUpdate | readonly AccountUpdate[] | undefined;

const KINDS: Readonly<Record<Topic, RowKind>> = {
  order: ORDER_ROW,
  execution: EXECUTION_ROW,
  position: POSITION_ROW,
  wallet: WALLET_ROW,
};

function parserOf(markets: VenueMarkets, topic: Topic, timestampMs: number, onUnreadable?: OnUnreadable): Parse {
  switch (topic) {
    case "order":
      return (row) => parseOrder(markets, row);
    case "execution":
      return (row) => parseExecution(markets, row);
    case "position":
      return (row) => parsePosition(markets, row, timestampMs);
    case "wallet":
      return (row) => parseWallet(row, timestampMs, onUnreadable);
  }
}

const topicOf = (topic: unknown) => PRIVATE_TOPICS.find((known) => known === topic);

function topicRequest(op: "subscribe" | "unsubscribe", args: readonly string[], requestId?: number) {
  return [{ ...(requestId === undefined ? {} : { req_id: String(requestId) }), op, args }];
}

export const userStreamDataSource: VenueUserStreamDataSource = {
  loginIsAcknowledged: true,

  channels: PRIVATE_CHANNELS,
  subscribeChannels: (_markets, topics = PRIVATE_TOPICS, id) => topicRequest("subscribe", topics, id),
  unsubscribeChannels: (_markets, topics, id) => topicRequest("unsubscribe", topics, id),
  channelOf: (message) => (isFrame(message) ? topicOf(message.topic) : undefined),

  /** A topic that is wrong makes Bybit refuse the whole request; its text names the topic. */
  subscriptionAnswer(message) {
    if (!isFrame(message) || (message.op !== "subscribe" && message.op !== "unsubscribe")) return undefined;
    const id = Number(wireText(message.req_id));
    const answered = { operation: message.op, requestId: id > 0 ? id : undefined } as const;
    if (isAccepted(message)) return { ...answered, isAccepted: true };
    const reason = wireText(message.ret_msg ?? "no text");
    const channels = PRIVATE_TOPICS.filter((topic) => new RegExp(`\\b${topic}\\b`).test(reason));
    const isAlreadySo = /already subscribed/i.test(reason);
    return { ...answered, isAccepted: false, refusesAll: true, channels, isAlreadySo, reason };
  },

  channelOriginatingMessage(message): PrivateFrameKind {
    if (!isFrame(message)) return "unknown";
    if (message.topic !== undefined) return topicOf(message.topic) === undefined ? "unknown" : "update";
    if (message.op === "ping" || message.op === "pong") return "pong";
    if (message.op === "auth") return isAccepted(message) ? "authenticated" : "authFailed";
    if (message.op === "subscribe") return isAccepted(message) ? "subscribed" : "error";
    return message.success === false ? "error" : "unknown";
  },

  parseUserStreamMessage(markets, message, onUnreadable): readonly AccountUpdate[] {
    const topic = isFrame(message) ? topicOf(message.topic) : undefined;
    if (topic === undefined || !isFrame(message)) return [];
    // A position's own time may lie before that of the fill that changed it; the message comes after both.
    const timestampMs = read("the time of a frame", wireTime, message.creationTime);
    const rows = read(`a frame of ${topic}`, wireRows, message.data);
    const parse = parserOf(markets, topic, timestampMs, onUnreadable);
    return readRows<unknown, AccountUpdate>(`a row of ${topic}`, rows, parse, onUnreadable, KINDS[topic]);
  },
};
