import { z } from "zod";
import type { BookFrame, LevelSink } from "../../market-data/book-frame.ts";
import { shardOf, slotInMarkets } from "../../market-data/shards.ts";
import type * as contract from "../../market-data/venue-order-book-data-source.ts";
import { NotFoundError, ProtocolError } from "../../model/error.ts";
import type { FundingInfo, FundingInfoMessage } from "../../model/funding.ts";
import type { PublicTrade, TradingPair } from "../../model/market.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { settleEach } from "../../net/fan-out.ts";
import { readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal, wireId, wireSymbol, wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isRow } from "./requests.ts";
import { echoOf, isAlreadySoText, isFrame, isLimitText, question, read, wireTime } from "./web-utils.ts";

const CHANNEL_NAMES = ["orderBook", "trades", "fundingInfo"] as const;
/** Channels that nobody subscribes here. */
const OTHER_CHANNELS: ReadonlySet<unknown> = new Set(["bbo", "candle", "allMids", "post", "notification"]);

interface BookData {
  readonly coin: string;
  readonly time: number;
  readonly levels: readonly [bids: readonly unknown[], asks: readonly unknown[]];
}

function isBookData(data: unknown): data is BookData {
  if (!isRow(data) || typeof data.coin !== "string" || typeof data.time !== "number") return false;
  const levels = data.levels;
  return Array.isArray(levels) && levels.length === 2 && levels.every(Array.isArray);
}

/** Levels are objects: `{px, sz, n}`. */
function pushRows(sink: LevelSink, rows: readonly unknown[]): void {
  for (const row of rows) {
    const [px, sz] = isRow(row) ? [row.px, row.sz] : [];
    if (typeof px === "string" && typeof sz === "string") sink.push(px, sz);
    else sink.push(Number.NaN, Number.NaN);
  }
}

/** Every message is the whole book; which of two is newer, its time tells. */
function fillFrame(markets: VenueMarkets, data: unknown, frame: BookFrame): boolean {
  if (!isBookData(data)) {
    throw new ProtocolError("an order book without coin, time or levels", { venue: constants.VENUE });
  }
  const market = markets.bySymbol.get(data.coin);
  if (market === undefined) return false;
  frame.kind = "snapshot";
  frame.tradingPair = market.tradingPair;
  frame.timestampMs = data.time;
  const [bids, asks] = data.levels;
  pushRows(frame.bids, bids);
  pushRows(frame.asks, asks);
  return true;
}

const parseBook = (markets: VenueMarkets, message: unknown, frame: BookFrame): boolean =>
  fillFrame(markets, isFrame(message) ? message.data : undefined, frame);

const wireTrade = z.object({
  coin: wireSymbol,
  /** Side of the aggressor: `B` bought, `A` sold. */
  side: z.enum(["B", "A"]),
  px: wireDecimal,
  sz: wireDecimal,
  time: wireTime,
  tid: wireId,
});

/** Context of a market. What the book would tell is null where nobody quotes. */
const wireContext = z.object({
  /** Funding rate of an hour: an eighth of the rate of eight hours (docs, funding). */
  funding: optionalWireDecimal,
  oraclePx: optionalWireDecimal,
  markPx: optionalWireDecimal,
});
const wireContextFrame = z.object({ coin: wireSymbol, ctx: wireContext });
const wireRows = z.array(z.unknown());
const wireRecentTrades = wireRows.nullable();
const wireContexts = z.tuple([z.object({ universe: z.array(z.unknown()) }), z.array(z.unknown())]);

function fundingFieldsOf({ funding: rate, oraclePx: indexPrice, markPx: markPrice }: z.output<typeof wireContext>) {
  const kind = rate === undefined ? undefined : ("predicted" as const);
  return { indexPrice, markPrice, rate, kind };
}

/** Funding is paid each full hour (docs, funding). */
function nextFundingMs(nowMs: number): number {
  return (Math.floor(nowMs / constants.FUNDING_INTERVAL_MS) + 1) * constants.FUNDING_INTERVAL_MS;
}

/** One answer has the contexts of all markets, each in the place of its market. */
async function fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo> {
  const { symbol } = marketOf(context.markets, tradingPair);
  const request = { ...question("metaAndAssetCtxs"), freshForMs: constants.FRESH_CONTEXTS_MS };
  const nowMs = context.now();
  const payload = await context.api.send(request, context.signal);
  const [{ universe }, contexts] = read("metaAndAssetCtxs", wireContexts, payload);
  const place = universe.findIndex((row) => isRow(row) && row.name === symbol);
  if (place < 0) throw new NotFoundError(`Hyperliquid does not list ${symbol}`, { venue: constants.VENUE });
  const told = fundingFieldsOf(read(`the context of ${symbol}`, wireContext, contexts[place]));
  const { indexPrice, markPrice, rate } = told;
  if (!indexPrice || !markPrice || !rate)
    throw new ProtocolError(`the funding of ${symbol} is not whole`, { venue: constants.VENUE });
  // The answer may be as old as this, and what the channel has told since is newer.
  const timestampMs = nowMs - constants.FRESH_CONTEXTS_MS;
  const nextFundingTimestampMs = nextFundingMs(nowMs);
  return { tradingPair, indexPrice, markPrice, rate, kind: "predicted", nextFundingTimestampMs, timestampMs };
}

type Operation = "subscribe" | "unsubscribe";

/** A message subscribes one channel of one market. */
function channelRequests(markets: VenueMarkets, method: Operation, channels: readonly contract.PublicChannel[]) {
  return channels.flatMap(({ name, tradingPair }) => {
    const own = CHANNEL_NAMES.find((known) => known === name);
    if (own === undefined) return [];
    return { method, subscription: { type: constants.CHANNELS[own], coin: marketOf(markets, tradingPair).symbol } };
  });
}

function subscriptionAnswer(markets: VenueMarkets, message: unknown): contract.PublicAnswer | undefined {
  if (!isFrame(message)) return undefined;
  const { channel, data } = message;
  const isError = channel === "error";
  if (channel !== "subscriptionResponse" && !isError) return undefined;
  const echo = echoOf(message);
  const name = CHANNEL_NAMES.find((known) => constants.CHANNELS[known] === echo?.type);
  const tradingPair = markets.bySymbol.get(echo?.coin ?? "")?.tradingPair;
  const channels = name === undefined || tradingPair === undefined ? [] : [{ name, tradingPair }];
  if (!isError) return { isAccepted: true, operation: echo?.operation, channels };
  const reason = wireText(data);
  if (isAlreadySoText(reason)) {
    return { isAccepted: true, operation: /^already un/i.test(reason) ? "unsubscribe" : "subscribe", channels };
  }
  return { isAccepted: false, channels, isLimit: isLimitText(reason), reason };
}

function kindOf({ channel, data }: { readonly channel?: unknown; readonly data?: unknown }): contract.PublicFrameKind {
  switch (channel) {
    case constants.CHANNELS.orderBook:
      return "orderBookSnapshot";
    case constants.CHANNELS.trades:
      return "trade";
    case constants.CHANNELS.fundingInfo:
      return "fundingInfo";
    case "subscriptionResponse":
      return isRow(data) && data.method === "unsubscribe" ? "unsubscribed" : "subscribed";
    case "pong":
    case "error":
      return channel;
    default:
      return OTHER_CHANNELS.has(channel) ? "ignored" : "unknown";
  }
}

function parseTrade(markets: VenueMarkets, payload: unknown): PublicTrade | undefined {
  const { coin, side, px: price, sz: amount, time: timestampMs, tid } = read("a trade", wireTrade, payload);
  const tradingPair = markets.bySymbol.get(coin)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  // The channel does not tell liquidations apart. An id is that of the two orders, which may trade more than once.
  const told = { tradeId: `${tid}:${timestampMs}`, price, amount, timestampMs, liquidation: false };
  return { tradingPair, side: side === "B" ? "buy" : "sell", ...told };
}

export const orderBookDataSource: contract.VenueOrderBookDataSource = {
  bookWire: {
    kind: "snapshot",
    texts: { channel: constants.CHANNELS.orderBook },
    ...{ symbol: "data.coin", bids: "data.levels.0", asks: "data.levels.1" },
    time: { path: "data.time", form: "number" },
    levelKeys: ["px", "sz", "n"],
    values: "texts",
  },

  channels(markets, tradingPair, slot = slotInMarkets(markets, tradingPair)) {
    const socket = shardOf("public", slot, constants.MARKETS_PER_CONNECTION);
    return CHANNEL_NAMES.map((name) => ({ name, tradingPair, socket }));
  },

  subscribeChannels: (markets, channels) => channelRequests(markets, "subscribe", channels),
  unsubscribeChannels: (markets, channels) => channelRequests(markets, "unsubscribe", channels),
  subscriptionAnswer,

  channelOriginatingMessage(message): contract.PublicFrameKind {
    // A greeting that is no JSON comes as text.
    if (typeof message === "string") return "ignored";
    return isFrame(message) ? kindOf(message) : "unknown";
  },

  tradingPairOf(markets, message) {
    if (!isFrame(message)) return undefined;
    const { data } = message;
    const first: unknown = Array.isArray(data) ? data[0] : data;
    const coin = isRow(first) && typeof first.coin === "string" ? first.coin : echoOf(message)?.coin;
    return markets.bySymbol.get(coin ?? "")?.tradingPair;
  },

  parseOrderBookDiffMessage: parseBook,
  parseOrderBookSnapshotMessage: parseBook,

  parseTradeMessage(markets, message, onUnreadable): readonly PublicTrade[] {
    if (!isFrame(message)) return [];
    const rows = read("a trades frame", wireRows, message.data);
    return readRows("a trade", rows, (row) => parseTrade(markets, row), onUnreadable);
  },

  /** The frame has no time. */
  parseFundingInfoMessage(markets, message): FundingInfoMessage | undefined {
    if (!isFrame(message)) return undefined;
    const { coin, ctx } = read("a frame of activeAssetCtx", wireContextFrame, message.data);
    const tradingPair = markets.bySymbol.get(coin)?.tradingPair;
    return tradingPair === undefined ? undefined : { tradingPair, ...fundingFieldsOf(ctx) };
  },

  async requestOrderBookSnapshot(context, tradingPair, frame) {
    const { symbol } = marketOf(context.markets, tradingPair);
    const book = await context.api.send(question("l2Book", { coin: symbol }), context.signal);
    // A coin that is not known is answered with null.
    if (book === null) throw new NotFoundError(`Hyperliquid has no book of ${symbol}`, { venue: constants.VENUE });
    fillFrame(context.markets, book, frame);
    frame.depth = constants.ORDER_BOOK_DEPTH;
  },

  fetchFundingInfo,

  /** The newest trade of each market: `allMids` tells where the middle of its book is. */
  async fetchLastTradedPrices(context, tradingPairs) {
    const ask = async (tradingPair: TradingPair) => {
      const { symbol } = marketOf(context.markets, tradingPair);
      const payload = await context.api.send(question("recentTrades", { coin: symbol }), context.signal);
      const rows = read("recentTrades", wireRecentTrades, payload) ?? [];
      const parse = (row: unknown) => parseTrade(context.markets, row);
      const trades = readRows("a row of recentTrades", rows, parse, context.onUnreadable);
      const newest = trades.reduce<PublicTrade | undefined>(
        (last, trade) => (last === undefined || trade.timestampMs > last.timestampMs ? trade : last),
        undefined,
      );
      return newest === undefined ? [] : [[tradingPair, newest.price.toFixed()] as const];
    };
    return new Map((await settleEach(context, tradingPairs, ask)).flat());
  },
};
