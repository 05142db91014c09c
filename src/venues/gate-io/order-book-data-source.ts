import { z } from "zod";
import { shardOf, slotInMarkets } from "../../market-data/shards.ts";
import type * as contract from "../../market-data/venue-order-book-data-source.ts";
import type { FundingInfo, FundingInfoUpdate } from "../../model/funding.ts";
import type { PublicTrade, TradingPair } from "../../model/market.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { each } from "../../net/payload.ts";
import { type OnUnreadable, readList, readRows } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { optionalWireDecimal, wireDecimal, wireIntegerId, wireText, wireTimeMs } from "../../net/wire.ts";
import { parseBook, parseSnapshot } from "./book-frames.ts";
import * as constants from "./constants.ts";
import { itemOf, publicRequest, wireList } from "./requests.ts";
import { answerOf, isFrame, isObject, read, wireSeconds } from "./web-utils.ts";

const CHANNEL_NAMES = ["orderBook", "trades", "fundingInfo"] as const;
const NAMES = new Map<unknown, contract.PublicChannelName>(
  CHANNEL_NAMES.map((name) => [constants.CHANNELS[name], name]),
);
const WORDS = /[^\s:,"']+/g;
/** Matches from the beginning of a word alone: tried from each of its letters it took minutes for a text of 100,000. */
const CONTRACT = /^.+_USDT\b/;

const wireTrade = z.object({
  id: wireIntegerId,
  contract: z.string(),
  /** Contracts, with the sign of the taker. */
  size: wireDecimal,
  price: wireDecimal,
  create_time_ms: wireTimeMs,
  is_internal: z.boolean().nullish(),
});
const wireTicker = z.object({
  contract: z.string(),
  ...each(optionalWireDecimal, "last", "mark_price", "index_price", "funding_rate"),
  /** Seconds; not documented for the channel, and there in some messages. */
  funding_next_apply: wireSeconds.nullish(),
});
const wireFunding = z.object({
  ...each(wireDecimal, "mark_price", "index_price", "funding_rate"),
  funding_next_apply: wireSeconds,
});

/** Takeovers by the insurance fund are `is_internal`: their price is none of the market's. */
function parseTrade(markets: VenueMarkets, payload: unknown): PublicTrade | undefined {
  const row = read("a trade", wireTrade, payload);
  const market = markets.bySymbol.get(row.contract);
  if (market === undefined || row.is_internal === true) return undefined;
  return {
    tradingPair: market.tradingPair,
    tradeId: row.id,
    side: row.size.isNegative() ? "sell" : "buy",
    price: row.price,
    amount: row.size.abs().times(market.rule.contractSize),
    timestampMs: row.create_time_ms,
    // The channel does not tell liquidations apart.
    liquidation: false,
  };
}

function parseTicker(markets: VenueMarkets, payload: unknown, timestampMs: number): FundingInfoUpdate | undefined {
  const row = read("a ticker", wireTicker, payload);
  const tradingPair = markets.bySymbol.get(row.contract)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const { mark_price: markPrice, index_price: indexPrice, funding_rate: rate, funding_next_apply: nextMs } = row;
  // The rate is the one that will be applied at the next settlement (docs, contracts).
  const kind = rate === undefined ? undefined : ("predicted" as const);
  return { tradingPair, markPrice, indexPrice, rate, nextFundingTimestampMs: nextMs ?? undefined, kind, timestampMs };
}

/** The contract tells all four at once, the time of the settlement among them. */
async function fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo> {
  const { symbol } = marketOf(context.markets, tradingPair);
  const path = constants.CONTRACTS_PATH_URL;
  // The answer has no time of its own, and is at least as new as the question.
  const timestampMs = context.now();
  const payload = await context.api.send(publicRequest(itemOf(path, symbol), undefined, path), context.signal);
  const row = read(`GET ${path}/${symbol}`, wireFunding, payload);
  const { mark_price: markPrice, index_price: indexPrice, funding_rate: rate, funding_next_apply: nextMs } = row;
  const nextFundingTimestampMs = nextMs;
  return { tradingPair, markPrice, indexPrice, rate, nextFundingTimestampMs, kind: "predicted", timestampMs };
}

function channelRequests(
  markets: VenueMarkets,
  event: "subscribe" | "unsubscribe",
  channels: readonly contract.PublicChannel[],
  requestId?: number,
) {
  return channels.flatMap(({ name, tradingPair }) => {
    const own = CHANNEL_NAMES.find((known) => known === name);
    if (own === undefined) return [];
    const { symbol } = marketOf(markets, tradingPair);
    const ofBook = [symbol, constants.ORDER_BOOK_INTERVAL, String(constants.ORDER_BOOK_DEPTH)];
    const id = requestId === undefined ? {} : { id: requestId };
    return { ...id, channel: constants.CHANNELS[own], event, payload: own === "orderBook" ? ofBook : [symbol] };
  });
}

/** Contract of a refusal: `unknown currency pair: NOPE_USDT`. */
function contractIn(text: string): string | undefined {
  for (const [word] of text.matchAll(WORDS)) {
    const contract = CONTRACT.exec(word)?.[0];
    if (contract !== undefined) return contract;
  }
  return undefined;
}

/** Name of the contract that a frame is of: of its data, of the payload that an answer repeats, or of a refusal's text. */
function contractOf(message: unknown): string | undefined {
  if (!isFrame(message)) return undefined;
  const { result, payload, error } = message;
  if (isObject(error)) return contractIn(wireText(error.message));
  if (Array.isArray(payload)) return wireText(payload[0]) || undefined;
  const row = Array.isArray(result) ? result[0] : result;
  return isObject(row) ? wireText(row.s ?? row.contract) || undefined : undefined;
}

const pairOf = (markets: VenueMarkets, message: unknown): TradingPair | undefined =>
  markets.bySymbol.get(contractOf(message) ?? "")?.tradingPair;

function subscriptionAnswer(markets: VenueMarkets, message: unknown): contract.PublicAnswer | undefined {
  const answer = answerOf(message);
  if (answer === undefined || !isFrame(message)) return undefined;
  const { operation, requestId, isAccepted } = answer;
  const [name, tradingPair] = [NAMES.get(message.channel), pairOf(markets, message)];
  const channels = name === undefined || tradingPair === undefined ? [] : [{ name, tradingPair }];
  if (isAccepted) return { operation, requestId, isAccepted, channels };
  // A second subscription of one book is refused with the words "Alert sub".
  const isAlreadySo = /alert sub|already|duplicate/i.test(answer.reason);
  return { operation, requestId, isAccepted, channels, refusesAll: true, isAlreadySo, reason: answer.reason };
}

function kindOf(name: contract.PublicChannelName | undefined, result: unknown): contract.PublicFrameKind {
  if (name === "trades") return "trade";
  if (name === "fundingInfo") return "fundingInfo";
  if (name !== "orderBook") return "unknown";
  // A frame that is `full` is the whole book, at its last id, whenever it comes.
  return isObject(result) && result.full === true ? "orderBookSnapshot" : "orderBookDiff";
}

export const orderBookDataSource: contract.VenueOrderBookDataSource = {
  bookWire: {
    kind: "diff",
    texts: { channel: constants.CHANNELS.orderBook, event: "update" },
    nulls: ["error"],
    ignored: ["time", "time_ms", "result.l"],
    absent: ["result.full"],
    ...{ symbol: "result.s", firstUpdateId: "result.U", updateId: "result.u", bids: "result.b", asks: "result.a" },
    time: { path: "result.t", form: "number" },
    levelKeys: ["p", "s"],
    isInContracts: true,
  },

  channels(markets, tradingPair, slot = slotInMarkets(markets, tradingPair)) {
    const socket = shardOf("public", slot, constants.MARKETS_PER_CONNECTION);
    return CHANNEL_NAMES.map((name) => ({ name, tradingPair, socket }));
  },

  subscribeChannels: (markets, channels, id) => channelRequests(markets, "subscribe", channels, id),
  unsubscribeChannels: (markets, channels, id) => channelRequests(markets, "unsubscribe", channels, id),
  subscriptionAnswer,

  channelOriginatingMessage(message): contract.PublicFrameKind {
    if (!isFrame(message)) return "unknown";
    const { channel, event, error, result } = message;
    if (channel === constants.PONG_CHANNEL) return "pong";
    if (channel === constants.SYSTEM_CHANNEL) return "reconnect";
    if (error != null) return "error";
    if (event === "subscribe" || event === "unsubscribe") return `${event}d`;
    return event === "update" ? kindOf(NAMES.get(channel), result) : "unknown";
  },

  tradingPairOf: pairOf,

  parseOrderBookDiffMessage: (markets, message, frame) => parseBook(markets, message, frame, "diff"),
  parseOrderBookSnapshotMessage: (markets, message, frame) => parseBook(markets, message, frame, "snapshot"),

  parseTradeMessage(markets, message, onUnreadable): readonly PublicTrade[] {
    if (!isFrame(message)) return [];
    const rows = read("a frame of trades", wireList, message.result);
    return readRows("a trade", rows, (row) => parseTrade(markets, row), onUnreadable);
  },

  parseFundingInfoMessage(markets, message, onUnreadable?: OnUnreadable): readonly FundingInfoUpdate[] {
    if (!isFrame(message)) return [];
    const timestampMs = read("the time of a frame", wireTimeMs, message.time_ms);
    const rows = read("a frame of tickers", wireList, message.result);
    return readRows("a ticker", rows, (row) => parseTicker(markets, row, timestampMs), onUnreadable);
  },

  /** Requests as many levels as the channel keeps: deeper ones would never be told again. */
  async requestOrderBookSnapshot(context, tradingPair, frame) {
    const market = marketOf(context.markets, tradingPair);
    const path = constants.ORDER_BOOK_PATH_URL;
    const terms = { contract: market.symbol, interval: "0", limit: constants.ORDER_BOOK_DEPTH, with_id: true };
    parseSnapshot(market, await context.api.send(publicRequest(path, terms), context.signal), frame);
  },

  fetchFundingInfo,

  async fetchLastTradedPrices(context, tradingPairs) {
    const pairs = new Map(tradingPairs.map((pair) => [marketOf(context.markets, pair).symbol, pair]));
    const only = pairs.size === 1 ? [...pairs.keys()][0] : undefined;
    const path = constants.TICKERS_PATH_URL;
    const payload = await context.api.send(publicRequest(path, { contract: only }), context.signal);
    const prices = new Map<TradingPair, string>();
    const rows = read(`GET ${path}`, wireList, payload);
    const parse = (row: unknown) => read(`a row of GET ${path}`, wireTicker, row);
    for (const { contract: symbol, last } of await readList(`a row of GET ${path}`, rows, parse, context)) {
      const tradingPair = pairs.get(symbol);
      if (tradingPair !== undefined && last !== undefined) prices.set(tradingPair, last.toFixed());
    }
    return prices;
  },
};
