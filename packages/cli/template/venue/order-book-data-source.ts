import { z } from "zod";
import type { BookFrame } from "../../../../src/market-data/book-frame.ts";
import { pushLevels } from "../../../../src/market-data/frame-checks.ts";
import type {
  PublicAnswer,
  PublicChannel,
  PublicFrameKind,
  VenueOrderBookDataSource,
} from "../../../../src/market-data/venue-order-book-data-source.ts";
import { ProtocolError } from "../../../../src/model/error.ts";
import type { FundingInfo } from "../../../../src/model/funding.ts";
import type { PublicTrade, TradingPair } from "../../../../src/model/market.ts";
import { marketOf, type VenueMarkets } from "../../../../src/model/venue-markets.ts";
import { settleInTurn } from "../../../../src/net/fan-out.ts";
import { readRows } from "../../../../src/net/rows.ts";
import type { VenueContext } from "../../../../src/net/venue-api.ts";
import { wireDecimal, wireId, wireText, wireTimeMs } from "../../../../src/net/wire.ts";
import * as constants from "./constants.ts";
import { isFrame, publicRequest, read } from "./web-utils.ts";

// CHECK: markPrice, indexPrice and fundingRate in the place of fundingInfo where the venue has a channel for each.
const CHANNELS = {
  orderBook: constants.ORDER_BOOK_CHANNEL,
  trades: constants.TRADES_CHANNEL,
  fundingInfo: constants.FUNDING_INFO_CHANNEL,
} as const;
const CHANNEL_NAMES = ["orderBook", "trades", "fundingInfo"] as const;

// CHECK: the fields of every payload; the book's are read without a schema, because it is the hot path.
type Levels = readonly unknown[];
interface BookData {
  readonly bids: Levels;
  readonly asks: Levels;
  // <book-fields>
  readonly sequence: number;
  readonly previousSequence?: number;
  // </book-fields>
}
const wireLevels = z.array(z.unknown());
const wireBook = z.object({
  bids: wireLevels,
  asks: wireLevels,
  timestamp: wireTimeMs,
  // <wire-sequence>
  // </wire-sequence>
});
const wireTrade = z.object({
  id: wireId,
  // <trade-side>
  /** The taker's. */
  side: z.enum(["buy", "sell"]),
  // </trade-side>
  price: wireDecimal,
  size: wireDecimal,
  timestamp: wireTimeMs,
});
const wireFundingInfo = z.object({
  symbol: z.string(),
  indexPrice: wireDecimal,
  markPrice: wireDecimal,
  fundingRate: wireDecimal,
  nextFundingTime: wireTimeMs,
  timestamp: wireTimeMs,
});
const wireTicker = z.object({ lastPrice: wireDecimal });

function isBookData(data: unknown): data is BookData {
  if (typeof data !== "object" || data === null) return false;
  const book = data as Partial<Record<keyof BookData, unknown>>;
  // <is-book>
  return Array.isArray(book.bids) && Array.isArray(book.asks) && Number.isInteger(book.sequence);
  // </is-book>
}

// <fill-levels>
function fillLevels(frame: BookFrame, { bids, asks }: Pick<BookData, "bids" | "asks">): void {
  pushLevels(frame.bids, bids);
  pushLevels(frame.asks, asks);
}
// </fill-levels>

function parseBook(markets: VenueMarkets, message: unknown, frame: BookFrame, kind: BookFrame["kind"]): boolean {
  if (!isFrame(message) || typeof message.timestamp !== "number" || !isBookData(message.data))
    // <not-a-book>
    throw new ProtocolError("an order book frame without time, bids, asks or sequence");
  // </not-a-book>
  const market = markets.bySymbol.get(wireText(message.symbol));
  if (market === undefined) return false;
  frame.kind = kind;
  frame.tradingPair = market.tradingPair;
  frame.timestampMs = message.timestamp;
  // <frame-ids>
  frame.updateId = message.data.sequence;
  frame.previousUpdateId = message.data.previousSequence ?? Number.NaN;
  // </frame-ids>
  // <frame-levels>
  fillLevels(frame, message.data);
  // </frame-levels>
  return true;
}

function parseFundingInfo(markets: VenueMarkets, payload: unknown): FundingInfo | undefined {
  const row = read("funding info", wireFundingInfo, payload);
  const tradingPair = markets.bySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const { indexPrice, markPrice, fundingRate: rate, nextFundingTime: nextFundingTimestampMs, timestamp } = row;
  // CHECK: whether the rate is an estimate of the next settlement or that of the last one.
  const kind = "predicted";
  return { tradingPair, indexPrice, markPrice, rate, nextFundingTimestampMs, kind, timestampMs: timestamp };
}

async function fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo> {
  const { symbol } = marketOf(context.markets, tradingPair);
  const payload = await context.api.send(publicRequest(constants.FUNDING_INFO_PATH_URL, { symbol }), context.signal);
  const info = parseFundingInfo(context.markets, payload);
  if (info?.tradingPair === tradingPair) return info;
  throw new ProtocolError(`the funding info of ${tradingPair} is of another market`, { venue: constants.VENUE });
}

// CHECK: the frames that subscribe, and how many channels one may name.
function channelRequest(markets: VenueMarkets, op: "subscribe" | "unsubscribe", channels: readonly PublicChannel[]) {
  return channels.flatMap(({ name, tradingPair }) => {
    const own = CHANNEL_NAMES.find((known) => known === name);
    return own === undefined ? [] : { op, channel: CHANNELS[own], symbol: marketOf(markets, tradingPair).symbol };
  });
}

// CHECK: whether a refusal names the channels that it is about, and whether it refuses the others of its request too.
function subscriptionAnswer(markets: VenueMarkets, message: unknown): PublicAnswer | undefined {
  if (!isFrame(message) || (message.op !== "subscribe" && message.op !== "unsubscribe")) return undefined;
  const { op: operation, channel, symbol } = message;
  const tradingPair = markets.bySymbol.get(wireText(symbol))?.tradingPair;
  const name = CHANNEL_NAMES.find((known) => CHANNELS[known] === channel);
  const channels = name === undefined || tradingPair === undefined ? [] : [{ name, tradingPair }];
  if (message.success === true) return { isAccepted: true, operation, channels };
  return { isAccepted: false, operation, channels, reason: wireText(message.message) || "no text" };
}

export const orderBookDataSource: VenueOrderBookDataSource = {
  // CHECK: how a change of a book is written, so that it is read from its bytes. Without it all is as right, and slower.
  bookWire: {
    // <wire-messages>
    kind: "diff",
    texts: { channel: constants.ORDER_BOOK_CHANNEL, type: "update" },
    // </wire-messages>
    absent: ["op", "success"],
    symbol: "symbol",
    time: { path: "timestamp", form: "number" },
    // <wire-ids>
    updateId: "data.sequence",
    previousUpdateId: "data.previousSequence",
    // </wire-ids>
    bids: "data.bids",
    asks: "data.asks",
    // <wire-sizes>
    // </wire-sizes>
  },

  channels: (_markets, tradingPair) => CHANNEL_NAMES.map((name) => ({ name, tradingPair, socket: "public" })),

  subscribeChannels: (markets, channels) => channelRequest(markets, "subscribe", channels),
  unsubscribeChannels: (markets, channels) => channelRequest(markets, "unsubscribe", channels),
  subscriptionAnswer,

  // CHECK: how answers and errors look.
  channelOriginatingMessage(message): PublicFrameKind {
    if (!isFrame(message)) return "unknown";
    if (message.op === "pong") return "pong";
    if (message.success === false) return "error";
    if (message.op === "subscribe" || message.op === "unsubscribe") return `${message.op}d`;
    switch (message.channel) {
      case constants.ORDER_BOOK_CHANNEL:
        // <book-kind>
        return message.type === "snapshot" ? "orderBookSnapshot" : "orderBookDiff";
      // </book-kind>
      case constants.TRADES_CHANNEL:
        return "trade";
      case constants.FUNDING_INFO_CHANNEL:
        return "fundingInfo";
      default:
        return "unknown";
    }
  },

  tradingPairOf(markets, message) {
    if (!isFrame(message) || typeof message.symbol !== "string") return undefined;
    return markets.bySymbol.get(message.symbol)?.tradingPair;
  },

  // <book-messages>
  parseOrderBookDiffMessage: (markets, message, frame) => parseBook(markets, message, frame, "diff"),
  parseOrderBookSnapshotMessage: (markets, message, frame) => parseBook(markets, message, frame, "snapshot"),
  // </book-messages>

  parseTradeMessage(markets, message, onUnreadable): readonly PublicTrade[] {
    if (!isFrame(message)) return [];
    const market = markets.bySymbol.get(wireText(message.symbol));
    const rows = read("a trades frame", z.array(z.unknown()), message.data);
    if (market === undefined) return [];
    const { tradingPair } = market;
    const parse = (payload: unknown): PublicTrade => {
      const row = read("a trade", wireTrade, payload);
      const { id: tradeId, price, timestamp: timestampMs } = row;
      // <trade-size>
      const { side, size: amount } = row;
      // </trade-size>
      // CHECK: whether the channel tells liquidations apart.
      return { tradingPair, tradeId, side, price, amount, timestampMs, liquidation: false };
    };
    return readRows("a trade", rows, parse, onUnreadable);
  },

  parseFundingInfoMessage: (markets, message) =>
    isFrame(message) ? parseFundingInfo(markets, message.data) : undefined,

  async requestOrderBookSnapshot(context, tradingPair, frame) {
    const { symbol } = marketOf(context.markets, tradingPair);
    const request = publicRequest(constants.ORDER_BOOK_PATH_URL, { symbol, depth: constants.ORDER_BOOK_DEPTH });
    const book = read("an order book", wireBook, await context.api.send(request, context.signal));
    frame.kind = "snapshot";
    frame.tradingPair = tradingPair;
    frame.timestampMs = book.timestamp;
    frame.depth = constants.ORDER_BOOK_DEPTH;
    // <snapshot-id>
    // </snapshot-id>
    // <snapshot-levels>
    fillLevels(frame, book);
    // </snapshot-levels>
  },

  fetchFundingInfo,

  async fetchLastTradedPrices(context, tradingPairs) {
    const prices = new Map<TradingPair, string>();
    await settleInTurn(context, tradingPairs, async (tradingPair) => {
      const { symbol } = marketOf(context.markets, tradingPair);
      const payload = await context.api.send(publicRequest(constants.TICKER_PATH_URL, { symbol }), context.signal);
      prices.set(tradingPair, read("a ticker", wireTicker, payload).lastPrice.toFixed());
    });
    return prices;
  },
};
