import { z } from "zod";
import type { BookFrame } from "../../market-data/book-frame.ts";
import { pushLevels } from "../../market-data/frame-checks.ts";
import { shardOf, slotInMarkets } from "../../market-data/shards.ts";
import type {
  PublicAnswer,
  PublicFrameKind,
  VenueOrderBookDataSource,
} from "../../market-data/venue-order-book-data-source.ts";
import { ProtocolError } from "../../model/error.ts";
import type { FundingInfo } from "../../model/funding.ts";
import type { PublicTrade, TradingPair } from "../../model/market.ts";
import { marketOf, type VenueMarkets } from "../../model/venue-markets.ts";
import { wordTable } from "../../model/word-table.ts";
import { settleInTurn } from "../../net/fan-out.ts";
import { readList } from "../../net/rows.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import { wireDecimal, wireIntegerId, wireText, wireTimeMs } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { manifest } from "./manifest.ts";
import { rowsOf } from "./requests.ts";
import { eventOf, isObject, publicRequest, read, renamed, type WireObject } from "./web-utils.ts";

/** Stream names have the symbol in lower case, and on the path that the split of 2026-04-23 gave them. */
const CHANNELS = {
  orderBook: { stream: "depth@100ms", socket: "public" },
  trades: { stream: "aggTrade", socket: "market" },
  fundingInfo: { stream: "markPrice@1s", socket: "market" },
} as const;
const CHANNEL_NAMES = ["orderBook", "trades", "fundingInfo"] as const;
const FRAME_KINDS: Readonly<Record<string, PublicFrameKind>> = wordTable({
  depthUpdate: "orderBookDiff",
  aggTrade: "trade",
  markPriceUpdate: "fundingInfo",
});

/** Answers look alike but for the id, which the venue echoes: odd ones subscribe, even ones unsubscribe. */
const METHOD_IDS = { SUBSCRIBE: 1, UNSUBSCRIBE: 0 } as const;

const wireLevels = z.array(z.unknown());
const wireSnapshot = z.object({ lastUpdateId: z.int(), T: wireTimeMs, bids: wireLevels, asks: wireLevels });
const wireTrade = z.object({
  s: z.string(),
  a: wireIntegerId,
  p: wireDecimal,
  q: wireDecimal,
  T: wireTimeMs,
  m: z.boolean(),
});
const markPrices = { symbol: z.string(), markPrice: wireDecimal, indexPrice: wireDecimal, time: wireTimeMs };
/** The "latest funding rate" is the running value, which applies at `nextFundingTime` (docs, Mark-Price). */
const wireMarkPrice = z.object({ ...markPrices, lastFundingRate: wireDecimal, nextFundingTime: wireTimeMs });
const MARK_PRICE_LETTERS = "symbol:s markPrice:p indexPrice:i lastFundingRate:r nextFundingTime:T time:E";
const wirePrice = z.object({ price: wireDecimal });
const wireSymbolPrice = wirePrice.extend({ symbol: z.string() });
const readPrice = (row: unknown) => read("a last price", wireSymbolPrice, row);
/** The prices of all markets weigh as much as those of two. */
const MARKETS_ASKED_ALONE = 2;

type Levels = readonly unknown[];
type Ids = Readonly<Record<"E" | "U" | "u" | "pu", number>>;
type Diff = Ids & { readonly s: string; readonly b: Levels; readonly a: Levels };

function isDiff(event: WireObject | undefined): event is Diff {
  // Neighbours from 2^53 on are one number: a missing frame would not be noticed.
  const { u, U, pu } = event ?? {};
  const isNumbered = Number.isSafeInteger(u) && Number.isSafeInteger(U) && Number.isSafeInteger(pu);
  return isNumbered && Array.isArray(event?.b) && Array.isArray(event?.a);
}

function fillLevels(frame: BookFrame, bids: Levels, asks: Levels): void {
  pushLevels(frame.bids, bids);
  pushLevels(frame.asks, asks);
}

/** The deepest snapshot that so many may have in a minute, and that fits in `room` with as many as come after it. */
function snapshotFor(wanted: number, room: number): { readonly limit: number; readonly weight: number } {
  const affordable = constants.SNAPSHOTS.find(
    ({ weight }) =>
      weight * wanted <= constants.SNAPSHOTS_WEIGHT && weight * Math.max(wanted, constants.SNAPSHOTS_IN_ROOM) <= room,
  );
  return affordable ?? constants.SNAPSHOTS[3];
}

function parseOrderBookDiffMessage(markets: VenueMarkets, message: unknown, frame: BookFrame): boolean {
  const event = eventOf(message);
  if (!isDiff(event)) throw new ProtocolError("a depth update without levels or update ids", { venue: manifest.name });
  const market = markets.bySymbol.get(event.s);
  if (market === undefined) return false;
  frame.kind = "diff";
  frame.tradingPair = market.tradingPair;
  frame.timestampMs = typeof event.E === "number" ? event.E : Number.NaN;
  frame.updateId = event.u;
  frame.firstUpdateId = event.U;
  frame.previousUpdateId = event.pu;
  fillLevels(frame, event.b, event.a);
  return true;
}

function parseTradeMessage(markets: VenueMarkets, message: unknown): readonly PublicTrade[] {
  const trade = read("an aggTrade event", wireTrade, eventOf(message));
  const tradingPair = markets.bySymbol.get(trade.s)?.tradingPair;
  if (tradingPair === undefined) return [];
  const { a: tradeId, p: price, q: amount, T: timestampMs, m: isBuyerMaker } = trade;
  const side = isBuyerMaker ? "sell" : "buy";
  return [{ tradingPair, tradeId, side, price, amount, timestampMs, liquidation: false }];
}

function parseFundingInfo(markets: VenueMarkets, payload: unknown): FundingInfo | undefined {
  const row = read("a mark price", wireMarkPrice, payload);
  const tradingPair = markets.bySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const { markPrice, indexPrice, lastFundingRate: rate, nextFundingTime: nextFundingTimestampMs, time } = row;
  return { tradingPair, markPrice, indexPrice, rate, nextFundingTimestampMs, kind: "predicted", timestampMs: time };
}

async function fetchFundingInfo(context: VenueContext, tradingPair: TradingPair): Promise<FundingInfo> {
  const { symbol } = marketOf(context.markets, tradingPair);
  const request = publicRequest(constants.MARK_PRICE_PATH_URL, 1, { symbol });
  const info = parseFundingInfo(context.markets, await context.api.send(request, context.signal));
  if (info?.tradingPair === tradingPair) return info;
  throw new ProtocolError(`the funding info of ${tradingPair} is of another market`, { venue: manifest.name });
}

type Channels = Parameters<VenueOrderBookDataSource["subscribeChannels"]>[1];

function channelRequest(
  method: keyof typeof METHOD_IDS,
  markets: VenueMarkets,
  channels: Channels,
  requestId = 1,
): readonly unknown[] {
  const params = channels.flatMap(({ name, tradingPair }) => {
    const own = CHANNEL_NAMES.find((known) => known === name);
    return own === undefined ? [] : `${marketOf(markets, tradingPair).symbol.toLowerCase()}@${CHANNELS[own].stream}`;
  });
  return params.length === 0 ? [] : [{ method, params, id: 2 * requestId - METHOD_IDS[method] }];
}

/** A stream that does not exist is accepted and stays silent; what is refused is refused as a whole. */
function subscriptionAnswer(_markets: VenueMarkets, message: unknown): PublicAnswer | undefined {
  const event = eventOf(message);
  if (event === undefined || typeof event.e === "string") return undefined;
  const id = typeof event.id === "number" ? event.id : undefined;
  const requestId = id === undefined ? undefined : Math.ceil(id / 2);
  const operation = id === undefined ? undefined : id % 2 === 1 ? "subscribe" : "unsubscribe";
  if ("result" in event && event.error === undefined) return { isAccepted: true, operation, requestId };
  const error = isObject(event.error) ? event.error : event;
  const reason = `${wireText(error.code ?? "")} ${wireText(error.msg ?? "no text")}`.trim();
  return { isAccepted: false, operation, requestId, reason, isLimit: /too many/i.test(reason) };
}

export const orderBookDataSource: VenueOrderBookDataSource = {
  bookWire: {
    kind: "diff",
    // Combined streams, which the connector subscribes, name the stream of each event.
    envelope: { key: "data", texts: { stream: "*" } },
    texts: { e: "depthUpdate" },
    ignored: ["T", "ps"],
    ...{ symbol: "s", firstUpdateId: "U", updateId: "u", previousUpdateId: "pu", bids: "b", asks: "a" },
    time: { path: "E", form: "number" },
  },

  channels: (markets, tradingPair, slot = slotInMarkets(markets, tradingPair)) =>
    CHANNEL_NAMES.map((name) => {
      const socket = shardOf(CHANNELS[name].socket, slot, constants.MARKETS_PER_CONNECTION);
      return { name, tradingPair, socket };
    }),

  subscribeChannels: (markets, channels, id) => channelRequest("SUBSCRIBE", markets, channels, id),
  unsubscribeChannels: (markets, channels, id) => channelRequest("UNSUBSCRIBE", markets, channels, id),
  subscriptionAnswer,

  channelOriginatingMessage(message): PublicFrameKind {
    const event = eventOf(message);
    if (event === undefined) return "unknown";
    if (typeof event.e === "string") return FRAME_KINDS[event.e] ?? "unknown";
    if ("error" in event || "code" in event) return "error";
    if (!("result" in event)) return "unknown";
    return typeof event.id === "number" && event.id % 2 === 0 ? "unsubscribed" : "subscribed";
  },

  tradingPairOf(markets, message) {
    const symbol = eventOf(message)?.s;
    return typeof symbol === "string" ? markets.bySymbol.get(symbol)?.tradingPair : undefined;
  },

  parseOrderBookDiffMessage,
  /** Snapshots come over REST only. */
  parseOrderBookSnapshotMessage: () => false,
  parseTradeMessage,
  parseFundingInfoMessage: (markets, message) =>
    parseFundingInfo(markets, renamed(eventOf(message) ?? {}, MARK_PRICE_LETTERS)),

  fullSnapshotRoom: {
    limitId: constants.REQUEST_WEIGHT,
    weight: constants.SNAPSHOTS[0].weight * constants.SNAPSHOTS_IN_ROOM,
  },

  async requestOrderBookSnapshot(context, tradingPair, frame, wanted = 1) {
    const { symbol } = marketOf(context.markets, tradingPair);
    const room = context.api.room?.({ limitId: constants.REQUEST_WEIGHT }) ?? Number.POSITIVE_INFINITY;
    const { limit, weight } = snapshotFor(wanted, room);
    const request = publicRequest(constants.SNAPSHOT_PATH_URL, weight, { symbol, limit });
    const book = read("GET /fapi/v1/depth", wireSnapshot, await context.api.send(request, context.signal));
    frame.kind = "snapshot";
    frame.tradingPair = tradingPair;
    frame.timestampMs = book.T;
    frame.updateId = book.lastUpdateId;
    frame.depth = limit;
    fillLevels(frame, book.bids, book.asks);
  },

  fetchFundingInfo,

  async fetchLastTradedPrices(context, tradingPairs) {
    const prices = new Map<TradingPair, string>();
    if (tradingPairs.length > MARKETS_ASKED_ALONE) {
      const wanted = new Set(tradingPairs);
      const payload = await context.api.send(publicRequest(constants.TICKER_PRICE_PATH_URL, 2), context.signal);
      const rows = rowsOf("GET /fapi/v2/ticker/price", payload);
      for (const { symbol, price } of await readList("a last price", rows, readPrice, context)) {
        const tradingPair = context.markets.bySymbol.get(symbol)?.tradingPair;
        if (tradingPair !== undefined && wanted.has(tradingPair)) prices.set(tradingPair, price.toFixed());
      }
      return prices;
    }
    await settleInTurn(context, tradingPairs, async (tradingPair) => {
      const { symbol } = marketOf(context.markets, tradingPair);
      const request = publicRequest(constants.TICKER_PRICE_PATH_URL, 1, { symbol });
      const payload = await context.api.send(request, context.signal);
      prices.set(tradingPair, read("GET /fapi/v2/ticker/price", wirePrice, payload).price.toFixed());
    });
    return prices;
  },
};
