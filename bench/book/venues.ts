import type { Changes, Level } from "./synthetic-market.ts";

export const BOOK_VENUES = ["bybit", "binance", "okx", "gate_io", "hyperliquid", "ftx"] as const;
export type BookVenue = (typeof BOOK_VENUES)[number];
export type SyntheticVenue = Exclude<BookVenue, "ftx">;

/** How a venue sends the book of the synthetic market. */
export interface Wire {
  readonly symbol: string;
  /** Base units in one contract. */
  readonly contractSize: string;
  /** Best levels a side that are followed; the whole book without it. */
  readonly view?: number;
  /** Books are sent whole instead of their changes. */
  readonly isWhole?: boolean;
  /** Contracts in an amount, where they are not all of the synthetic market's lots. */
  contractsOf?(lots: number): number;
  /** The first state, as a message. */
  snapshot?(book: Changes): string;
  /** The first state, as an answer over REST. */
  restSnapshot?(book: Changes): string;
  /** The message after `sequence` others; of the whole book where `isWhole`. */
  diff(changes: Changes, sequence: number): string;
}

export const TIME_MS = 1_700_000_000_000;
export const BYBIT_STEP_MS = 20;
/** Number that the venues' update ids begin at. */
const FIRST_ID = 177_400_000;
const price = (ticks: number): string => `${Math.floor(ticks / 10)}.${ticks % 10}`;
const amount = (lots: number): string => (lots === 0 ? "0" : (lots / 1_000).toFixed(3));
const pairs = (levels: readonly Level[]): string =>
  `[${levels.map(([ticks, lots]) => `["${price(ticks)}","${amount(lots)}"]`).join(",")}]`;
/** Contracts of 0.01. */
const okxRows = (levels: readonly Level[]): string =>
  `[${levels.map(([ticks, lots]) => `["${price(ticks)}","${lots / 10}","0","${lots === 0 ? 0 : 1 + (lots % 7)}"]`).join(",")}]`;
/** Contracts of 0.0001, of which traders there take any number. */
const gateContracts = (lots: number): number => lots * 10 + (lots % 10);
const gateRows = (levels: readonly Level[]): string =>
  `[${levels.map(([ticks, lots]) => `{"p":"${price(ticks)}","s":${gateContracts(lots)}}`).join(",")}]`;
const hyperliquidRows = (levels: readonly Level[]): string =>
  `[${levels.map(([ticks, lots]) => `{"px":"${price(ticks)}","sz":"${amount(lots)}","n":${1 + (lots % 7)}}`).join(",")}]`;

/** A message of Bybit, whose `ts` tells its place too: `BYBIT_STEP_MS` after that of the one before it. */
export function bybitFrame(type: string, { bids, asks }: Changes, sequence: number, symbol = "BTCUSDT"): string {
  const ms = TIME_MS + sequence * BYBIT_STEP_MS;
  const data = `{"s":"${symbol}","b":${pairs(bids)},"a":${pairs(asks)},"u":${FIRST_ID + sequence},"seq":${7_961_638_724 + sequence * 3}}`;
  return `{"topic":"orderbook.200.${symbol}","type":"${type}","ts":${ms},"data":${data},"cts":${ms - 3}}`;
}

function okxFrame(action: string, { bids, asks }: Changes, sequence: number): string {
  const ids = `"ts":"${TIME_MS + sequence * 100}","checksum":-855196043,"seqId":${FIRST_ID + sequence},"prevSeqId":${action === "snapshot" ? -1 : FIRST_ID + sequence - 1}`;
  return `{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"${action}","data":[{"asks":${okxRows(asks)},"bids":${okxRows(bids)},${ids}}]}`;
}

/** Each message of Binance and Gate.io covers this many update ids. */
const IDS = 25;
const lastId = (sequence: number): number => FIRST_ID + sequence * IDS;

export const WIRES: Readonly<Record<SyntheticVenue, Wire>> = {
  bybit: {
    ...{ symbol: "BTCUSDT", contractSize: "1", view: 200 },
    snapshot: (book) => bybitFrame("snapshot", book, 0),
    diff: (changes, sequence) => bybitFrame("delta", changes, sequence),
  },
  binance: {
    ...{ symbol: "BTCUSDT", contractSize: "1" },
    restSnapshot: ({ bids, asks }) =>
      `{"lastUpdateId":${lastId(0)},"E":${TIME_MS},"T":${TIME_MS},"bids":${pairs(bids)},"asks":${pairs(asks)}}`,
    diff({ bids, asks }, sequence) {
      const ms = TIME_MS + sequence * 100;
      const ids = `"U":${lastId(sequence - 1) + (sequence === 1 ? 0 : 1)},"u":${lastId(sequence)},"pu":${lastId(sequence - 1)}`;
      const data = `{"e":"depthUpdate","E":${ms + 2},"T":${ms},"s":"BTCUSDT",${ids},"b":${pairs(bids)},"a":${pairs(asks)}}`;
      return `{"stream":"btcusdt@depth@100ms","data":${data}}`;
    },
  },
  okx: {
    ...{ symbol: "BTC-USDT-SWAP", contractSize: "0.01", view: 400 },
    snapshot: (book) => okxFrame("snapshot", book, 0),
    diff: (changes, sequence) => okxFrame("update", changes, sequence),
  },
  gate_io: {
    ...{ symbol: "BTC_USDT", contractSize: "0.0001", view: 100, contractsOf: gateContracts },
    restSnapshot({ bids, asks }) {
      const times = `"current":${TIME_MS / 1_000},"update":${TIME_MS / 1_000}`;
      return `{"id":${lastId(0)},${times},"asks":${gateRows(asks)},"bids":${gateRows(bids)}}`;
    },
    diff({ bids, asks }, sequence) {
      const ms = TIME_MS + sequence * 100;
      const ids = `"U":${lastId(sequence - 1) + 1},"u":${lastId(sequence)}`;
      const result = `{"t":${ms},"s":"BTC_USDT",${ids},"b":${gateRows(bids)},"a":${gateRows(asks)},"l":"100"}`;
      return `{"time":${Math.floor(ms / 1_000)},"time_ms":${ms + 2},"channel":"futures.order_book_update","event":"update","result":${result}}`;
    },
  },
  hyperliquid: {
    ...{ symbol: "BTC", contractSize: "1", view: 20, isWhole: true },
    diff({ bids, asks }, sequence) {
      const levels = `[${hyperliquidRows(bids)},${hyperliquidRows(asks)}]`;
      return `{"channel":"l2Book","data":{"coin":"BTC","time":${TIME_MS + sequence * 500},"levels":${levels}}}`;
    },
  },
};
