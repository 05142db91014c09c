import fc from "fast-check";
import { expect, test } from "vitest";
import { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import { BookScanner } from "../../src/market-data/book-scanner.ts";
import type { LevelBuffer } from "../../src/market-data/level-buffer.ts";
import { moduleOf } from "../support/books/two-ways.ts";
import { sessionOf } from "./captures.ts";

const encoder = new TextEncoder();
const SERVER = { restUrl: "http://127.0.0.1", webSocketUrl: "ws://127.0.0.1" };
const RUNS = 3_000;

interface Wire {
  readonly connector: string;
  readonly symbol: string;
  write(id: string, levels: string): string;
}

const WIRES: readonly Wire[] = [
  {
    connector: "bybit_perpetual",
    symbol: "BTCUSDT",
    write: (id, levels) =>
      `{"topic":"orderbook.200.BTCUSDT","type":"delta","ts":1700000000000,"data":{"s":"BTCUSDT","b":[${levels}],"a":[],"u":${id},"seq":7}}`,
  },
  {
    connector: "okx_perpetual",
    symbol: "BTC-USDT-SWAP",
    write: (id, levels) =>
      `{"arg":{"channel":"books","instId":"BTC-USDT-SWAP"},"action":"update","data":[{"asks":[],"bids":[${levels}],"ts":"1700000000000","checksum":-8,"seqId":${id},"prevSeqId":5}]}`,
  },
];

function scannerOf({ connector, symbol }: Wire, priceScale: number, sizeScale: number) {
  const { createVenue, manifest } = moduleOf(connector);
  const venue = createVenue({ domain: manifest.defaultDomain, ...SERVER }).orderBookDataSource;
  const markets = sessionOf([symbol]);
  const tradingPair = markets.bySymbol.get(symbol)?.tradingPair ?? "";
  if (venue.bookWire === undefined) throw new Error(`${connector} has no bookWire`);
  const scanner = new BookScanner(venue.bookWire);
  scanner.scan(encoder.encode("{"), markets);
  const learnt = new BookFrameBuffer();
  learnt.tradingPair = tradingPair;
  learnt.bids.filled(0, priceScale, sizeScale, 0);
  scanner.learn(learnt);
  const parsed = new BookFrameBuffer();
  const parse = (text: string): BookFrameBuffer | undefined => {
    parsed.reset("diff");
    try {
      const message: unknown = JSON.parse(text);
      if (venue.channelOriginatingMessage(message) !== "orderBookDiff") return undefined;
      return venue.parseOrderBookDiffMessage(markets, message, parsed) ? parsed : undefined;
    } catch {
      return undefined;
    }
  };
  return { scan: (text: string) => scanner.scan(encoder.encode(text), markets), parse };
}

const SCALE = 30;
const levelsOf = (levels: LevelBuffer) =>
  Array.from({ length: levels.count }, (_, index) => [levels.bigPriceAt(index, SCALE), levels.bigSizeAt(index, SCALE)]);
const shown = (frame: BookFrameBuffer | undefined) =>
  frame && [frame.updateId, frame.previousUpdateId, frame.timestampMs, levelsOf(frame.bids), levelsOf(frame.asks)];

const digits = (min: number, max: number) => fc.stringMatching(new RegExp(`^[0-9]{${min},${max}}$`));
const numberText = fc.oneof(
  { weight: 20, arbitrary: fc.tuple(digits(1, 5), digits(1, 2)).map((parts) => parts.join(".")) },
  { weight: 20, arbitrary: digits(1, 5) },
  {
    weight: 6,
    arbitrary: fc.tuple(digits(1, 9), digits(0, 9)).map(([whole, part]) => (part === "" ? whole : `${whole}.${part}`)),
  },
  { weight: 1, arbitrary: fc.tuple(digits(1, 17), digits(0, 17)).map(([whole, part]) => `${whole}.${part}`) },
  { weight: 1, arbitrary: fc.tuple(digits(0, 4), digits(0, 4), digits(0, 4)).map((parts) => parts.join(".")) },
  { weight: 1, arbitrary: fc.stringMatching(/^[-+0-9.eE" ,\]]{0,12}$/) },
);
const quoted = numberText.map((text) => `"${text}"`);
const other = fc.oneof(
  { weight: 2, arbitrary: digits(0, 3).map((text) => `,"${text}"`) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      ",",
      `,"`,
      `,""`,
      ",1",
      `"`,
      ` ,"1"`,
      `,"]"`,
      `,"a,b"`,
      `,"\\"1"`,
      ",[1]",
      ",null",
      `,"\u0001"`,
    ),
  },
);
const level = fc
  .tuple(fc.oneof(quoted, quoted, numberText), fc.oneof(quoted, quoted, numberText), fc.array(other, { maxLength: 3 }))
  .map(([price, size, others]) => `[${price},${size}${others.join("")}]`);
const list = fc
  .tuple(fc.array(level, { maxLength: 4 }), fc.constantFrom(",", ",", ",", ", ", ",,"))
  .map(([levels, comma]) => levels.join(comma));

test.each(WIRES)("whatever $connector may write as levels is read as its text is, or not from its bytes", (wire) => {
  for (const [priceScale, sizeScale] of [
    [2, 3],
    [0, 0],
    [7, 7],
    [9, 4],
  ] as const) {
    const { scan, parse } = scannerOf(wire, priceScale, sizeScale);
    let count = 0;
    const compare = (id: string, levels: string): void => {
      const text = wire.write(id, levels);
      const scanned = scan(text);
      if (scanned === undefined) return;
      count += 1;
      expect(shown(scanned)).toEqual(shown(parse(text)));
    };
    const id = fc.oneof(
      fc.constant("77"),
      fc.bigInt({ min: 0n, max: 2n ** 54n }).map(String),
      fc.stringMatching(/^[-0-9.e]{1,18}$/),
    );
    fc.assert(fc.property(id, list, compare), { numRuns: RUNS });
    expect(count).toBeGreaterThan(RUNS / 10);
  }
});

test.each(WIRES)("numbers of every length are read from the bytes of $connector", (wire) => {
  const { scan, parse } = scannerOf(wire, 2, 3);
  for (const whole of ["0", "7", "60000", "1234567", "12345678", "123456789012"]) {
    for (const part of ["", ".5", ".25", ".250000", ".500000000000000000000000"]) {
      const text = wire.write("77", `["${whole}${part}","${whole}${part}"]`);
      expect(shown(scan(text))).toEqual(shown(parse(text)));
    }
  }
});

// The kernel has room for 2,048 names.
test("a venue with more markets than the kernel has room for is read, the rest of it as texts", () => {
  const [wire] = WIRES;
  if (wire === undefined) throw new Error("no wire");
  const { createVenue, manifest } = moduleOf(wire.connector);
  const { bookWire } = createVenue({ domain: manifest.defaultDomain, ...SERVER }).orderBookDataSource;
  if (bookWire === undefined) throw new Error("no bookWire");
  const symbols = Array.from({ length: 2_500 }, (_, index) => `A${index}USDT`);
  const markets = sessionOf(symbols);
  const scanner = new BookScanner(bookWire);
  scanner.scan(encoder.encode("{"), markets);
  const scannedOf = (symbol: string) => {
    const learnt = new BookFrameBuffer();
    learnt.tradingPair = markets.bySymbol.get(symbol)?.tradingPair ?? "";
    learnt.bids.filled(0, 1, 1, 0);
    scanner.learn(learnt);
    return scanner.scan(encoder.encode(wire.write("1", `["1.5","2"]`).replaceAll("BTCUSDT", symbol)), markets)
      ?.tradingPair;
  };
  expect(scannedOf("A2000USDT")).toBe(markets.bySymbol.get("A2000USDT")?.tradingPair);
  expect(scannedOf("A2400USDT")).toBeUndefined();
});
