import { z } from "zod";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type { AccountUpdate } from "../../model/account-update.ts";
import type { VenueSession } from "../../model/venue-session.ts";
import { PRIVATE_TOPICS } from "./constants.ts";
import { parseExecution, parseOrder, parsePosition, parseWallet } from "./rows.ts";
import { isAccepted, isFrame, read, wireTime } from "./web-utils.ts";

type Rows = readonly (AccountUpdate | undefined)[];

function parseRow(session: VenueSession, topic: string, row: unknown, timestampMs: number): Rows {
  if (topic === "order") return [parseOrder(session, row)];
  if (topic === "execution") return [parseExecution(session, row)];
  return topic === "position" ? [parsePosition(session, row, timestampMs)] : parseWallet(row, timestampMs);
}

const topicOf = (topic: unknown) => PRIVATE_TOPICS.find((known) => known === topic);

export const userStreamDataSource: VenueUserStreamDataSource = {
  loginIsAcknowledged: true,

  subscribeChannels: () => [{ op: "subscribe", args: PRIVATE_TOPICS }],

  channelOriginatingMessage(message): PrivateFrameKind {
    if (!isFrame(message)) return "unknown";
    if (message.topic !== undefined) return topicOf(message.topic) === undefined ? "unknown" : "update";
    if (message.op === "ping" || message.op === "pong") return "pong";
    if (message.op === "auth") return isAccepted(message) ? "authenticated" : "authFailed";
    if (message.op === "subscribe") return isAccepted(message) ? "subscribed" : "error";
    return message.success === false ? "error" : "unknown";
  },

  parseUserStreamMessage(session, message): readonly AccountUpdate[] {
    const topic = isFrame(message) ? topicOf(message.topic) : undefined;
    if (topic === undefined || !isFrame(message)) return [];
    // A position's own time may lie before that of the fill that changed it; the message comes after both.
    const timestampMs = read("the time of a frame", wireTime, message.creationTime);
    const rows = read(`a frame of ${topic}`, z.array(z.unknown()), message.data);
    return rows.flatMap((row) => parseRow(session, topic, row, timestampMs)).filter((update) => update !== undefined);
  },
};
