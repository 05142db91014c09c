import { describe, expect, it } from "vitest";
import { DailyResult, type DailyResultOptions } from "../../src/account/daily-result.ts";
import { type AccountTrade, tradeOf } from "../../src/account/followed-positions.ts";
import { decimal, ONE, ZERO } from "../../src/model/decimal.ts";
import { flatFee } from "../../src/model/fee.ts";
import type { Fill } from "../../src/model/fill.ts";
import type { PositionMode } from "../../src/model/order.ts";
import { type Position, positionKey } from "../../src/model/position.ts";
import { JsonFields } from "../../src/trading/json-fields.ts";

const PAIR = "BTC-USD";
const DAY_MS = 86_400_000;
const NOON_MS = 19_000 * DAY_MS + DAY_MS / 2;

function fill(side: Fill["side"], amount: string, price: string, changes: Partial<Fill> = {}): Fill {
  return {
    fillId: "f",
    clientOrderId: "c",
    exchangeOrderId: "e",
    tradingPair: PAIR,
    side,
    positionAction: "open",
    price: decimal(price),
    amount: decimal(amount),
    fee: flatFee("USD", ZERO),
    isMaker: false,
    timestampMs: NOON_MS,
    ...changes,
  };
}

function scene() {
  const cursors = new Map<string, string>();
  const account = new Map<string, Position>();
  const facts = new Map<string, string>();
  const prices = new Map([["USD", ONE]]);
  const journal = {
    cursor: (name: string) => cursors.get(name),
    setCursor: (name: string, value: string) => void cursors.set(name, value),
    accountFacts: () => [...facts].map(([key, text]) => [key, JsonFields.parse(text)] as const),
    writeAccountFact: (key: string, value: object | undefined) =>
      void (value === undefined ? facts.delete(key) : facts.set(key, JSON.stringify(value))),
    batch: <T>(work: () => T) => work(),
  };
  const create = (options: Partial<DailyResultOptions> = {}) =>
    new DailyResult({
      journal,
      position: ({ tradingPair, side }) => account.get(positionKey(tradingPair, side)),
      priceOf: (token) => prices.get(token),
      ...options,
    });
  /** What the account says, of a time. */
  const report = (amount: string, entryPrice: string, timestampMs: number, side: Position["side"] = "both") => {
    const rest = { marginMode: "cross" as const, unrealizedPnl: ZERO, leverage: decimal("10"), timestampMs };
    account.set(positionKey(PAIR, side), {
      ...{ tradingPair: PAIR, side, amount: decimal(amount), entryPrice: decimal(entryPrice) },
      ...rest,
    });
  };
  return { cursors, facts, prices, create, report, result: create() };
}

let trades = 0;
/** A fill that the ledger has counted, with an id of its own. */
function applyFill(result: DailyResult, counted: Fill, mode: PositionMode): void {
  trades += 1;
  result.applyTrade(tradeIn(result, { ...counted, fillId: `f${trades}` }, mode), { isCounted: true });
}

const tradeIn = (result: DailyResult, counted: Fill, mode: PositionMode = "oneWay"): AccountTrade =>
  tradeOf(counted, mode, (side) => result.held(counted.tradingPair, side));

const at = (result: DailyResult, nowMs = NOON_MS) => result.resultAt(nowMs).toFixed();

describe("the result of a day", () => {
  it("is nothing before anything happened", () => {
    expect(at(scene().result)).toBe("0");
  });

  it("is what closing brought, less the fees", () => {
    const { result, report } = scene();
    const fee = (amount: string) => flatFee("USD", decimal(amount));
    applyFill(result, fill("buy", "2", "100", { fee: fee("0.2") }), "oneWay");
    expect(at(result)).toBe("-0.2");
    report("2", "100", NOON_MS);
    applyFill(result, fill("sell", "1", "110", { timestampMs: NOON_MS + 1, fee: fee("0.1") }), "oneWay");
    expect(at(result)).toBe("9.7");
    report("1", "100", NOON_MS + 1);
    applyFill(result, fill("sell", "3", "90", { timestampMs: NOON_MS + 2 }), "oneWay");
    expect(at(result)).toBe("-0.3");
  });

  it("takes a fee in the base asset at the price of the fill", () => {
    const { result } = scene();
    applyFill(result, fill("buy", "2", "100", { fee: flatFee("BTC", decimal("0.002")) }), "oneWay");
    expect(at(result)).toBe("-0.2");
  });

  it("counts fills of the same moment one after the other", () => {
    const { result, report } = scene();
    applyFill(result, fill("buy", "1", "100"), "oneWay");
    report("1", "100", NOON_MS);
    applyFill(result, fill("sell", "1", "90"), "oneWay");
    expect(at(result)).toBe("-10");
  });

  it("counts a loss also when a poll that knew of the fill came first", () => {
    const { result, report } = scene();
    report("0", "0", NOON_MS - 10);
    applyFill(result, fill("buy", "1", "100"), "oneWay");
    report("0", "0", NOON_MS + 50);
    applyFill(result, fill("sell", "1", "80", { timestampMs: NOON_MS + 40 }), "oneWay");
    expect(at(result)).toBe("-20");
  });

  it("believes the account where it knows better than what was followed", () => {
    const { result, report } = scene();
    applyFill(result, fill("buy", "1", "100"), "oneWay");
    report("0", "0", NOON_MS + 10);
    applyFill(result, fill("sell", "1", "80", { timestampMs: NOON_MS + 20 }), "oneWay");
    expect(at(result)).toBe("0");
  });

  it("keeps the legs of hedge mode apart", () => {
    const { result, report } = scene();
    report("1", "100", NOON_MS - 1, "long");
    report("-1", "100", NOON_MS - 1, "short");
    const close = { positionAction: "close" } as const;
    applyFill(result, fill("sell", "1", "90", close), "hedge");
    expect(at(result)).toBe("-10");
    applyFill(result, fill("buy", "1", "90", close), "hedge");
    expect(at(result)).toBe("0");
  });

  it("has funding in it", () => {
    const { result } = scene();
    const payment = { paymentId: "p", tradingPair: PAIR, asset: "USD", timestampMs: NOON_MS };
    result.applyFunding({ ...payment, amount: decimal("-1.5") });
    result.applyFunding({ ...payment, amount: decimal("0.25") });
    expect(at(result)).toBe("-1.25");
  });

  it("begins anew with the UTC day, and what comes late does not count against it", () => {
    const { result } = scene();
    const payment = { paymentId: "p", tradingPair: PAIR, asset: "USD", amount: decimal("-5") };
    const midnightMs = 19_001 * DAY_MS;
    result.applyFunding({ ...payment, timestampMs: midnightMs - 1 });
    expect(at(result, midnightMs - 1)).toBe("-5");
    expect(at(result, midnightMs)).toBe("0");
    result.applyFunding({ ...payment, amount: decimal("-1"), timestampMs: midnightMs });
    result.applyFunding({ ...payment, timestampMs: midnightMs - 1 });
    expect(at(result, midnightMs)).toBe("-1");
  });

  it("survives a restart", () => {
    const { result, create, cursors } = scene();
    result.applyFunding({
      paymentId: "p",
      tradingPair: PAIR,
      asset: "USD",
      amount: decimal("-7.5"),
      timestampMs: NOON_MS,
    });
    expect(at(create())).toBe("-7.5");
    expect(at(create(), NOON_MS + DAY_MS)).toBe("0");
    expect([...cursors.keys()]).toEqual(["dailyResult"]);
  });
});
