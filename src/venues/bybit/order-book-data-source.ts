import { z } from "zod";
import type { BookFrame } from "../../market-data/book-frame.ts";
import { pushLevels } from "../../market-data/frame-checks.ts";
import { shardOf, slotInMarkets } from "../../market-data/shards.ts";
import type * as contract from "../../market-data/venue-order-book-data-source.ts";
import { ProtocolError } from "../../model/error.ts";
import type { FundingInfo, FundingInfoUpdate } from "../../model/funding.ts";
import type { PublicTrade, TradingPair } from "../../model/market.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { each } from "../../net/payload.ts";
import { readList, readRows } from "../../net/rows.ts";
import type { QueryValue, VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal, wireText, wireTimeMs } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isAccepted, isFrame, read } from "./web-utils.ts";

const TOPICS = {
  orderBook: `orderbook.${constants.ORDER_BOOK_DEPTH}`,
  trades: "publicTrade",
  fundingInfo: "tickers",
} as const;
const CHANNEL_NAMES = ["orderBook", "trades", "fundingInfo"] as const;
/** Pattern of data frames: symbols are any text. */
const TOPIC_OF_SYMBOL = /^(?:(orderbook)\.\d+|(publicTrade|tickers))\.(.+)$/s;
const TOPIC_IN_TEXT = /(orderbook|publicTrade|tickers)(?:\.\d+)?\.([^\s,;[\]{}"']+)/;
const NAMES: Readonly<Record<string, contract.PublicChannelName>> = {
  ...{ orderbook: "orderBook", publicTrade: "trades", tickers: "fundingInfo" },
};

/** Recordings were made at other depths than ours. */
const DEPTH_OF_TOPIC = /^orderbook\.(\d+)\./;

function isBookData(
  data: unknown,
): data is { readonly s: string; readonly b: unknown[]; readonly a: unknown[]; u: number } {
  if (!isFrame(data) || !("s" in data && "b" in data && "a" in data && "u" in data)) return false;
  // Neighbours from 2^53 on are one number: a missing frame would not be noticed.
  return Array.isArray(data.b) && Array.isArray(data.a) && Number.isSafeInteger(data.u);
}

function parseBook(markets: VenueMarkets, message: unknown, frame: BookFrame, kind: BookFrame["kind"]): boolean {
  if (!isFrame(message) || typeof message.ts !== "number" || !isBookData(message.data))
    throw new ProtocolError("an order book without time, symbol, bids, asks or update id", { venue: constants.VENUE });
  const { s, b, a, u } = message.data;
  const market = markets.bySymbol.get(s);
  if (market === undefined) return false;
  frame.kind = kind;
  frame.tradingPair = market.tradingPair;
  frame.timestampMs = message.ts;
  frame.updateId = u;
  if (kind === "snapshot") frame.depth = Number(DEPTH_OF_TOPIC.exec(wireText(message.topic))?.[1] ?? Number.NaN);
  pushLevels(frame.bids, b);
  pushLevels(frame.asks, a);
  return true;
}

const FUNDING_FIELDS = ["indexPrice", "markPrice", "fundingRate", "nextFundingTime"] as const;
const wireTicker = z.object({ symbol: z.string(), ...each(optionalWireDecimal, "lastPrice", ...FUNDING_FIELDS) });
const wireRows = z.array(z.unknown());
const wireTickers = z.object({ list: z.array(z.unknown()) });
const wireTrade = z.object({
  T: wireTimeMs,
  ...each(z.string(), "s", "i"),
  S: z.enum(["Buy", "Sell"]),
  ...each(wireDecimal, "v", "p"),
});

/**
 * Tells that a ticker has funding info. Absent and "" mean unchanged; most tickers come for the last price or the
 * volume alone.
 */
function saysFunding(data: unknown): boolean {
  return isFrame(data) && FUNDING_FIELDS.some((field) => Boolean(Reflect.get(data, field)));
}

function fundingFieldsOf({ indexPrice, markPrice, fundingRate, nextFundingTime }: z.output<typeof wireTicker>) {
  const nextFundingTimestampMs = nextFundingTime?.toNumber();
  return { indexPrice, markPrice, rate: fundingRate, nextFundingTimestampMs, kind: "predicted" as const };
}

export function publicRequest(path: string, params: Readonly<Record<string, QueryValue>>) {
  const all = { category: constants.CATEGORY, ...params };
  const limitId = constants.IP_LIMIT_ID;
  return { method: "GET", path, params: all, isAuthRequired: false, limitId, lane: "poll" } as const;
}

async function requestTickers(context: VenueContext, symbol: string | undefined) {
  const payload = await context.api.send(publicRequest(constants.TICKERS_PATH_URL, { symbol }), context.signal);
  const what = `GET ${constants.TICKERS_PATH_URL}`;
  const { list } = read(what, wireTickers, payload);
  return readList(`a row of ${what}`, list, (row) => read("a ticker", wireTicker, row), context);
}

async function fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo> {
  const { symbol } = marketOf(context.markets, tradingPair);
  // The row has no time of its own, and is at least as new as the question.
  const timestampMs = context.now();
  const ticker = (await requestTickers(context, symbol)).find((row) => row.symbol === symbol);
  const { indexPrice, markPrice, rate, nextFundingTimestampMs } = ticker === undefined ? {} : fundingFieldsOf(ticker);
  if (!indexPrice || !markPrice || !rate || nextFundingTimestampMs === undefined)
    throw new ProtocolError(`the ticker of ${symbol} has no funding`, { venue: constants.VENUE });
  return { tradingPair, indexPrice, markPrice, rate, nextFundingTimestampMs, kind: "predicted", timestampMs };
}

function channelRequest(
  markets: VenueMarkets,
  op: "subscribe" | "unsubscribe",
  channels: readonly contract.PublicChannel[],
  requestId?: number,
) {
  const args = channels.flatMap(({ name, tradingPair }) =>
    name in TOPICS ? `${TOPICS[name as keyof typeof TOPICS]}.${marketOf(markets, tradingPair).symbol}` : [],
  );
  const id = requestId === undefined ? {} : { req_id: String(requestId) };
  return args.length === 0 ? [] : [{ ...id, op, args }];
}

/** One topic that is wrong makes Bybit refuse the whole request; its text names the topic. */
function subscriptionAnswer(markets: VenueMarkets, message: unknown): contract.PublicAnswer | undefined {
  if (!isFrame(message) || (message.op !== "subscribe" && message.op !== "unsubscribe")) return undefined;
  const id = Number(wireText(message.req_id));
  const answered = { operation: message.op, requestId: id > 0 ? id : undefined } as const;
  if (isAccepted(message)) return { ...answered, isAccepted: true };
  const reason = wireText(message.ret_msg ?? "no text");
  const [, topic = "", symbol = ""] = TOPIC_IN_TEXT.exec(reason) ?? [];
  const [name, tradingPair] = [NAMES[topic], markets.bySymbol.get(symbol)?.tradingPair];
  const channels = name === undefined || tradingPair === undefined ? [] : [{ name, tradingPair }];
  const isAlreadySo = /already subscribed/i.test(reason);
  const isLimit = /too (long|many|frequent)/i.test(reason);
  return { ...answered, isAccepted: false, refusesAll: true, channels, isAlreadySo, isLimit, reason };
}

function kindOfTopic(topic: string, type: unknown, data: unknown): contract.PublicFrameKind {
  const [, books, channel = books] = TOPIC_OF_SYMBOL.exec(topic) ?? [];
  switch (channel) {
    // Topics of any depth: recordings were made at depths other than ours.
    case "orderbook":
      return type === "snapshot" ? "orderBookSnapshot" : type === "delta" ? "orderBookDiff" : "unknown";
    case TOPICS.trades:
      return "trade";
    case TOPICS.fundingInfo:
      return saysFunding(data) ? "fundingInfo" : "fundingInfoUnchanged";
    default:
      return "unknown";
  }
}

function parseTrade(markets: VenueMarkets, payload: unknown): PublicTrade | undefined {
  const row = read("a trade", wireTrade, payload);
  const tradingPair = markets.bySymbol.get(row.s)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const side = row.S === "Buy" ? "buy" : "sell";
  // The topic does not tell liquidations apart.
  return { tradingPair, tradeId: row.i, side, price: row.p, amount: row.v, timestampMs: row.T, liquidation: false };
}

export const orderBookDataSource: contract.VenueOrderBookDataSource = {
  bookWire: {
    kind: "diff",
    texts: { topic: "orderbook.#.$", type: "delta" },
    snapshot: { texts: { type: "snapshot" }, depth: "topic" },
    ignored: ["data.seq", "cts"],
    ...{ symbol: "data.s", updateId: "data.u", bids: "data.b", asks: "data.a" },
    time: { path: "ts", form: "number" },
  },

  channels(markets, tradingPair, slot = slotInMarkets(markets, tradingPair)) {
    const socket = shardOf("public", slot, constants.MARKETS_PER_CONNECTION);
    return CHANNEL_NAMES.map((name) => ({ name, tradingPair, socket }));
  },

  subscribeChannels: (markets, channels, id) => channelRequest(markets, "subscribe", channels, id),
  unsubscribeChannels: (markets, channels, id) => channelRequest(markets, "unsubscribe", channels, id),
  subscriptionAnswer,

  channelOriginatingMessage(message): contract.PublicFrameKind {
    if (!isFrame(message)) return "unknown";
    if (typeof message.topic === "string") return kindOfTopic(message.topic, message.type, message.data);
    if (message.op === "ping" || message.op === "pong") return "pong";
    if (message.success === false) return "error";
    if (message.op === "subscribe" || message.op === "unsubscribe")
      return isAccepted(message) ? `${message.op}d` : "error";
    return "unknown";
  },

  tradingPairOf(markets, message) {
    if (!isFrame(message)) return undefined;
    const { topic, ret_msg: text } = message;
    const symbol =
      topic === undefined ? TOPIC_IN_TEXT.exec(wireText(text ?? ""))?.[2] : TOPIC_OF_SYMBOL.exec(wireText(topic))?.[3];
    return symbol === undefined ? undefined : markets.bySymbol.get(symbol)?.tradingPair;
  },

  parseOrderBookDiffMessage: (markets, message, frame) => parseBook(markets, message, frame, "diff"),
  parseOrderBookSnapshotMessage: (markets, message, frame) => parseBook(markets, message, frame, "snapshot"),

  parseTradeMessage(markets, message, onUnreadable): readonly PublicTrade[] {
    if (!isFrame(message)) return [];
    const rows = read("a publicTrade frame", wireRows, message.data);
    return readRows("a trade", rows, (row) => parseTrade(markets, row), onUnreadable);
  },

  parseFundingInfoMessage(markets, message): FundingInfoUpdate | undefined {
    if (!isFrame(message)) return undefined;
    const ticker = read("a tickers frame", wireTicker, message.data);
    const tradingPair = markets.bySymbol.get(ticker.symbol)?.tradingPair;
    if (tradingPair === undefined) return undefined;
    return {
      ...fundingFieldsOf(ticker),
      tradingPair,
      timestampMs: typeof message.ts === "number" ? message.ts : Number.NaN,
    };
  },

  /** `u` of this endpoint counts with the 1,000-level topic, so it cannot be joined with ours (docs, orderbook). */
  async requestOrderBookSnapshot(context, tradingPair, frame) {
    const { symbol } = marketOf(context.markets, tradingPair);
    const request = publicRequest(constants.ORDER_BOOK_PATH_URL, { symbol, limit: constants.ORDER_BOOK_DEPTH });
    const book = await context.api.send(request, context.signal);
    parseBook(context.markets, { ts: isFrame(book) ? book.ts : undefined, data: book }, frame, "snapshot");
    frame.depth = constants.ORDER_BOOK_DEPTH;
  },

  fetchFundingInfo,

  async fetchLastTradedPrices(context, tradingPairs) {
    const pairs = new Map(tradingPairs.map((pair) => [marketOf(context.markets, pair).symbol, pair]));
    const only = pairs.size === 1 ? [...pairs.keys()][0] : undefined;
    const prices = new Map<TradingPair, string>();
    for (const { symbol, lastPrice } of await requestTickers(context, only)) {
      const tradingPair = pairs.get(symbol);
      if (tradingPair !== undefined && lastPrice !== undefined) prices.set(tradingPair, lastPrice.toFixed());
    }
    return prices;
  },
};
