import { z } from "zod";
import type { BookFrame } from "../../market-data/book-frame.ts";
import { pushLevels } from "../../market-data/frame-checks.ts";
import type {
  PublicAnswer,
  PublicChannel,
  PublicFrameKind,
  VenueOrderBookDataSource,
} from "../../market-data/venue-order-book-data-source.ts";
import { ProtocolError } from "../../model/error.ts";
import type { FundingInfo } from "../../model/funding.ts";
import type { Market, PublicTrade, TradingPair } from "../../model/market.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { settleInTurn } from "../../net/fan-out.ts";
import { encodePath } from "../../net/rest-encoding.ts";
import { readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { readPayload, wireDecimal, wireIntegerId, wireIsoTime, wireText } from "../../net/wire.ts";
import {
  FUTURES_PATH_URL,
  MARKETS_PATH_URL,
  ORDER_BOOK_CHANNEL,
  ORDER_BOOK_DEPTH,
  REQUESTS_LIMIT_ID,
  TRADES_CHANNEL,
} from "./constants.ts";
import { manifest } from "./manifest.ts";
import { isFrame } from "./web-utils.ts";

const CHANNELS = { orderBook: ORDER_BOOK_CHANNEL, trades: TRADES_CHANNEL } as const;
const CHANNEL_NAMES = ["orderBook", "trades"] as const;

interface BookData {
  readonly time: unknown;
  readonly checksum: number;
  readonly bids: readonly unknown[];
  readonly asks: readonly unknown[];
}

function isBookData(data: unknown): data is BookData {
  if (typeof data !== "object" || data === null) return false;
  const book = data as Partial<Record<keyof BookData, unknown>>;
  return Array.isArray(book.bids) && Array.isArray(book.asks) && Number.isInteger(book.checksum);
}

function fillLevels(frame: BookFrame, { bids, asks }: Pick<BookData, "bids" | "asks">): void {
  pushLevels(frame.bids, bids);
  pushLevels(frame.asks, asks);
}

function parseBook(markets: VenueMarkets, message: unknown, frame: BookFrame, kind: BookFrame["kind"]): boolean {
  if (!isFrame(message) || !isBookData(message.data))
    throw new ProtocolError("an order book frame without bids, asks or checksum", { venue: manifest.name });
  const market = markets.bySymbol.get(wireText(message.market));
  if (market === undefined) return false;
  frame.kind = kind;
  frame.tradingPair = market.tradingPair;
  frame.timestampMs = typeof message.data.time === "number" ? message.data.time * 1_000 : Number.NaN;
  frame.checksum = message.data.checksum;
  fillLevels(frame, message.data);
  return true;
}

const wireTrade = z.object({
  id: wireIntegerId,
  price: wireDecimal,
  size: wireDecimal,
  side: z.enum(["buy", "sell"]),
  liquidation: z.boolean(),
  time: wireIsoTime,
});
const wireRows = z.array(z.unknown());
const wireBook = z.object({ bids: z.array(z.unknown()), asks: z.array(z.unknown()) });
const wireFuture = z.object({ index: wireDecimal, mark: wireDecimal });
const wireStats = z.object({ nextFundingRate: wireDecimal, nextFundingTime: wireIsoTime });
const wireLast = z.object({ last: wireDecimal.nullable() });

function publicRequest(path: string, params?: Readonly<Record<string, string | number>>) {
  return { method: "GET", path, params, isAuthRequired: false, limitId: REQUESTS_LIMIT_ID, lane: "poll" } as const;
}

async function fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo> {
  const path = `${FUTURES_PATH_URL}/${encodePath(marketOf(context.markets, tradingPair).symbol)}`;
  // The answers have no time of their own, and are at least as new as the question.
  const timestampMs = context.now();
  const [future, stats] = await Promise.all([
    context.api.send(publicRequest(path), context.signal),
    context.api.send(publicRequest(`${path}/stats`), context.signal),
  ]);
  const { index, mark } = readPayload(manifest.name, "GET /futures/{future}", wireFuture, future);
  const { nextFundingRate, nextFundingTime } = readPayload(
    manifest.name,
    "GET /futures/{future}/stats",
    wireStats,
    stats,
  );
  return {
    tradingPair,
    indexPrice: index,
    markPrice: mark,
    rate: nextFundingRate,
    nextFundingTimestampMs: nextFundingTime,
    kind: "predicted",
    timestampMs,
  };
}

export const orderBookDataSource: VenueOrderBookDataSource = {
  bookWire: {
    kind: "diff",
    texts: { channel: ORDER_BOOK_CHANNEL, type: "update" },
    snapshot: { texts: { type: "partial" } },
    ignored: ["data.action"],
    ...{ symbol: "market", checksum: "data.checksum", bids: "data.bids", asks: "data.asks" },
    time: { path: "data.time", form: "seconds" },
  },

  // Mark, index and funding have no channel: they are polled.
  channels: (_markets, tradingPair) => CHANNEL_NAMES.map((name) => ({ name, tradingPair, socket: "all" })),

  subscribeChannels: (markets, channels) => channelRequests(markets, "subscribe", channels),
  unsubscribeChannels: (markets, channels) => channelRequests(markets, "unsubscribe", channels),
  subscriptionAnswer,

  channelOriginatingMessage(message): PublicFrameKind {
    if (!isFrame(message)) return "unknown";
    switch (message.type) {
      case "update":
        if (message.channel === ORDER_BOOK_CHANNEL) return "orderBookDiff";
        return message.channel === TRADES_CHANNEL ? "trade" : message.channel === "ticker" ? "ignored" : "unknown";
      case "partial":
        return message.channel === ORDER_BOOK_CHANNEL ? "orderBookSnapshot" : "unknown";
      case "subscribed":
      case "unsubscribed":
      case "pong":
      case "error":
        return message.type;
      case "info":
        // 20001: the server is about to restart and asks to reconnect.
        return message.code === 20_001 ? "reconnect" : "ignored";
      default:
        return "unknown";
    }
  },

  tradingPairOf(markets, message) {
    if (!isFrame(message)) return undefined;
    if (typeof message.market === "string") return markets.bySymbol.get(message.market)?.tradingPair;
    // An error frame names the market only inside its text.
    const symbol = /market: (\S+)/.exec(wireText(message.msg ?? ""))?.[1];
    return symbol === undefined ? undefined : markets.bySymbol.get(symbol)?.tradingPair;
  },

  parseOrderBookDiffMessage: (markets, message, frame) => parseBook(markets, message, frame, "diff"),
  parseOrderBookSnapshotMessage: (markets, message, frame) => parseBook(markets, message, frame, "snapshot"),

  parseTradeMessage(markets, message, onUnreadable): readonly PublicTrade[] {
    if (!isFrame(message)) return [];
    const market = markets.bySymbol.get(wireText(message.market));
    if (market === undefined) return [];
    const { tradingPair } = market;
    const rows = readPayload(manifest.name, "a trades frame", wireRows, message.data);
    return readRows("a trade", rows, (row) => parseTrade(tradingPair, row), onUnreadable);
  },

  parseFundingInfoMessage: () => undefined,

  async requestOrderBookSnapshot(context, tradingPair, frame) {
    const { symbol } = marketOf(context.markets, tradingPair);
    const path = `${MARKETS_PATH_URL}/${encodePath(symbol)}/orderbook`;
    const payload = await context.api.send(publicRequest(path, { depth: ORDER_BOOK_DEPTH }), context.signal);
    const book = readPayload(manifest.name, "GET /markets/{market}/orderbook", wireBook, payload);
    frame.kind = "snapshot";
    frame.tradingPair = tradingPair;
    frame.timestampMs = context.now();
    frame.depth = ORDER_BOOK_DEPTH;
    fillLevels(frame, book);
  },

  fetchFundingInfo,

  async fetchLastTradedPrices(context, tradingPairs) {
    const prices = new Map<TradingPair, string>();
    await settleInTurn(context, tradingPairs, async (tradingPair) => {
      // The result is an object; the reference connector read `result[0]` and got nothing.
      const request = publicRequest(symbolPath(marketOf(context.markets, tradingPair)));
      const payload = await context.api.send(request, context.signal);
      const { last } = readPayload(manifest.name, "GET /markets/{market}", wireLast, payload);
      if (last !== null) prices.set(tradingPair, last.toFixed());
    });
    return prices;
  },
};

function parseTrade(tradingPair: TradingPair, payload: unknown): PublicTrade {
  const row = readPayload(manifest.name, "a trade", wireTrade, payload);
  return {
    tradingPair,
    tradeId: row.id,
    side: row.side,
    price: row.price,
    amount: row.size,
    timestampMs: row.time,
    liquidation: row.liquidation,
  };
}

function symbolPath(market: Market): string {
  return `${MARKETS_PATH_URL}/${encodePath(market.symbol)}`;
}

function channelRequests(markets: VenueMarkets, op: "subscribe" | "unsubscribe", channels: readonly PublicChannel[]) {
  return channels.flatMap(({ name, tradingPair }) => {
    const own = CHANNEL_NAMES.find((known) => known === name);
    return own === undefined ? [] : { op, channel: CHANNELS[own], market: marketOf(markets, tradingPair).symbol };
  });
}

/** An error names at most the market: one that is not there has none of its channels. */
function subscriptionAnswer(markets: VenueMarkets, message: unknown): PublicAnswer | undefined {
  if (!isFrame(message)) return undefined;
  const { type, channel, market, msg } = message;
  if (type === "subscribed" || type === "unsubscribed") {
    const tradingPair = markets.bySymbol.get(wireText(market))?.tradingPair;
    const name = CHANNEL_NAMES.find((known) => CHANNELS[known] === channel);
    const channels = name === undefined || tradingPair === undefined ? [] : [{ name, tradingPair }];
    return { isAccepted: true, operation: type === "subscribed" ? "subscribe" : "unsubscribe", channels };
  }
  if (type !== "error") return undefined;
  const reason = wireText(msg ?? "no text");
  if (/already subscribed/i.test(reason)) return { isAccepted: true, operation: "subscribe" };
  if (/not subscribed/i.test(reason)) return { isAccepted: true, operation: "unsubscribe" };
  const missing = markets.bySymbol.get(/No such market: (\S+)/.exec(reason)?.[1] ?? "")?.tradingPair;
  const channels = missing === undefined ? [] : CHANNEL_NAMES.map((name) => ({ name, tradingPair: missing }));
  return { isAccepted: false, channels, reason };
}
