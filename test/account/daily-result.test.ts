import { describe, expect, it } from "vitest";
import { DailyResult } from "../../src/account/daily-result.ts";
import { decimal, ZERO } from "../../src/model/decimal.ts";
import { flatFee } from "../../src/model/fee.ts";
import type { Fill } from "../../src/model/fill.ts";
import { type Position, positionKey } from "../../src/model/position.ts";

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
  const create = () =>
    new DailyResult({
      journal: { cursor: (name) => cursors.get(name), setCursor: (name, value) => void cursors.set(name, value) },
      position: ({ tradingPair, side }) => account.get(positionKey(tradingPair, side)),
    });
  /** What the account says, of a time. */
  const report = (amount: string, entryPrice: string, timestampMs: number, side: Position["side"] = "both") => {
    const rest = { marginMode: "cross" as const, unrealizedPnl: ZERO, leverage: decimal("10"), timestampMs };
    account.set(positionKey(PAIR, side), {
      ...{ tradingPair: PAIR, side, amount: decimal(amount), entryPrice: decimal(entryPrice) },
      ...rest,
    });
  };
  return { cursors, create, report, result: create() };
}

const at = (result: DailyResult, nowMs = NOON_MS) => result.resultAt(nowMs).toFixed();

describe("the result of a day", () => {
  it("is nothing before anything happened", () => {
    expect(at(scene().result)).toBe("0");
  });

  it("is what closing brought, less the fees", () => {
    const { result, report } = scene();
    const fee = (amount: string) => flatFee("USD", decimal(amount));
    result.applyFill(fill("buy", "2", "100", { fee: fee("0.2") }), "oneWay");
    expect(at(result)).toBe("-0.2");
    report("2", "100", NOON_MS);
    result.applyFill(fill("sell", "1", "110", { timestampMs: NOON_MS + 1, fee: fee("0.1") }), "oneWay");
    expect(at(result)).toBe("9.7");
    report("1", "100", NOON_MS + 1);
    result.applyFill(fill("sell", "3", "90", { timestampMs: NOON_MS + 2 }), "oneWay");
    expect(at(result)).toBe("-0.3");
  });

  it("takes a fee in the base asset at the price of the fill", () => {
    const { result } = scene();
    result.applyFill(fill("buy", "2", "100", { fee: flatFee("BTC", decimal("0.002")) }), "oneWay");
    expect(at(result)).toBe("-0.2");
  });

  it("counts fills of the same moment one after the other", () => {
    const { result, report } = scene();
    result.applyFill(fill("buy", "1", "100"), "oneWay");
    report("1", "100", NOON_MS);
    result.applyFill(fill("sell", "1", "90"), "oneWay");
    expect(at(result)).toBe("-10");
  });

  it("counts a loss also when a poll that knew of the fill came first", () => {
    const { result, report } = scene();
    report("0", "0", NOON_MS - 10);
    result.applyFill(fill("buy", "1", "100"), "oneWay");
    report("0", "0", NOON_MS + 50);
    result.applyFill(fill("sell", "1", "80", { timestampMs: NOON_MS + 40 }), "oneWay");
    expect(at(result)).toBe("-20");
  });

  it("believes the account where it knows better than what was followed", () => {
    const { result, report } = scene();
    result.applyFill(fill("buy", "1", "100"), "oneWay");
    report("0", "0", NOON_MS + 10);
    result.applyFill(fill("sell", "1", "80", { timestampMs: NOON_MS + 20 }), "oneWay");
    expect(at(result)).toBe("0");
  });

  it("keeps the legs of hedge mode apart", () => {
    const { result, report } = scene();
    report("1", "100", NOON_MS - 1, "long");
    report("-1", "100", NOON_MS - 1, "short");
    const close = { positionAction: "close" } as const;
    result.applyFill(fill("sell", "1", "90", close), "hedge");
    expect(at(result)).toBe("-10");
    result.applyFill(fill("buy", "1", "90", close), "hedge");
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
