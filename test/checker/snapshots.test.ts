import { expect, it } from "vitest";
import type { HeadLine, HistoryLine } from "../../src/checker/history.ts";
import { brokenRules } from "./played.ts";

const HEAD: HeadLine = {
  ...{ kind: "history", version: 1, run: "r", connector: "ftx_perpetual", seed: 528, perpwire: "" },
  ...{ startMs: 0, token: "USD", startingCash: "1", hasHand: false },
};
const OF = { host: "bot", life: 1 } as const;

const book = (t: number, size: string): HistoryLine => ({
  ...{ t, kind: "venue", type: "book", market: "BTC-USD", venueMs: t },
  levels: [["buy", "19975", size]],
});
const frame = (t: number, type: "partial" | "update", seconds: string): HistoryLine => {
  const data = `"data": {"time": ${seconds}, "checksum": 1, "bids": [[19975.0, 0.55]], "asks": [], "action": "${type}"}`;
  const text = `{"channel": "orderbook", "market": "BTC-PERP", "type": "${type}", ${data}}`;
  return { ...OF, t, kind: "frame", socket: 1, dir: "in", text };
};
const shown = (t: number, timestampMs: number): HistoryLine => ({
  ...{ ...OF, t, kind: "state", when: "look", ready: true, orders: [], external: [], positions: [], balances: [] },
  books: [
    {
      ...{ pair: "BTC-USD", isValid: true, updateId: null, timestampMs, bidHorizon: null, askHorizon: null },
      ...{ bids: [["19975", "0.55"]], asks: [] },
    },
  ],
});

/** The venue has 0.55, and 0.8 from 900 ms on; a message of 963.051 ms tells 0.55. */
const told = (type: "partial" | "update") =>
  brokenRules([HEAD, book(1, "0.55"), book(900, "0.8"), frame(965, type, "0.963051"), shown(1_000, 963.051)]);

// FTX gives a partial the time at which it is sent, whatever book it shows (ftx, hell, seed 528).
it("a partial of FTX may show the book as it was some time before, and an update may not", () => {
  expect(told("partial")).toEqual([]);
  expect(told("update")).toEqual(["a valid book is the venue's"]);
});
