import { z } from "zod";
import type { PrivateFrameKind, VenueUserStreamDataSource } from "../../account/venue-user-stream-data-source.ts";
import type { AccountUpdate, FundingDue } from "../../model/account-update.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { type OnUnreadable, readRows } from "../../net/rows.ts";
import { wireText } from "../../net/wire.ts";
import { PRIVATE_CHANNELS } from "./constants.ts";
import { isRow, userOf } from "./requests.ts";
import { FILL_ROW, flatRow, ORDER_ROW, PAYMENT_ROW, parseFill, parseOrder } from "./rows.ts";
import { echoOf, isAlreadySoText, isFrame, isLimitText, read, wireTime } from "./web-utils.ts";

export { parseFill, parseOrder };

/** Made once: a schema that was made for each list took as long as its rows. */
const wireRows = z.array(z.unknown());

type Channel = (typeof PRIVATE_CHANNELS)[number];
const channelOf = (channel: unknown): Channel | undefined => PRIVATE_CHANNELS.find((known) => known === channel);

const wireFills = z.object({ fills: wireRows });
const wireFundings = z.object({ fundings: wireRows });
const wireSettlement = z.object({ time: wireTime });

/** A payment is booked from its history alone, where it stands under the same time: counted there, once. */
function parseSettlement(row: unknown): FundingDue {
  return { type: "fundingDue", timestampMs: read("a payment", wireSettlement, row).time };
}

/**
 * The first frame of a subscription holds what happened before it, days of it: that is asked for from the last cursor on.
 * Frames of orders name no account, and there is one a connection.
 */
function parse(
  markets: VenueMarkets,
  channel: Channel,
  data: unknown,
  onUnreadable?: OnUnreadable,
): readonly AccountUpdate[] {
  if (isRow(data) && data.isSnapshot === true) return [];
  const what = `a row of ${channel}`;
  switch (channel) {
    case "orderUpdates": {
      const rows = read("a frame of orderUpdates", wireRows, data).map((row) => flatRow(row, "order"));
      return readRows(what, rows, (row) => parseOrder(markets, row), onUnreadable, ORDER_ROW);
    }
    case "userFills": {
      const { fills } = read("a frame of userFills", wireFills, data);
      return readRows<unknown, AccountUpdate>(what, fills, (row) => parseFill(markets, row), onUnreadable, FILL_ROW);
    }
    case "userFundings": {
      const { fundings } = read("a frame of userFundings", wireFundings, data);
      return readRows(what, fundings, parseSettlement, onUnreadable, PAYMENT_ROW);
    }
  }
}

function channelRequests(markets: VenueMarkets, method: "subscribe" | "unsubscribe", channels: readonly string[]) {
  const user = userOf(markets);
  return channels.map((type) => ({ method, subscription: { type, user } }));
}

export const userStreamDataSource: VenueUserStreamDataSource = {
  // Nobody logs in: what an account does is public.
  loginIsAcknowledged: false,

  // Private events of part fills: the documentation does not say if one is told as a change of the order.
  channels: PRIVATE_CHANNELS.map((name) => ({ name, followsFills: name === "userFills" })),
  subscribeChannels: (markets, channels = PRIVATE_CHANNELS) => channelRequests(markets, "subscribe", channels),
  unsubscribeChannels: (markets, channels) => channelRequests(markets, "unsubscribe", channels),
  channelOf: (message) => (isFrame(message) ? channelOf(message.channel) : undefined),

  subscriptionAnswer(message) {
    if (!isFrame(message)) return undefined;
    const isError = message.channel === "error";
    if (message.channel !== "subscriptionResponse" && !isError) return undefined;
    const echo = echoOf(message);
    const named = channelOf(echo?.type);
    const channels = named === undefined ? [] : [named];
    if (!isError) return { isAccepted: true, operation: echo?.operation, channels };
    const reason = wireText(message.data);
    if (isAlreadySoText(reason)) {
      return { isAccepted: true, operation: /^already un/i.test(reason) ? "unsubscribe" : "subscribe", channels };
    }
    return { isAccepted: false, channels, isLimit: isLimitText(reason), reason };
  },

  channelOriginatingMessage(message): PrivateFrameKind {
    // A greeting that is no JSON comes as text.
    if (typeof message === "string") return "ignored";
    if (!isFrame(message)) return "unknown";
    const { channel } = message;
    if (channelOf(channel) !== undefined) return "update";
    if (channel === "subscriptionResponse") return "subscribed";
    return channel === "pong" || channel === "error" ? channel : "unknown";
  },

  parseUserStreamMessage(markets, message, onUnreadable): readonly AccountUpdate[] {
    if (!isFrame(message)) return [];
    const channel = channelOf(message.channel);
    return channel === undefined ? [] : parse(markets, channel, message.data, onUnreadable);
  },
};
