import { z } from "zod";
import type { BookFrame } from "../../market-data/book-frame.ts";
import { pushLevels } from "../../market-data/frame-checks.ts";
import { shardOf, slotInMarkets } from "../../market-data/shards.ts";
import { sizeUnitOf } from "../../market-data/size-unit.ts";
import type * as contract from "../../market-data/venue-order-book-data-source.ts";
import { ProtocolError } from "../../model/error.ts";
import type { FundingInfo, FundingInfoUpdate } from "../../model/funding.ts";
import type { Market, PublicTrade, TradingPair } from "../../model/market.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { wordTable } from "../../model/word-table.ts";
import { each } from "../../net/payload.ts";
import { readList, readRows } from "../../net/rows.ts";
import type { QueryValue, VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal, wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isFrame, read, wireTime } from "./web-utils.ts";

const CHANNEL_NAMES = ["orderBook", "trades", "markPrice", "indexPrice", "fundingRate"] as const;

/** An index has the swap's symbol without its ending: `BTC-USDT`. */
const SWAP = "-SWAP";
const indexOf = (symbol: string): string => symbol.slice(0, -SWAP.length);
const symbolOf = (instId: string): string => (instId.endsWith(SWAP) ? instId : `${instId}${SWAP}`);

const QUOTED_CHANNEL = /channel\\?"?\s*:\s*\\?"?([\w-]+)/;
const QUOTED_ID = /instId\\?"?\s*:\s*\\?"?([^\s,"\\}\]]+)/;

const EVENTS: Readonly<Record<string, contract.PublicFrameKind>> = wordTable(constants.PUBLIC_EVENTS);

/** Epoch milliseconds. `Number` reads "" as 0 and "0x10" as 16. */
const TIME = /^\d{1,16}$/;

type Levels = readonly unknown[];
type BookData = Readonly<Record<"bids" | "asks", Levels> & { ts: string; seqId?: number; prevSeqId?: number }>;

function isBookData(data: unknown): data is BookData {
  if (typeof data !== "object" || data === null || !("bids" in data && "asks" in data && "ts" in data)) return false;
  return Array.isArray(data.bids) && Array.isArray(data.asks) && typeof data.ts === "string";
}

function fillFrame(market: Market, book: unknown, frame: BookFrame): void {
  if (!isBookData(book))
    throw new ProtocolError("an order book without time, bids or asks", { venue: constants.VENUE });
  frame.tradingPair = market.tradingPair;
  frame.timestampMs = TIME.test(book.ts) ? Number(book.ts) : Number.NaN;
  frame.updateId = book.seqId ?? Number.NaN;
  frame.previousUpdateId = book.prevSeqId ?? Number.NaN;
  // The wire counts contracts; the book holds base units.
  const unit = sizeUnitOf(market.rule.contractSize);
  pushLevels(frame.bids, book.bids, unit);
  pushLevels(frame.asks, book.asks, unit);
}

function parseBook(markets: VenueMarkets, message: unknown, frame: BookFrame, kind: BookFrame["kind"]): boolean {
  if (!isFrame(message) || !Array.isArray(message.data))
    throw new ProtocolError("an order book without data", { venue: constants.VENUE });
  const market = markets.bySymbol.get(wireText(message.arg?.instId));
  if (market === undefined) return false;
  frame.kind = kind;
  fillFrame(market, message.data[0], frame);
  // Neighbours from 2^53 on are one number: a missing frame would not be noticed.
  if (!Number.isSafeInteger(frame.updateId) || !Number.isSafeInteger(frame.previousUpdateId))
    throw new ProtocolError("an order book without seqId or prevSeqId", { venue: constants.VENUE });
  return true;
}

const wireTrade = z.object({
  ...each(z.string(), "instId", "tradeId"),
  side: z.enum(["buy", "sell"]),
  ...each(wireDecimal, "px", "sz"),
  ts: wireTime,
});
/** Each channel tells some of these; so do the endpoints of the same names. */
const wireFunding = z.object({
  instId: z.string(),
  ts: wireTime,
  ...each(optionalWireDecimal, "markPx", "idxPx", "fundingRate", "fundingTime"),
});
const wireRows = z.array(z.unknown());
const wireFundingRows = z.tuple([wireFunding], z.unknown());
const wireTicker = z.object({ instId: z.string(), last: optionalWireDecimal });

function fundingFieldsOf({ markPx, idxPx, fundingRate, fundingTime }: Partial<z.output<typeof wireFunding>>) {
  // `fundingTime` is when this rate is settled; `nextFundingTime` is the settlement after that (docs, funding rate).
  const nextFundingTimestampMs = fundingTime?.toNumber();
  const kind = fundingRate === undefined ? undefined : ("predicted" as const);
  return { indexPrice: idxPx, markPrice: markPx, rate: fundingRate, nextFundingTimestampMs, kind };
}

export function publicRequest(path: string, params: Readonly<Record<string, QueryValue>>) {
  return { method: "GET", path, params, isAuthRequired: false, limitId: path, lane: "poll" } as const;
}

/** Three endpoints tell what three channels tell. */
async function fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo> {
  const { symbol } = marketOf(context.markets, tradingPair);
  const ask = async (path: string, params: Readonly<Record<string, QueryValue>>) => {
    const rows = read(`GET ${path}`, wireRows, await context.api.send(publicRequest(path, params), context.signal));
    const parse = (row: unknown) => read(`a row of GET ${path}`, wireFunding, row);
    const told = readRows(`a row of GET ${path}`, rows, parse, context.onUnreadable);
    return fundingFieldsOf(told.find(({ instId }) => instId === params.instId) ?? {});
  };
  // Each is at least as new as the question.
  const timestampMs = context.now();
  const [{ markPrice }, { indexPrice }, { rate, nextFundingTimestampMs }] = await Promise.all([
    ask(constants.MARK_PRICE_PATH_URL, { instType: constants.INSTRUMENT_TYPE, instId: symbol }),
    ask(constants.INDEX_TICKERS_PATH_URL, { instId: indexOf(symbol) }),
    ask(constants.FUNDING_RATE_PATH_URL, { instId: symbol }),
  ]);
  if (!indexPrice || !markPrice || !rate || nextFundingTimestampMs === undefined)
    throw new ProtocolError(`the funding of ${symbol} is not whole`, { venue: constants.VENUE });
  return { tradingPair, indexPrice, markPrice, rate, nextFundingTimestampMs, kind: "predicted", timestampMs };
}

function channelRequest(markets: VenueMarkets, op: string, channels: readonly contract.PublicChannel[]) {
  const args = channels.flatMap(({ name, tradingPair }) => {
    if (name === "fundingInfo") return [];
    const { symbol } = marketOf(markets, tradingPair);
    return { channel: constants.CHANNELS[name], instId: name === "indexPrice" ? indexOf(symbol) : symbol };
  });
  return args.length === 0 ? [] : [{ op, args }];
}

/** Each argument is answered by itself; an error quotes it in its text: `channel:books,instId:BTC-USDT-SWAP`. */
function subscriptionAnswer(markets: VenueMarkets, message: unknown): contract.PublicAnswer | undefined {
  if (!isFrame(message)) return undefined;
  const { event, arg, code, msg } = message;
  if (event !== "subscribe" && event !== "unsubscribe" && event !== "error") return undefined;
  const text = wireText(msg ?? "");
  const channel = arg?.channel ?? QUOTED_CHANNEL.exec(text)?.[1];
  const tradingPair = markets.bySymbol.get(symbolOf(wireText(arg?.instId ?? QUOTED_ID.exec(text)?.[1])))?.tradingPair;
  const name = CHANNEL_NAMES.find((known) => constants.CHANNELS[known] === channel);
  const channels = name === undefined || tradingPair === undefined ? [] : [{ name, tradingPair }];
  if (event !== "error") return { isAccepted: true, operation: event, channels };
  const isLimit = constants.TOO_FREQUENT.has(wireText(code));
  return { isAccepted: false, channels, isLimit, reason: `${wireText(code)} ${text}` };
}

function kindOfChannel(channel: unknown, action: unknown): contract.PublicFrameKind {
  const name = CHANNEL_NAMES.find((known) => constants.CHANNELS[known] === channel);
  if (name === undefined) return "unknown";
  if (name === "trades") return "trade";
  if (name !== "orderBook") return "fundingInfo";
  return action === "snapshot" ? "orderBookSnapshot" : action === "update" ? "orderBookDiff" : "unknown";
}

function parseTrade(markets: VenueMarkets, payload: unknown): PublicTrade | undefined {
  const row = read("a trade", wireTrade, payload);
  const market = markets.bySymbol.get(row.instId);
  if (market === undefined) return undefined;
  const { tradeId, side, px: price, ts: timestampMs } = row;
  const amount = row.sz.times(market.rule.contractSize);
  // The channel does not tell liquidations apart.
  return { tradingPair: market.tradingPair, tradeId, side, price, amount, timestampMs, liquidation: false };
}

export const orderBookDataSource: contract.VenueOrderBookDataSource = {
  bookWire: {
    kind: "diff",
    texts: { "arg.channel": constants.CHANNELS.orderBook, action: "update" },
    absent: ["event"],
    ignored: ["data.0.checksum"],
    ...{ symbol: "arg.instId", updateId: "data.0.seqId", previousUpdateId: "data.0.prevSeqId" },
    ...{ bids: "data.0.bids", asks: "data.0.asks", isInContracts: true },
    time: { path: "data.0.ts", form: "text" },
  },

  channels(markets, tradingPair, slot = slotInMarkets(markets, tradingPair)) {
    const socket = shardOf("public", slot, constants.MARKETS_PER_CONNECTION);
    return CHANNEL_NAMES.map((name) => ({ name, tradingPair, socket }));
  },

  subscribeChannels: (markets, channels) => channelRequest(markets, "subscribe", channels),
  unsubscribeChannels: (markets, channels) => channelRequest(markets, "unsubscribe", channels),
  subscriptionAnswer,

  channelOriginatingMessage(message): contract.PublicFrameKind {
    if (message === "pong") return "pong";
    if (!isFrame(message)) return "unknown";
    if (message.event === undefined) return kindOfChannel(message.arg?.channel, message.action);
    return EVENTS[wireText(message.event)] ?? "unknown";
  },

  /** An error quotes the request that it is about: `"instId": "BTC-USDT-SWAP"`. */
  tradingPairOf(markets, message) {
    if (!isFrame(message)) return undefined;
    const instId = message.arg?.instId ?? QUOTED_ID.exec(wireText(message.msg))?.[1];
    return typeof instId === "string" ? markets.bySymbol.get(symbolOf(instId))?.tradingPair : undefined;
  },

  parseOrderBookDiffMessage: (markets, message, frame) => parseBook(markets, message, frame, "diff"),
  parseOrderBookSnapshotMessage: (markets, message, frame) => parseBook(markets, message, frame, "snapshot"),

  parseTradeMessage(markets, message, onUnreadable): readonly PublicTrade[] {
    if (!isFrame(message)) return [];
    const rows = read("a trades frame", wireRows, message.data);
    return readRows("a trade", rows, (row) => parseTrade(markets, row), onUnreadable);
  },

  parseFundingInfoMessage(markets, message): FundingInfoUpdate | undefined {
    if (!isFrame(message)) return undefined;
    const [row] = read("a frame of funding", wireFundingRows, message.data);
    const tradingPair = markets.bySymbol.get(symbolOf(row.instId))?.tradingPair;
    return tradingPair === undefined ? undefined : { ...fundingFieldsOf(row), tradingPair, timestampMs: row.ts };
  },

  async requestOrderBookSnapshot(context, tradingPair, frame) {
    const market = marketOf(context.markets, tradingPair);
    const params = { instId: market.symbol, sz: constants.ORDER_BOOK_DEPTH };
    const request = publicRequest(constants.ORDER_BOOK_PATH_URL, params);
    const [book] = read("an order book", wireRows, await context.api.send(request, context.signal));
    frame.kind = "snapshot";
    frame.depth = constants.ORDER_BOOK_DEPTH;
    fillFrame(market, book, frame);
  },

  fetchFundingInfo,

  async fetchLastTradedPrices(context, tradingPairs) {
    const pairs = new Map(tradingPairs.map((pair) => [marketOf(context.markets, pair).symbol, pair]));
    const request = publicRequest(constants.TICKERS_PATH_URL, { instType: constants.INSTRUMENT_TYPE });
    const payload = await context.api.send(request, context.signal);
    const prices = new Map<TradingPair, string>();
    const what = `GET ${constants.TICKERS_PATH_URL}`;
    const rows = read(what, wireRows, payload);
    const parse = (row: unknown) => read(`a row of ${what}`, wireTicker, row);
    for (const { instId, last } of await readList(`a row of ${what}`, rows, parse, context)) {
      const tradingPair = pairs.get(instId);
      if (tradingPair !== undefined && last !== undefined) prices.set(tradingPair, last.toFixed());
    }
    return prices;
  },
};
