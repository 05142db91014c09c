import { describe, expect, it } from "vitest";
import { tradeOfAdjustment } from "../../src/account/account-trade.ts";
import type { CashFlow } from "../../src/model/cash-flow.ts";
import { decimal, ONE } from "../../src/model/decimal.ts";
import { flatFee } from "../../src/model/fee.ts";
import {
  applyFill,
  at,
  cashFlow,
  DAY_MS,
  DAY_START_MS,
  fill,
  loggedScene,
  NOON_MS,
  PAIR,
  position,
  SOON_MS,
  scene,
  tradeIn,
} from "./daily-result-scene.ts";

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

  it("counts trades once whose position was told before them, in whatever order they come", () => {
    const { result, report } = scene();
    report("3", "103", NOON_MS + 10);
    result.seePosition(position("3", "103", NOON_MS + 10));
    for (const [amount, price, afterMs] of [
      ["1", "100", 1],
      ["2", "110", 3],
      ["1", "99", 2],
    ] as const) {
      applyFill(result, fill("buy", amount, price, { timestampMs: NOON_MS + afterMs }), "oneWay");
    }
    applyFill(result, fill("sell", "1", "110", { timestampMs: NOON_MS + 4 }), "oneWay");
    applyFill(result, fill("sell", "3", "90", { timestampMs: NOON_MS + 20 }), "oneWay");
    // Paid 100 + 220 + 99, received 110 + 270.
    expect(at(result)).toBe("-39");
  });

  it("is complete where the first word of a position was under way while the fills in it were made", () => {
    const { result, report } = scene();
    // FTX, hell, seed 43: asked for before the fills, answered after them.
    report("3", "103", NOON_MS, "both", NOON_MS + 50);
    result.seePosition(position("3", "103", NOON_MS));
    applyFill(result, fill("buy", "1", "97", { timestampMs: NOON_MS + 10 }), "oneWay");
    applyFill(result, fill("buy", "2", "106", { timestampMs: NOON_MS + 20 }), "oneWay");
    for (const afterMs of [1_000, 9_000]) {
      report("3", "103", NOON_MS + afterMs);
      result.comparePositions();
    }
    applyFill(result, fill("sell", "3", "90", { timestampMs: NOON_MS + 10_000 }), "oneWay");
    expect([at(result), result.reportAt(NOON_MS).isComplete]).toEqual(["-39", true]);
  });

  it("has a loss that was closed before its position was told, also of a position of an earlier day", () => {
    const { result, report } = scene();
    report("1", "100", NOON_MS + 10);
    applyFill(result, fill("sell", "1", "90", { timestampMs: NOON_MS }), "oneWay");
    expect(at(result)).toBe("-10");
    applyFill(result, fill("sell", "1", "95", { timestampMs: NOON_MS + 20 }), "oneWay");
    expect(at(result)).toBe("-15");
  });

  it("counts a trade once that comes after the account's word and a later trade", () => {
    const { result, report } = scene();
    applyFill(result, fill("buy", "2", "100"), "oneWay");
    report("1", "100", NOON_MS + 10);
    applyFill(result, fill("sell", "1", "90", { timestampMs: NOON_MS + 20 }), "oneWay");
    expect(at(result)).toBe("-10");
    applyFill(result, fill("sell", "1", "80", { timestampMs: NOON_MS + 5 }), "oneWay");
    expect(at(result)).toBe("-30");
    applyFill(result, fill("buy", "1", "100", { timestampMs: NOON_MS + 30 }), "oneWay");
    applyFill(result, fill("sell", "1", "101", { timestampMs: NOON_MS + 40 }), "oneWay");
    expect(at(result)).toBe("-29");
  });

  it("has what the venue settled between two trades, where a settlement moves the entry price", () => {
    const { result, report } = scene();
    applyFill(result, fill("buy", "1", "100"), "oneWay");
    report("1", "90", NOON_MS + 10);
    applyFill(result, fill("sell", "1", "95", { timestampMs: NOON_MS + 20 }), "oneWay");
    expect(at(result)).toBe("-5");
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

describe("the result of a day where the venue tells its cash flows", () => {
  it("is what trades say until the rows of each come, which take their place", () => {
    const { result, report, read, close } = loggedScene();
    report("2", "100", NOON_MS - 1_000);
    close("f1", "90");
    expect(at(result)).toBe("-10.1");
    read([]);
    expect(at(result)).toBe("-10.1");
    read([cashFlow("r1", "realizedPnl", "-10.25", { sourceId: "f1" })]);
    expect(at(result)).toBe("-10.35");
    read([
      cashFlow("r1", "realizedPnl", "-10.25", { sourceId: "f1" }),
      cashFlow("r2", "fee", "-0.2", { sourceId: "f1" }),
    ]);
    expect(at(result)).toBe("-10.45");
    close("f1", "90");
    expect(at(result)).toBe("-10.45");
  });

  it("counts a row once however often it is read, and the last amount of a corrected one", () => {
    const { result, read } = loggedScene();
    for (const amount of ["-5", "-5", "-4"]) read([cashFlow("r1", "funding", amount)]);
    expect(at(result)).toBe("-4");
  });

  it("lets a trade whose rows are late stand for half an hour, also beside rows of later trades", () => {
    const { result, report, read, close } = loggedScene();
    report("2", "100", NOON_MS - 1_000);
    close("late", "90");
    const later = cashFlow("r9", "realizedPnl", "-1", { sourceId: "other", timestampMs: NOON_MS + 5_000 });
    read([later], NOON_MS + 20 * 60_000);
    expect(at(result)).toBe("-11.1");
    read([later, cashFlow("r1", "realizedPnl", "-10", { sourceId: "late" })], NOON_MS + 25 * 60_000);
    expect(at(result)).toBe("-11");
  });

  it("believes the log once it has told of a trade and had time for all of it", () => {
    const { result, report, read, close } = loggedScene();
    report("2", "100", NOON_MS - 1_000);
    close("f1", "90");
    // The venue's rows say that the trade opened: the position was another than was known.
    read([cashFlow("r2", "fee", "-0.2", { sourceId: "f1" })], NOON_MS + 61_000);
    expect(at(result)).toBe("-0.2");
  });

  it("lets the first profit row of the market stand for a trade of the venue itself, which rows do not name", () => {
    const { result, report, read } = loggedScene();
    report("2", "100", NOON_MS - 1_000);
    const facts = { tradingPair: PAIR, side: "both", price: decimal("50"), fee: undefined } as const;
    const adjustment = { ...facts, reason: "liquidation", amount: decimal("-2"), timestampMs: NOON_MS } as const;
    result.applyTrade(tradeOfAdjustment({ type: "positionAdjustment", adjustmentId: "a1", ...adjustment }));
    expect(at(result)).toBe("-100");
    const rows = [cashFlow("r1", "realizedPnl", "-100"), cashFlow("r2", "other", "-3", { asset: "USD" })];
    read(rows);
    expect(at(result)).toBe("-103");
  });

  it("asks for the whole day first, and has what others did and what was paid before the process began", () => {
    const { result, read } = loggedScene();
    expect(result.cashFlowsSince(NOON_MS, "afterTrade")).toBe(DAY_START_MS);
    expect(result.reportAt(NOON_MS).isComplete).toBe(false);
    read([cashFlow("r1", "realizedPnl", "-7", { timestampMs: DAY_START_MS + 1, tradingPair: undefined })]);
    expect(at(result)).toBe("-7");
    expect(result.reportAt(NOON_MS).isComplete).toBe(true);
    expect(result.cashFlowsSince(SOON_MS, "afterTrade")).toBe(SOON_MS - 60_000);
    expect(result.cashFlowsSince(SOON_MS, "poll")).toBe(SOON_MS - 900_000);
  });

  it("is not complete on a new day before the log of that day has been read", () => {
    const { result, read } = loggedScene();
    read([]);
    expect(result.reportAt(NOON_MS).isComplete).toBe(true);
    const morningMs = NOON_MS + DAY_MS / 2 + 1_000;
    expect(result.reportAt(morningMs).isComplete).toBe(false);
    read([], morningMs);
    expect(result.reportAt(morningMs).isComplete).toBe(true);
  });

  it("leaves out rows of yesterday, also where they come late, and begins anew with the day", () => {
    const { result, read } = loggedScene();
    const midnightMs = DAY_START_MS + DAY_MS;
    const [last, first] = [midnightMs - 1, midnightMs].map((timestampMs, index) =>
      cashFlow(`r${index}`, "fee", "-5", { timestampMs }),
    );
    read([last as CashFlow], midnightMs - 1);
    expect(at(result, midnightMs - 1)).toBe("-5");
    result.applyCashFlows([last as CashFlow, first as CashFlow], midnightMs - 60_000, midnightMs + 1_000);
    expect(at(result, midnightMs + 1_000)).toBe("-5");
    expect(result.cashFlowsSince(midnightMs + 2_000, "poll")).toBe(midnightMs);
  });

  it("keeps estimates across a restart, and counts them no second time when the day is read again", () => {
    const { report, read, close, restart, facts } = loggedScene();
    report("2", "100", NOON_MS - 1_000);
    read([cashFlow("r0", "fee", "-1")]);
    close("f1", "90");
    const again = restart();
    expect(at(again)).toBe("-11.1");
    read([cashFlow("r0", "fee", "-1")], SOON_MS, again);
    expect(at(again)).toBe("-11.1");
    const rows = ["realizedPnl", "fee"].map((kind, index) =>
      cashFlow(`r${index + 1}`, kind as CashFlow["kind"], index === 0 ? "-10" : "-0.1", { sourceId: "f1" }),
    );
    read([cashFlow("r0", "fee", "-1"), ...rows], SOON_MS + 1_000, again);
    expect(at(again)).toBe("-11.1");
    expect([...facts.keys()].filter((key) => key.startsWith("estimate|"))).toEqual([]);
  });

  it("does not take a trade for new that the log has told long ago", () => {
    const { result, read, close } = loggedScene();
    read([cashFlow("r1", "realizedPnl", "-3", { sourceId: "old" })], NOON_MS + 2 * 3_600_000);
    close("old", "90");
    expect(at(result)).toBe("-3");
  });

  it("counts a funding payment once, whether the payment or its row comes first, and heeds its correction", () => {
    const { result, read } = loggedScene();
    const payment = { paymentId: "p1", tradingPair: PAIR, asset: "USD", amount: decimal("-2"), timestampMs: NOON_MS };
    result.applyFunding(payment);
    expect(at(result)).toBe("-2");
    result.applyFunding({ ...payment, amount: decimal("-1.5") }, payment);
    expect(at(result)).toBe("-1.5");
    read([cashFlow("r1", "funding", "-1.5", { sourceId: "p1" })]);
    expect(at(result)).toBe("-1.5");
    result.applyFunding({ ...payment, amount: decimal("-1") }, { ...payment, amount: decimal("-1.5") });
    expect(at(result)).toBe("-1");
    expect(result.cashFlowsSince(SOON_MS, "afterTrade")).toBe(DAY_START_MS);
    read([cashFlow("r1", "funding", "-1", { sourceId: "p1" })], SOON_MS + 1_000);
    expect(at(result)).toBe("-1");
  });

  it("names tokens that have no price, and counts them once they have one", () => {
    const { result, read, prices } = loggedScene();
    read([cashFlow("r1", "fee", "-0.01", { asset: "BNB" }), cashFlow("r2", "fee", "-2")]);
    expect(result.reportAt(NOON_MS)).toMatchObject({ isComplete: false, unvalued: [{ token: "BNB" }] });
    expect(at(result)).toBe("-2");
    prices.set("BNB", decimal("600"));
    expect(at(result)).toBe("-8");
    expect(result.reportAt(NOON_MS).isComplete).toBe(true);
  });

  it("is not complete while rows of the day could not be read", () => {
    const { result } = loggedScene();
    result.applyCashFlows([], DAY_START_MS, NOON_MS, 1);
    expect(result.reportAt(NOON_MS).isComplete).toBe(false);
    result.applyCashFlows([], DAY_START_MS, SOON_MS, 0);
    expect(result.reportAt(NOON_MS).isComplete).toBe(true);
  });
});

describe("the result of a day where the venue tells no cash flows", () => {
  it("has trades of others, once, across restarts and in any number of lists", () => {
    const { result, create, report } = scene();
    report("2", "100", NOON_MS - 1_000);
    const byHand = tradeIn(result, fill("sell", "1", "90", { fillId: "x1" }));
    for (const _ of [1, 2]) result.applyTrade(byHand);
    expect(at(result)).toBe("-10");
    const again = create();
    again.applyTrade(byHand);
    expect(at(again)).toBe("-10");
    // A later process knows the position that the trades of the earlier one have made.
    again.applyTrade(tradeIn(again, fill("sell", "1", "80", { fillId: "x2", timestampMs: NOON_MS + 1 })));
    expect(at(again)).toBe("-30");
  });

  it("does not count a trade of others again when it turns out to be ours", () => {
    const { result, report } = scene();
    report("1", "100", NOON_MS - 1_000);
    const trade = tradeIn(result, fill("sell", "1", "90", { fillId: "x1" }));
    result.applyTrade(trade);
    result.applyTrade(trade, { isCounted: true });
    expect(at(result)).toBe("-10");
  });

  it("forgets keys of trades that are not listed again, and takes none of that time for new", () => {
    const { result, facts } = scene();
    const trade = tradeIn(result, fill("buy", "1", "90", { fillId: "x1", fee: flatFee("USD", ONE) }));
    result.applyTrade(trade);
    result.forgetTradesBefore(NOON_MS + 2 * 3_600_000, new Map());
    expect([...facts.keys()].filter((key) => key.startsWith("trade|"))).toEqual([]);
    result.applyTrade(trade);
    expect(at(result)).toBe("-1");
  });

  it("keeps keys of a market that is behind as long as its trades may be listed again, and of no other", () => {
    const { result, facts, create } = scene();
    const trades = ["BTC-USD", "OLD-USD"].map((tradingPair) =>
      tradeIn(result, fill("buy", "1", "90", { tradingPair, fillId: tradingPair, fee: flatFee("USD", ONE) })),
    );
    for (const trade of trades) result.applyTrade(trade);
    const laterMs = NOON_MS + 2 * 3_600_000;
    const keys = () => [...facts.keys()].filter((key) => key.startsWith("trade|"));
    result.forgetTradesBefore(laterMs, new Map([["OLD-USD", NOON_MS]]));
    expect(keys()).toEqual([expect.stringContaining("OLD-USD")]);
    const again = create();
    for (const each of [result, again]) for (const trade of trades.slice(1)) each.applyTrade(trade);
    expect([at(result), at(again)]).toEqual(["-2", "-2"]);
    again.applyTrade(
      tradeIn(again, fill("buy", "1", "90", { tradingPair: "OLD-USD", fillId: "x2", fee: flatFee("USD", ONE) })),
    );
    expect(at(again), "one that was missed still counts").toBe("-3");
    again.forgetTradesBefore(laterMs, new Map([["OLD-USD", laterMs]]));
    expect(keys()).toEqual([]);
  });
});

it("an average entry that does not come out even leaves no endless digits in the result of a day", () => {
  const { result } = scene();
  for (const [fillId, price] of Object.entries({ a: "100", b: "100", c: "101" })) {
    applyFill(result, fill("buy", "1", price, { fillId }), "oneWay");
  }
  for (const fillId of ["d", "e", "f"]) applyFill(result, fill("sell", "1", "100", { fillId }), "oneWay");
  expect(Number(at(result))).toBeCloseTo(-1, 9);
  expect(at(result).length).toBeLessThan(20);
});
