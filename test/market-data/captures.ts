import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { BookFrame } from "../../src/market-data/book-frame.ts";
import type { PublicFrameKind, VenueOrderBookDataSource } from "../../src/market-data/venue-order-book-data-source.ts";
import { Decimal } from "../../src/model/decimal.ts";
import type { Market } from "../../src/model/market.ts";
import { createVenueMarkets, type VenueMarkets } from "../../src/model/venue-markets.ts";

const FOLDER = resolve(import.meta.dirname, "../../../shared/data");

interface CapturedMessage {
  readonly t: number;
  readonly kind: string;
  readonly dir: string;
  readonly text?: string;
}

/** Incoming WebSocket texts of a recording with their times, or undefined where the recordings are not at hand. */
export function capturedTexts(name: string): readonly { readonly t: number; readonly text: string }[] | undefined {
  const path = resolve(FOLDER, name);
  if (!existsSync(path)) return undefined;
  return readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as CapturedMessage)
    .flatMap(({ t, kind, dir, text }) => (kind === "ws" && dir === "in" && text !== undefined ? [{ t, text }] : []));
}

export function sessionOf(symbols: Iterable<string>): VenueMarkets {
  const one = new Decimal(1);
  const markets = [...symbols].map((symbol): Market => {
    const tradingPair = `${symbol}-USD`;
    return {
      tradingPair,
      symbol,
      baseAsset: symbol,
      quoteAsset: "USD",
      fundingIntervalMs: 3_600_000,
      rule: {
        tradingPair,
        minOrderSize: one,
        minPriceIncrement: one,
        minBaseAmountIncrement: one,
        minNotionalSize: one,
        contractSize: one,
        contractKind: "linear",
        buyOrderCollateralToken: "USD",
        sellOrderCollateralToken: "USD",
        supportsMarketOrders: true,
      },
    };
  });
  return createVenueMarkets("captured", "main", markets);
}

const unused = (): never => {
  throw new Error("a recording has no live side");
};

interface Dialect {
  kindOf(message: never): PublicFrameKind;
  parseBook(markets: VenueMarkets, message: never, frame: BookFrame): boolean;
}

/** As much of a venue as a recording of books needs. */
export function recordedVenue(dialect: Dialect): VenueOrderBookDataSource {
  const parse = (markets: VenueMarkets, message: unknown, frame: BookFrame): boolean =>
    dialect.parseBook(markets, message as never, frame);
  return {
    channels: () => [],
    subscribeChannels: () => [],
    unsubscribeChannels: () => [],
    channelOriginatingMessage: (message) => dialect.kindOf(message as never),
    tradingPairOf: () => undefined,
    parseOrderBookDiffMessage: parse,
    parseOrderBookSnapshotMessage: parse,
    parseTradeMessage: () => [],
    parseFundingInfoMessage: () => undefined,
    requestOrderBookSnapshot: unused,
    fetchFundingInfo: unused,
    fetchLastTradedPrices: unused,
  };
}

interface FtxMessage {
  readonly type: string;
  readonly channel: string;
  readonly market: string;
  readonly data: { time: number; checksum: number; bids: [number, number][]; asks: [number, number][] };
}

export const recordedFtx = recordedVenue({
  kindOf({ type, channel }: FtxMessage): PublicFrameKind {
    if (channel !== "orderbook") return "ignored";
    return type === "partial" ? "orderBookSnapshot" : type === "update" ? "orderBookDiff" : "subscribed";
  },
  parseBook(markets, { market, data }: FtxMessage, frame) {
    const known = markets.bySymbol.get(market);
    if (known === undefined) return false;
    frame.tradingPair = known.tradingPair;
    frame.timestampMs = data.time * 1_000;
    frame.checksum = data.checksum;
    for (const [price, size] of data.bids) frame.bids.push(price, size);
    for (const [price, size] of data.asks) frame.asks.push(price, size);
    return true;
  },
});

interface BybitMessage {
  readonly type: string;
  readonly ts: number;
  readonly data: { s: string; u: number; b: [string, string][]; a: [string, string][] };
}

export const recordedBybit = recordedVenue({
  kindOf: ({ type }: BybitMessage) => (type === "snapshot" ? "orderBookSnapshot" : "orderBookDiff"),
  parseBook(markets, { ts, data }: BybitMessage, frame) {
    const known = markets.bySymbol.get(data.s);
    if (known === undefined) return false;
    frame.tradingPair = known.tradingPair;
    frame.timestampMs = ts;
    frame.updateId = data.u;
    for (const [price, size] of data.b) frame.bids.push(price, size);
    for (const [price, size] of data.a) frame.asks.push(price, size);
    return true;
  },
});
