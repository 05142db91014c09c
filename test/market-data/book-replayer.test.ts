import { describe, expect, test } from "vitest";
import { BookReplayer } from "../../src/market-data/book-replayer.ts";
import type { ContinuityRule } from "../../src/market-data/continuity.ts";
import { Decimal } from "../../src/model/decimal.ts";
import type { PublicTrade } from "../../src/model/market.ts";
import { FtxChecksum } from "../../src/venues/ftx/checksum.ts";
import { capturedTexts, recordedBybit, recordedFtx, sessionOf } from "./captures.ts";
import { snapshotOf } from "./frames.ts";

const FTX_RULE: ContinuityRule = { kind: "checksum", depth: 100, createChecksum: () => new FtxChecksum(100) };
const BYBIT_RULE: ContinuityRule = { kind: "sequence", style: "contiguous", snapshotSource: "stream" };

const ftx = capturedTexts("ftx-2021-07-22.ndjson");
const bybit = capturedTexts("bybit-2024-12-01-XRPUSDT-ob500.ndjson");

function symbolsOf(texts: readonly { readonly text: string }[]): ReadonlySet<string> {
  return new Set(texts.map(({ text }) => String((JSON.parse(text) as { market?: string }).market)));
}

describe.skipIf(ftx === undefined)("a day at FTX", () => {
  test("every one of the 971 checksums of the recording verifies", () => {
    const texts = ftx ?? [];
    const markets = sessionOf(symbolsOf(texts));
    const replayer = new BookReplayer({ venue: recordedFtx, markets: () => markets, rule: FTX_RULE });
    for (const { t, text } of texts) replayer.applyText(text, t);
    const { frames, applied, checksumFailures, gaps, rejected, books, validBooks } = replayer.counters;
    expect({ frames, applied, checksumFailures, gaps, rejected }).toEqual({
      frames: 971,
      applied: 971,
      checksumFailures: 0,
      gaps: 0,
      rejected: 0,
    });
    expect(validBooks).toBe(books);
    expect(books).toBeGreaterThan(0);
  });

  test("a lost message is noticed and the book cannot be read any more", () => {
    const texts = ftx ?? [];
    const markets = sessionOf(symbolsOf(texts));
    const broken: string[] = [];
    const replayer = new BookReplayer({
      venue: recordedFtx,
      markets: () => markets,
      rule: FTX_RULE,
      onBroken: (tradingPair, reason) => broken.push(`${tradingPair}: ${reason}`),
    });
    const updates = texts.filter(({ text }) => text.includes('"orderbook"') && text.includes('"type": "update"'));
    const lost = updates.find(({ text }) => {
      const { market } = JSON.parse(text) as { market: string };
      return updates.filter((other) => other.text.includes(`"market": "${market}"`)).length > 3;
    });
    expect(lost).toBeDefined();
    for (const each of texts) if (each !== lost) replayer.applyText(each.text, each.t);
    expect(broken).toHaveLength(1);
    expect(broken[0]).toContain("checksum mismatch");
    const { market } = JSON.parse(lost?.text ?? "") as { market: string };
    const book = replayer.orderBooks.get(`${market}-USD`);
    expect(() => book?.bestBid).toThrow("checksum mismatch");
    expect(replayer.countersOf(`${market}-USD`)?.checksumFailures).toBe(1);
  });
});

describe.skipIf(bybit === undefined)("a minute of Bybit's 500 levels", () => {
  test("the contiguous rule applies all 50 messages without a gap and the book never crosses", () => {
    const markets = sessionOf(["XRPUSDT"]);
    const replayer = new BookReplayer({ venue: recordedBybit, markets: () => markets, rule: BYBIT_RULE });
    for (const { t, text } of bybit ?? []) {
      replayer.applyText(text, t);
      const book = replayer.orderBooks.get("XRPUSDT-USD");
      expect(book?.isValid).toBe(true);
      expect(book?.bestBid?.price.lt(book.bestAsk?.price ?? 0)).toBe(true);
    }
    const { applied, gaps, rejected } = replayer.counters;
    expect({ applied, gaps, rejected }).toEqual({ applied: 50, gaps: 0, rejected: 0 });
    expect(replayer.orderBooks.get("XRPUSDT-USD")?.bidCount).toBe(500);
  });
});

test("markets that the markets does not know are counted and make no book", () => {
  const markets = sessionOf(["KNOWN"]);
  const replayer = new BookReplayer({ venue: recordedBybit, markets: () => markets, rule: BYBIT_RULE });
  const message = { type: "snapshot", ts: 1, data: { s: "OTHER", u: 5, b: [["1", "1"]], a: [["2", "1"]] } };
  replayer.applyText(JSON.stringify(message), 1);
  replayer.applyText("{", 1);
  const { books, messages } = replayer.counters;
  expect(books).toBe(0);
  expect(messages.unknownMarket).toBe(1);
  expect(messages.malformed).toBe(1);
});

test("a recorded REST snapshot starts a book that the recorded diffs go on with", () => {
  const rule: ContinuityRule = { kind: "sequence", style: "contiguous", snapshotSource: "rest" };
  const markets = sessionOf(["XRPUSDT"]);
  const replayer = new BookReplayer({ venue: recordedBybit, markets: () => markets, rule });
  const diff = (u: number, size: string) =>
    replayer.applyText(JSON.stringify({ type: "delta", ts: u, data: { s: "XRPUSDT", u, b: [["1", size]], a: [] } }), u);
  diff(7, "7");
  diff(8, "8");
  expect(replayer.counters.buffered).toBe(2);
  replayer.applyFrame(snapshotOf([["1", "1"]], [["2", "1"]], { tradingPair: "XRPUSDT-USD", updateId: 7 }), 9);
  expect(replayer.orderBooks.get("XRPUSDT-USD")?.bestBid?.amount.toFixed()).toBe("8");
});

test("a trade keeps an id that a JavaScript number cannot hold", () => {
  const ids: string[] = [];
  const venue = {
    ...recordedBybit,
    channelOriginatingMessage: () => "trade" as const,
    parseTradeMessage: (_: unknown, message: unknown): readonly PublicTrade[] => {
      const { id } = message as { id: string };
      const one = new Decimal(1);
      const trade = { tradingPair: "XRPUSDT-USD", tradeId: id, side: "buy", price: one, amount: one } as const;
      return [{ ...trade, timestampMs: 1, liquidation: false }];
    },
  };
  const markets = sessionOf(["XRPUSDT"]);
  const onTrade = ({ tradeId }: PublicTrade): number => ids.push(tradeId);
  const replayer = new BookReplayer({ venue, markets: () => markets, rule: BYBIT_RULE, onTrade });
  replayer.applyText('{"id":9007199254740993}', 1);
  expect(ids).toEqual(["9007199254740993"]);
});
