import { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import { BookSide } from "../../src/market-data/book-side.ts";
import { OrderBook } from "../../src/market-data/order-book.ts";
import { PublicMessageDispatcher } from "../../src/market-data/public-message-dispatcher.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { Market } from "../../src/model/market.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { FtxChecksum } from "../../src/venues/ftx/checksum.ts";
import { orderBookDataSource as okx } from "../../src/venues/okx/order-book-data-source.ts";
import { type Cost, microsecondsOf } from "./cost.ts";
import { PAIR, RULE } from "./process.ts";

const REPEATS = 100;
const LEVELS = [20, 200, 2_000];

function bookOf(levels: number): OrderBook {
  const frame = new BookFrameBuffer();
  frame.reset("snapshot");
  frame.tradingPair = PAIR;
  for (let level = 0; level < levels; level += 1) {
    frame.bids.push((20_000 - level / 10).toFixed(1), (1 + level / 1_000).toFixed(3));
    frame.asks.push((20_000.1 + level / 10).toFixed(1), (1 + level / 1_000).toFixed(3));
  }
  const book = new OrderBook(PAIR);
  const problem = book.apply(frame, 0, true);
  if (problem !== undefined) throw new Error(problem);
  return book;
}

const levels: Cost = {
  what: "book: bids() as Decimals, levels",
  unit: "us a level",
  sizes: LEVELS,
  prepare(size) {
    const book = bookOf(size);
    return { measure: () => microsecondsOf(size, () => book.bids(size)) };
  },
};

const vwap: Cost = {
  what: "book: average price of a volume, levels that it takes",
  unit: "us a level",
  sizes: LEVELS,
  prepare(size) {
    const book = bookOf(size);
    const volume = decimal(String(size));
    return { measure: () => microsecondsOf(size, () => book.getVwapForVolume(false, volume)) };
  },
};

const okxFrames: Cost = {
  what: "OKX: a frame of 20 levels a side, contracts of 0.01, levels of book",
  unit: "us a frame",
  sizes: [20, 200],
  prepare(size) {
    const rule = { ...RULE, contractSize: decimal("0.01") };
    const market = { tradingPair: PAIR, symbol: "BTC-USDT-SWAP", rule } as unknown as Market;
    const markets = createVenueMarkets("okx_perpetual", "bench", [market]);
    const book = new OrderBook(PAIR);
    const dispatcher = new PublicMessageDispatcher({
      venue: okx,
      markets: () => markets,
      logger: SILENT_LOGGER,
      handlers: {
        onBookFrame: (frame) => void book.apply(frame, 0, frame.kind === "snapshot"),
        onTrade: () => undefined,
        onFundingInfo: () => undefined,
      },
    });
    const rows = (count: number, sign: 1 | -1, shift: number) =>
      Array.from({ length: count }, (_, level) => {
        return [(20_000 + sign * (level + 1) * 0.1).toFixed(1), String(100 + level * 7 + shift), "0", "3"];
      });
    const textOf = (action: string, count: number, shift: number): string => {
      const data = {
        bids: rows(count, -1, shift),
        asks: rows(count, 1, shift),
        ts: "1700000000000",
        seqId: 2 + shift,
        prevSeqId: 1 + shift,
      };
      return JSON.stringify({ arg: { channel: "books", instId: "BTC-USDT-SWAP" }, action, data: [data] });
    };
    dispatcher.dispatch(textOf("snapshot", size, 0));
    const updates = Array.from({ length: REPEATS }, (_, index) => textOf("update", 20, index + 1));
    const measure = () =>
      microsecondsOf(REPEATS, () => {
        for (const text of updates) dispatcher.dispatch(text);
      });
    return { measure };
  },
};

const checksums: Cost = {
  what: "FTX: checksum over 100 levels a side, levels that changed",
  unit: "us a checksum",
  sizes: [2, 20, 200],
  prepare(size) {
    const checksum = new FtxChecksum(100);
    const bids = new BookSide("bid", 10_000, checksum.bidColumns);
    const asks = new BookSide("ask", 10_000, checksum.askColumns);
    const narrow = { bids, asks, narrowBids: bids, narrowAsks: asks, priceScale: 1, sizeScale: 4, isWide: false };
    const set = (level: number, amount: number): void => {
      bids.set(200_000 - level, amount);
      asks.set(200_005 + level, amount);
    };
    for (let level = 0; level < 100; level += 1) set(level, 10_000 + level * 13);
    let shift = 0;
    const measure = () =>
      microsecondsOf(REPEATS, () => {
        for (let repeat = 0; repeat < REPEATS; repeat += 1) {
          shift += 1;
          for (let level = 0; level < size / 2; level += 1) set(level, 10_000 + level * 13 + shift);
          checksum.of(narrow);
        }
      });
    return { measure };
  },
};

export const bookCosts: readonly Cost[] = [levels, vwap, checksums, okxFrames];
