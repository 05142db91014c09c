import { Decimal } from "../../../src/model/decimal.ts";
import { crc32 } from "../../../src/net/crc32.ts";
import { pythonFloat } from "../../../src/venues/ftx/checksum.ts";

/** A level as it is written: price and size as decimal text, size "0" where it is gone. */
export type WrittenLevel = readonly [price: string, size: string];

export interface WrittenFrame {
  readonly isSnapshot: boolean;
  readonly id: number;
  readonly timestampMs: number;
  readonly bids: readonly WrittenLevel[];
  readonly asks: readonly WrittenLevel[];
  /** The whole book after it, best first. To be asked for before the next message is made. */
  book(): { readonly bids: readonly WrittenLevel[]; readonly asks: readonly WrittenLevel[] };
}

export interface Dialect {
  readonly connector: string;
  readonly symbol: string;
  readonly contractSize: string;
  /** True where every message is the whole book. */
  readonly isWhole?: boolean;
  /** The message of the stream; undefined for the snapshot of a venue whose stream has none. */
  write(frame: WrittenFrame): string | undefined;
}

const pairs = (levels: readonly WrittenLevel[], others: readonly string[] = []) =>
  `[${levels.map(([price, size]) => JSON.stringify([price, size, ...others])).join(",")}]`;
const numbers = (levels: readonly WrittenLevel[]) =>
  `[${levels.map(([price, size]) => `[${price}, ${size === "0" ? "0.0" : size}]`).join(", ")}]`;
const rows = (levels: readonly WrittenLevel[], price: string, size: string, rest = "") =>
  `[${levels.map((level) => `{"${price}":"${level[0]}","${size}":"${level[1]}"${rest}}`).join(",")}]`;

const bybit: Dialect = {
  connector: "bybit_perpetual",
  symbol: "BTCUSDT",
  contractSize: "1",
  write: ({ isSnapshot, id, timestampMs, bids, asks }) =>
    `{"topic":"orderbook.200.BTCUSDT","type":"${isSnapshot ? "snapshot" : "delta"}","ts":${timestampMs},` +
    `"data":{"s":"BTCUSDT","b":${pairs(bids)},"a":${pairs(asks)},"u":${id},"seq":${id * 7}},"cts":${timestampMs - 3}}`,
};

/** Combined streams name the stream of each event; one alone does not. */
const inStream = (id: number, event: string) =>
  id % 15 === 0 ? event : `{"stream":"btcusdt@depth@100ms","data":${event}}`;

const binance: Dialect = {
  connector: "binance_perpetual",
  symbol: "BTCUSDT",
  contractSize: "1",
  write: ({ isSnapshot, id, timestampMs, bids, asks }) =>
    isSnapshot
      ? undefined
      : inStream(
          id,
          `{"e":"depthUpdate","E":${timestampMs},"T":${timestampMs - 2},"s":"BTCUSDT","U":${id - 4},"u":${id},"pu":${id - 5},` +
            `"b":${pairs(bids)},"a":${pairs(asks)}}`,
        ),
};

const okx: Dialect = {
  connector: "okx_perpetual",
  symbol: "BTC-USDT-SWAP",
  contractSize: "0.01",
  write: ({ isSnapshot, id, timestampMs, bids, asks }) =>
    `{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"${isSnapshot ? "snapshot" : "update"}","data":[{` +
    `"asks":${pairs(asks, ["0", "3"])},"bids":${pairs(bids, ["0", "1"])},"ts":"${timestampMs}","checksum":-855196043,` +
    `"seqId":${id},"prevSeqId":${isSnapshot ? -1 : id - 5}}]}`,
};

const gateIo: Dialect = {
  connector: "gate_io_perpetual",
  symbol: "BTC_USDT",
  contractSize: "0.0001",
  write: ({ isSnapshot, id, timestampMs, bids, asks }) =>
    isSnapshot
      ? undefined
      : `{"channel":"futures.order_book_update","event":"update","time":${Math.floor(timestampMs / 1_000)},"time_ms":${timestampMs},` +
        `"result":{"t":${timestampMs - 1},"s":"BTC_USDT","U":${id - 4},"u":${id},"b":${rows(bids, "p", "s")},` +
        `"a":${rows(asks, "p", "s")},"l":"100"}}`,
};

const hyperliquid: Dialect = {
  connector: "hyperliquid_perpetual",
  symbol: "BTC",
  contractSize: "1",
  isWhole: true,
  write({ timestampMs, book }) {
    const { bids, asks } = book();
    const levels = [rows(bids.slice(0, 20), "px", "sz", ',"n":3'), rows(asks.slice(0, 20), "px", "sz", ',"n":12')];
    return `{"channel":"l2Book","data":{"coin":"BTC","time":${timestampMs},"levels":[${levels.join(",")}]}}`;
  },
};

const ftx: Dialect = {
  connector: "ftx_perpetual",
  symbol: "BTC-PERP",
  contractSize: "1",
  write: ({ isSnapshot, timestampMs, bids, asks, book }) =>
    `{"channel": "orderbook", "market": "BTC-PERP", "type": "${isSnapshot ? "partial" : "update"}", "data": {` +
    `"time": ${timestampMs / 1_000 + 0.0000123}, "checksum": ${checksumOf(book())}, "bids": ${numbers(bids)}, ` +
    `"asks": ${numbers(asks)}, "action": "${isSnapshot ? "partial" : "update"}"}}`,
};

/** Numbers as the checksum has them, by their texts. */
const PRINTED = new Map<string, string>();

function checksumOf({ bids, asks }: ReturnType<WrittenFrame["book"]>): number {
  const words: string[] = [];
  const printed = (text: string): string => {
    const known = PRINTED.get(text);
    if (known !== undefined) return known;
    const value = new Decimal(text);
    const scale = value.decimalPlaces();
    const made = pythonFloat(BigInt(value.times(new Decimal(10).pow(scale)).toFixed()), scale);
    PRINTED.set(text, made);
    return made;
  };
  for (let rank = 0; rank < 100; rank += 1) {
    for (const level of [bids[rank], asks[rank]]) if (level !== undefined) words.push(...level.map(printed));
  }
  return words.length === 0 ? 0 : crc32(words.join(":"));
}

export const DIALECTS: readonly Dialect[] = [bybit, binance, okx, gateIo, hyperliquid, ftx];
