import { describe, expect, test } from "vitest";
import { BookReplayer } from "../../src/market-data/book-replayer.ts";
import { DIALECTS } from "../support/books/dialects.ts";
import { compareWays, moduleOf, TwoWays } from "../support/books/two-ways.ts";
import { capturedTexts, sessionOf } from "./captures.ts";

const encoder = new TextEncoder();

describe.each(DIALECTS)("messages of $connector", (dialect) => {
  test("are read from their bytes, all but the first", () => {
    const { difference, scanned, applied } = compareWays(dialect, 1, 200, 0);
    expect(difference).toBeUndefined();
    expect(applied).toBe(201);
    // The digits of a market's prices and sizes are known from what was read before.
    expect(scanned).toBeGreaterThanOrEqual(190);
  });

  test("give the book that their texts give, however they are spoilt", () => {
    for (const seed of [2, 3, 4]) {
      const { difference, scanned } = compareWays(dialect, seed, 400, 0.5);
      expect(difference).toBeUndefined();
      expect(scanned).toBeGreaterThan(50);
    }
  });
});

const RECORDINGS = [
  { name: "bybit-2024-12-01-XRPUSDT-ob500.ndjson", connector: "bybit_perpetual", symbolIn: /"s":"([^"]+)"/ },
  { name: "ftx-2021-07-22.ndjson", connector: "ftx_perpetual", symbolIn: /"market": "([^"]+)"/ },
].flatMap((recording) => {
  const texts = capturedTexts(recording.name);
  return texts === undefined ? [] : [{ ...recording, texts }];
});

test.skipIf(RECORDINGS.length === 0).for(RECORDINGS)(
  "$name gives the same books by its bytes as by its texts, nearly all from the bytes",
  ({ connector, texts, symbolIn }) => {
    const symbols = new Set(texts.flatMap(({ text }) => symbolIn.exec(text)?.[1] ?? []));
    const ways = new TwoWays(connector, sessionOf(symbols));
    for (const [index, { text }] of texts.entries()) {
      expect(ways.apply(encoder.encode(text), index % 20 === 0)).toBeUndefined();
    }
    const { counters, scanned } = ways.byBytes;
    const { orderBookDiff } = counters.messages;
    expect(ways.isValid).toBe(true);
    expect(scanned / orderBookDiff).toBeGreaterThan(0.95);
  },
);

describe("a message of Bybit's book", () => {
  const SNAPSHOT = frame("snapshot", 1, `[["99.5","1"],["99","2.25"]]`, `[["100","3"]]`);

  function frame(type: string, id: number, bids: string, asks: string, more = ""): string {
    return `{"topic":"orderbook.200.BTCUSDT","type":"${type}","ts":1700000000000,"data":{"s":"BTCUSDT","b":${bids},"a":${asks},"u":${id}${more}}}`;
  }

  /** Applies messages after a first change, and tells how many of them were read from their bytes. */
  function scannedOf(...texts: readonly string[]): number {
    const ways = new TwoWays("bybit_perpetual", sessionOf(["BTCUSDT"]));
    for (const text of [SNAPSHOT, frame("delta", 2, `[["99.5","1.25"]]`, "[]"), ...texts]) {
      expect(ways.apply(encoder.encode(text), true)).toBeUndefined();
    }
    return ways.byBytes.scanned - 1;
  }

  test.each([
    ["as the venue writes it", frame("delta", 3, `[["98.5","7.75"]]`, `[["100.5","0"]]`)],
    ["without levels", frame("delta", 3, "[]", "[]")],
    ["with numbers in the place of texts", frame("delta", 3, "[[98.5,7.75]]", "[]")],
    ["with zeros at the end of a number", frame("delta", 3, `[["98.50000","7.750"]]`, "[]")],
    ["with keys that are not known", frame("delta", 3, "[]", "[]", `,"seq":-1.5,"x":"y","z":null`)],
    ["with blanks after its signs", frame("delta", 3, `[["98.5", "7.75"], ["98", "1"]]`, "[]").replaceAll(":", ": ")],
    ["as the whole book", frame("snapshot", 3, `[["98.5","1"]]`, "[]")],
    ["with prices in quotes and sizes without", frame("delta", 3, `[["98.5",7.75],["98",0]]`, "[]")],
    ["with values after a size", frame("delta", 3, `[["98.5","7.75","0","3"],["98","1","a",2.5]]`, "[]")],
    ["with numbers of up to fifteen digits", frame("delta", 3, `[["98.5","1234567890123.45"]]`, "[]")],
  ])("is read from its bytes %s", (_how, text) => {
    expect(scannedOf(text)).toBe(1);
  });

  test.each([
    ["more digits after the point than any before", frame("delta", 3, `[["98.25","1"]]`, "[]")],
    ["more than fifteen digits", frame("delta", 3, `[["98.5","12345678901234.25"]]`, "[]")],
    ["an exponent", frame("delta", 3, "[[985e-1,1]]", "[]")],
    ["a sign", frame("delta", 3, `[["98.5","-1"]]`, "[]")],
    ["a key twice", frame("delta", 3, "[]", "[]", `,"u":4`)],
    ["an escaped key", frame("delta", 3, "[]", "[]", `,"\\u0073":"ETHUSDT"`)],
    ["an object that nobody knows", frame("delta", 3, "[]", "[]", `,"x":{"y":1}`)],
    ["something after its end", `${frame("delta", 3, "[]", "[]")} `],
    ["no end", frame("delta", 3, "[]", "[]").slice(0, -1)],
    ["a market that is not known", frame("delta", 3, "[]", "[]").replaceAll("BTC", "ETH")],
  ])("is read as a text with %s", (_what, text) => {
    expect(scannedOf(text)).toBe(0);
  });

  test("is read from its bytes again once a number has shown how many digits there are", () => {
    const digits = frame("delta", 3, `[["98.25","1"]]`, "[]");
    expect(scannedOf(digits, frame("delta", 4, `[["98.75","1"]]`, "[]"))).toBe(1);
  });

  // The bytes between two values were arguments of a call: a key of 200 kB ended in a RangeError.
  test("is read from its bytes with a key as long as a message may be", () => {
    const key = "x".repeat(400_000);
    const ways = new TwoWays("bybit_perpetual", sessionOf(["BTCUSDT"]));
    const texts = [
      SNAPSHOT,
      frame("delta", 2, "[]", "[]", `,"${key}":1`),
      frame("delta", 3, "[]", "[]", `,"${key}":2`),
    ];
    for (const text of texts) expect(ways.apply(encoder.encode(text), true)).toBeUndefined();
    expect(ways.byBytes.scanned).toBe(2);
  });

  test("is read from its bytes in whatever order its keys are", () => {
    const data = `"data":{"u":ID,"a":[],"b":[["98.5","1"]],"s":"BTCUSDT"}`;
    const turned = `{"ts":1700000000000,"type":"delta",${data.replace(/("u":ID),(.*),("s":"BTCUSDT")/, "$3,$2,$1")},"topic":"orderbook.200.BTCUSDT"}`;
    const texts = Array.from({ length: 40 }, (_, index) => turned.replace("ID", String(index + 3)));
    expect(scannedOf(...texts)).toBe(40);
  });
});

describe("a message of Binance's book", () => {
  const update = (id: number) =>
    `{"e":"depthUpdate","E":1700000000000,"T":1700000000000,"s":"BTCUSDT","U":${id},"u":${id},"pu":${id - 1},"b":[["99.5","1"]],"a":[]}`;

  function scannedOf(write: (id: number) => string): number {
    const ways = new TwoWays("binance_perpetual", sessionOf(["BTCUSDT"]));
    for (const id of [2, 3, 4]) expect(ways.apply(encoder.encode(write(id)), true)).toBeUndefined();
    return ways.byBytes.scanned;
  }

  test("is read from its bytes as a stream of its own has it", () => {
    expect(scannedOf(update)).toBe(2);
  });

  // The connector subscribes combined streams: the form of a raw one was read from its bytes, and none ever came.
  test("is read from its bytes in the envelope of a combined stream", () => {
    expect(scannedOf((id) => `{"stream":"btcusdt@depth@100ms","data":${update(id)}}`)).toBe(2);
  });

  test.each([
    ["in an envelope without a name", (id: number) => `{"data":${update(id)}}`],
    ["in an envelope whose name is no text", (id: number) => `{"stream":1,"data":${update(id)}}`],
  ])("is read as a text %s", (_how, write) => {
    expect(scannedOf(write)).toBe(0);
  });
});

// The bytes that stood for "no third value" were a comma and a NUL, which a message may have.
test("a level of Gate.io's book with a third value behind a NUL is read as a text", () => {
  const update = (id: number, more: string) =>
    `{"channel":"futures.order_book_update","event":"update","result":{"t":1700000000000,"s":"BTC_USDT","U":${id},"u":${id},"b":[{"p":"99.5","s":"1"${more}}],"a":[]}}`;
  const ways = new TwoWays("gate_io_perpetual", sessionOf(["BTC_USDT"]));
  for (const text of [update(2, ""), update(3, ""), update(4, ',\0"x"')]) {
    expect(ways.apply(encoder.encode(text), true)).toBeUndefined();
  }
  expect(ways.byBytes.scanned).toBe(1);
});

test("a program that throws when a book breaks is told of it alike whichever way the message was read", () => {
  const { createVenue, manifest } = moduleOf("bybit_perpetual");
  const server = { restUrl: "http://127.0.0.1", webSocketUrl: "ws://127.0.0.1" };
  const { orderBookDataSource: venue } = createVenue({ domain: manifest.defaultDomain, ...server });
  const markets = sessionOf(["BTCUSDT"]);
  const told = (["applyText", "applyBytes"] as const).map((way) => {
    const rejected: string[] = [];
    const replayer = new BookReplayer({
      ...{ venue, markets: () => markets, rule: manifest.continuity },
      onBroken: () => {
        throw new Error("a program's own fault");
      },
      onRejected: (reason) => rejected.push(reason),
    });
    const kinds = ["snapshot", "delta", "delta"].map((type, index) => {
      const text = `{"topic":"orderbook.200.BTCUSDT","type":"${type}","ts":1700000000000,"data":{"s":"BTCUSDT","b":[["99.5","1"]],"a":[["${index === 2 ? 99 : 100}","1"]],"u":${index + 5}}}`;
      return way === "applyText" ? replayer.applyText(text, 0) : replayer.applyBytes(encoder.encode(text), 0);
    });
    return { kinds, rejected, messages: replayer.counters.messages };
  });
  expect(told[1]).toEqual(told[0]);
  expect(told[0]?.kinds.at(-1)).toBe("malformed");
});

// The frame of the message of before was that of the next one, whoever was still to read it.
test.each(["applyText", "applyBytes"] as const)(
  "a listener that gives the next message of another market leaves the change of its own to the others (%s)",
  (way) => {
    const { createVenue, manifest } = moduleOf("bybit_perpetual");
    const server = { restUrl: "http://127.0.0.1", webSocketUrl: "ws://127.0.0.1" };
    const { orderBookDataSource: venue } = createVenue({ domain: manifest.defaultDomain, ...server });
    const markets = sessionOf(["BTCUSDT", "ETHUSDT"]);
    const replayer = new BookReplayer({ venue, markets: () => markets, rule: manifest.continuity });
    const apply = (symbol: string, type: string, id: number, bid: string) => {
      const text = `{"topic":"orderbook.200.${symbol}","type":"${type}","ts":1700000000000,"data":{"s":"${symbol}","b":[["${bid}","1"]],"a":[],"u":${id}}}`;
      return way === "applyText" ? replayer.applyText(text, 0) : replayer.applyBytes(encoder.encode(text), 0);
    };
    for (const symbol of ["BTCUSDT", "ETHUSDT"])
      for (const id of [5, 6]) apply(symbol, id === 5 ? "snapshot" : "delta", id, "10");
    const [book, other] = [...replayer.orderBooks.values()];
    const told: (string | undefined)[] = [];
    book?.onUpdate(() => apply("ETHUSDT", "delta", 7, "12"));
    book?.onUpdate((_book, change) => told.push(change.bids?.best.toFixed()));
    expect(apply("BTCUSDT", "delta", 7, "11")).toBe("orderBookDiff");
    expect(told).toEqual(["11"]);
    expect([book?.bestBid?.price.toFixed(), other?.bestBid?.price.toFixed()]).toEqual(["11", "12"]);
  },
);
