import { expect, it } from "vitest";
import { bookMarkOf } from "../../src/checker/book-marks.ts";
import type { EventLine, HeadLine, HistoryLine, OrderShown, VenueOrderLine } from "../../src/checker/history.ts";
import { brokenRules } from "./played.ts";

const CONNECTOR = "hyperliquid_perpetual";
const EVIDENCE = "no order leaves unknown without evidence";
const TERMS = "terms that are shown are the venue's";
const ID = "0x9bc29fb4240f0ea9000000000000000f";
const AMENDED_ID = "0x9bc29fb4240f0ea9000001000000000f";

const HEAD: HeadLine = {
  ...{ kind: "history", version: 1, run: "r", connector: CONNECTOR, seed: 1, perpwire: "" },
  ...{ startMs: 0, token: "USDC", startingCash: "1", hasHand: false },
};
const OF = { host: "bot", life: 1, t: 1 } as const;

const event = (name: string): EventLine => ({
  ...{ ...OF, kind: "event", name },
  data: { clientOrderId: ID, tradingPair: "BTC-USD", amount: "0.1", executedAmount: "0" },
});
const asked = (id: number, path: string, body: object): HistoryLine => ({
  ...{ ...OF, kind: "request", id, method: "POST", url: `https://v/${path}`, body: JSON.stringify(body) },
});
const got = (id: number, answer: object): HistoryLine => ({
  ...{ ...OF, kind: "answer", id, status: 200, text: JSON.stringify(answer) },
});
const frame = (data: object): HistoryLine => ({
  ...{ ...OF, kind: "frame", socket: 1, dir: "in" },
  text: JSON.stringify({ channel: "orderUpdates", data: [data] }),
});
const row = (cloid: string, status: string) => ({ order: { coin: "BTC", oid: 7, cloid }, status });
const evidenceOf = (...lines: HistoryLine[]) => brokenRules([HEAD, ...lines]).filter((rule) => rule === EVIDENCE);

it("an order of Hyperliquid that was unknown and failed was asked for and not found", () => {
  const question = asked(1, "info", { type: "orderStatus", user: "0x1", oid: ID });
  const [unknown, failed] = [event("orderUnknown"), event("orderFailed")];
  expect(evidenceOf(unknown, question, got(1, { status: "unknownOid" }), failed)).toEqual([]);
  expect(evidenceOf(unknown, question, failed)).toEqual([EVIDENCE]);
});

it("an order of Hyperliquid is named by the id of its amend, and its state stands beside it", () => {
  const [unknown, canceled] = [event("orderUnknown"), event("orderCanceled")];
  expect(evidenceOf(unknown, frame(row(AMENDED_ID, "marginCanceled")), canceled)).toEqual([]);
  expect(evidenceOf(unknown, frame(row(AMENDED_ID, "open")), canceled)).toEqual([EVIDENCE]);
  expect(evidenceOf(unknown, frame(row(`${ID.slice(0, -1)}e`, "canceled")), canceled)).toEqual([EVIDENCE]);
});

// Hell, seed 54: an order that had executed 0.05 of 0.08 at once came as "filled", with 0.03 left.
it("an order of Hyperliquid that is filled with something left has ended, and one without has not been canceled", () => {
  const [unknown, canceled] = [event("orderUnknown"), event("orderCanceled")];
  const filled = (sz: string) => frame({ order: { coin: "BTC", oid: 7, cloid: ID, sz }, status: "filled" });
  expect(evidenceOf(unknown, filled("0.03"), canceled)).toEqual([]);
  expect(evidenceOf(unknown, filled("0.0"), canceled)).toEqual([EVIDENCE]);
});

it("terms of an order that an amend of Hyperliquid made are its own and what the one before executed", () => {
  const venue = (what: VenueOrderLine["what"], orderId: number, changes: Partial<VenueOrderLine>): HistoryLine => ({
    ...{ kind: "venue", t: 1, type: "order", what, orderId, clientId: orderId === 1 ? ID : AMENDED_ID },
    ...{ market: "BTC-USD", side: "buy", price: "20000", size: "0.1", filled: "0", reason: null },
    ...changes,
  });
  const shown = (changes: Partial<OrderShown>): HistoryLine => ({
    ...{ ...OF, kind: "state", when: "look", ready: true, external: [], positions: [], balances: [], books: [] },
    orders: [
      {
        ...{ id: ID, exchangeId: "2", pair: "BTC-USD", side: "buy", state: "open", price: "20001", amount: "0.1" },
        ...{ executed: "0.06", average: "20000", fees: {}, ...changes },
      },
    ],
  });
  const told = [
    venue("opened", 1, {}),
    venue("closed", 1, { filled: "0.06", reason: "user" }),
    venue("opened", 2, { price: "20001", size: "0.04" }),
    venue("accepted", 3, { clientId: AMENDED_ID.replace("1000", "2000"), price: "20002" }),
  ];
  const termsOf = (changes: Partial<OrderShown>) =>
    brokenRules([HEAD, ...told, shown(changes)]).filter((rule) => rule === TERMS);
  expect(termsOf({})).toEqual([]);
  // What the one before executed is not heard of yet.
  expect(termsOf({ amount: "0.04", executed: "0" })).toEqual([]);
  expect(termsOf({ amount: "0.03", executed: "0" })).toEqual([TERMS]);
  expect(termsOf({ amount: "0.12" })).toEqual([TERMS]);
  expect(termsOf({ price: "20002" })).toEqual([TERMS]);
});

it("each message of a book of Hyperliquid is the whole book at its time", () => {
  const data = { coin: "BTC", time: 1_704_067_236_805, levels: [[], []] };
  const mark = { pair: "BTC-USD", updateId: data.time, venueMs: data.time, isWhole: false };
  expect(bookMarkOf(CONNECTOR, JSON.stringify({ channel: "l2Book", data }))).toEqual(mark);
  expect(bookMarkOf(CONNECTOR, JSON.stringify(data))).toEqual(mark);
  expect(bookMarkOf(CONNECTOR, JSON.stringify({ channel: "trades", data: [] }))).toBeUndefined();
});

// Rough, seed 248: at leverage above ten a tenth of the notional is more than the margin.
it("what is available on Hyperliquid leaves a tenth of the positions' notional, as the answer says", () => {
  const figures = { cash: "1000", equity: "1000", available: "990" };
  const account: HistoryLine = { t: 1, kind: "venue", type: "account", ...figures };
  const called: HistoryLine = { ...OF, t: 2, kind: "asked", call: "refresh", step: "called" };
  const summary = { accountValue: "1000.0", totalNtlPos: "200.0" };
  const shown = (available: string): HistoryLine => {
    const balances = [{ asset: "USDC", total: "1000", available }];
    const rest = { ready: true, orders: [], external: [], positions: [], books: [] };
    return { ...OF, t: 6, kind: "state", when: "refreshed", balances, ...rest };
  };
  const rulesOf = (...lines: HistoryLine[]) => brokenRules([HEAD, account, called, ...lines]);
  const answer = got(1, { crossMarginSummary: summary });
  expect(rulesOf(answer, shown("980"))).toEqual([]);
  expect(rulesOf(answer, shown("990"))).toEqual([]);
  expect(rulesOf(answer, shown("970"))).toEqual(["balances are the venue's after refresh"]);
  expect(rulesOf(shown("980"))).toEqual(["balances are the venue's after refresh"]);
});
