import { describe, expect, it } from "vitest";
import { tradeOfAdjustment } from "../../src/account/account-trade.ts";
import { decimal, ZERO } from "../../src/model/decimal.ts";
import { flatFee } from "../../src/model/fee.ts";
import {
  applyFill,
  at,
  cashFlow,
  DAY_MS,
  fill,
  loggedScene,
  NOON_MS,
  PAIR,
  SOON_MS,
  scene,
  tradeIn,
} from "./daily-result-scene.ts";

describe("a trade and its rows in the result of a day", () => {
  it("counts the close of a turned position once when its fills are told out of order and one row is late", () => {
    const { result, read } = loggedScene();
    // Bought at 100, sold twice as much at 90: the sell came first, and each fill says what it realised.
    const costs = { fee: flatFee("USD", decimal("0.1")) };
    const sell = { ...costs, fillId: "sell", realizedPnl: decimal("-10"), timestampMs: NOON_MS + 1 };
    result.applyTrade(tradeIn(result, fill("sell", "2", "90", sell)));
    expect(at(result)).toBe("-10.1");
    result.applyTrade(tradeIn(result, fill("buy", "1", "100", { ...costs, fillId: "buy", realizedPnl: ZERO })));
    expect(at(result)).toBe("-10.2");
    const rows = [cashFlow("r1", "realizedPnl", "-10", { sourceId: "sell" })];
    read(rows);
    expect(at(result)).toBe("-10.2");
    rows.push(cashFlow("r2", "fee", "-0.1", { sourceId: "buy" }), cashFlow("r3", "fee", "-0.1", { sourceId: "sell" }));
    read(rows, SOON_MS + 1_000);
    expect(at(result)).toBe("-10.2");
  });

  it("waits for the profit row of a fill that said its profit, however long after its fee row it comes", () => {
    const { result, read } = loggedScene();
    result.applyTrade(tradeIn(result, fill("sell", "1", "90", { fillId: "f1", realizedPnl: decimal("-10") })));
    read([cashFlow("r1", "fee", "-0.1", { sourceId: "f1" })], NOON_MS + 90_000);
    expect(at(result)).toBe("-10.1");
  });

  it("finds what each trade realised in the venue's order, whichever is told first and whichever row comes first", () => {
    for (const first of ["buy", "sell"]) {
      const { result, read, restart } = loggedScene();
      result.applyTrade(tradeIn(result, fill("sell", "2", "90", { fillId: "sell", timestampMs: NOON_MS + 1 })));
      result.applyTrade(tradeIn(result, fill("buy", "1", "100", { fillId: "buy" })));
      expect(at(result)).toBe("-10");
      const rows = [
        cashFlow("r1", "realizedPnl", "0", { sourceId: "buy" }),
        cashFlow("r2", "realizedPnl", "-10", { sourceId: "sell" }),
      ];
      read(rows.filter(({ sourceId }) => sourceId === first));
      expect(at(result)).toBe("-10");
      expect(at(restart())).toBe("-10");
      read(rows, SOON_MS + 1_000);
      expect(at(result)).toBe("-10");
    }
  });

  it("leaves a trade as its row had it when an earlier one comes late, also to another process", () => {
    const { result, read, restart } = loggedScene();
    const buy = fill("buy", "1", "100", { fillId: "buy" });
    result.applyTrade(tradeIn(result, fill("sell", "2", "90", { fillId: "sell", timestampMs: NOON_MS + 1 })));
    read([cashFlow("r2", "realizedPnl", "-10", { sourceId: "sell" })]);
    expect(at(result)).toBe("-10");
    const again = restart();
    again.applyTrade(tradeIn(again, buy));
    expect(at(again)).toBe("-10");
    result.applyTrade(tradeIn(result, buy));
    expect(at(result)).toBe("-10");
  });

  it("counts a trade or a payment once whose row came first, also where a new process is told before it has read the log", () => {
    const { read, restart, facts } = loggedScene();
    read([
      cashFlow("r1", "realizedPnl", "-10", { sourceId: "sell" }),
      cashFlow("r2", "fee", "-0.1", { sourceId: "sell" }),
      cashFlow("r3", "funding", "-2", { sourceId: "p1" }),
    ]);
    const again = restart();
    expect(at(again)).toBe("-12.1");
    const told = { fillId: "sell", realizedPnl: decimal("-10"), fee: flatFee("USD", decimal("0.1")) };
    again.applyTrade(tradeIn(again, fill("sell", "1", "90", told)));
    const payment = { paymentId: "p1", tradingPair: PAIR, asset: "USD", amount: decimal("-2"), timestampMs: NOON_MS };
    again.applyFunding(payment);
    expect(at(again)).toBe("-12.1");
    expect([...facts.keys()].filter((key) => key.startsWith("logged|"))).toEqual([]);
  });

  it("does not take a trade for new in a new process that an earlier one's log had time to tell", () => {
    const { read, restart } = loggedScene();
    read([cashFlow("r1", "realizedPnl", "-3", { sourceId: "old" })], NOON_MS + 2 * 3_600_000);
    const again = restart();
    again.applyTrade(tradeIn(again, fill("sell", "1", "90", { fillId: "old", realizedPnl: decimal("-3") })));
    expect(at(again)).toBe("-3");
  });

  it("has the profit that a trade names beside its fee row, which came before the trade", () => {
    const { result, read } = loggedScene();
    read([cashFlow("r1", "fee", "-0.1", { sourceId: "f1" })]);
    const told = { fillId: "f1", realizedPnl: decimal("-10"), fee: flatFee("USD", decimal("0.1")) };
    result.applyTrade(tradeIn(result, fill("sell", "1", "90", told)));
    expect(at(result)).toBe("-10.1");
  });

  it("counts a corrected payment once when the log told the correction first", () => {
    const { result, read } = loggedScene();
    const payment = { paymentId: "p1", tradingPair: PAIR, asset: "USD", amount: decimal("-2"), timestampMs: NOON_MS };
    result.applyFunding(payment);
    read([cashFlow("r1", "funding", "-2", { sourceId: "p1" })]);
    read([cashFlow("r1", "funding", "-1.5", { sourceId: "p1" })], SOON_MS + 1_000);
    result.applyFunding({ ...payment, amount: decimal("-1.5") }, payment);
    expect(at(result)).toBe("-1.5");
  });

  it("keeps a liquidation beside the row of another trade, until a row that no trade has told comes", () => {
    const { result, report, read } = loggedScene();
    report("2", "100", NOON_MS - 1_000);
    result.applyTrade(tradeIn(result, fill("sell", "1", "90", { fillId: "f1", realizedPnl: decimal("-10") })));
    const facts = { tradingPair: PAIR, side: "both", price: decimal("50"), fee: undefined } as const;
    const forced = { ...facts, reason: "liquidation", amount: decimal("-1"), timestampMs: NOON_MS } as const;
    result.applyTrade(tradeOfAdjustment({ type: "positionAdjustment", adjustmentId: "a1", ...forced }));
    const rows = [cashFlow("r1", "realizedPnl", "-10", { sourceId: "f1" })];
    read(rows);
    expect(at(result)).toBe("-60");
    rows.push(cashFlow("r2", "realizedPnl", "-51", { sourceId: "elsewhere" }));
    read(rows, SOON_MS + 1_000);
    expect(at(result)).toBe("-61");
  });
});

describe("a position and the trades that made it", () => {
  it("is taken with a trade in it that happened while the position was asked for", () => {
    const { result, report } = scene();
    applyFill(result, fill("buy", "1", "100"), "oneWay");
    report("0", "0", NOON_MS + 10, "both", NOON_MS + 30);
    applyFill(result, fill("sell", "1", "80", { timestampMs: NOON_MS + 20 }), "oneWay");
    expect(at(result)).toBe("-20");
    expect(result.held(PAIR, "both").toFixed()).toBe("0");
  });

  it("is placed among the trades of while it was asked for where its entry price fits, not only its amount", () => {
    const { result, report } = scene();
    result.seeListing(NOON_MS - 1_000);
    applyFill(result, fill("buy", "2", "100"), "oneWay");
    // After one was sold at 90 and one bought at 110 there are two again, at another price.
    report("2", "105", NOON_MS + 10, "both", NOON_MS + 40);
    applyFill(result, fill("sell", "1", "90", { timestampMs: NOON_MS + 20 }), "oneWay");
    applyFill(result, fill("buy", "1", "110", { timestampMs: NOON_MS + 30 }), "oneWay");
    expect(at(result)).toBe("-10");
  });

  it("was flat where the account was listed without it, whatever the first report after an untold trade says", () => {
    const { result, report, create } = scene();
    result.seeListing(NOON_MS - 1_000);
    const later = create();
    applyFill(later, fill("buy", "1", "100"), "oneWay");
    applyFill(later, fill("sell", "1", "90", { timestampMs: NOON_MS + 1 }), "oneWay");
    report("3", "95", NOON_MS + 10);
    applyFill(later, fill("sell", "1", "96", { timestampMs: NOON_MS + 20 }), "oneWay");
    expect(at(later)).toBe("-9");
    applyFill(later, fill("buy", "3", "95", { timestampMs: NOON_MS + 5 }), "oneWay");
    expect(at(later)).toBe("-9");
  });

  it("is not the amount of before a known trade that a stale answer has, once a later one has what trades lead to", () => {
    const { result, report } = scene();
    result.seeListing(NOON_MS - 1_000);
    applyFill(result, fill("buy", "2", "100"), "oneWay");
    applyFill(result, fill("sell", "1", "90", { timestampMs: NOON_MS + 10 }), "oneWay");
    report("2", "100", NOON_MS + 20);
    applyFill(result, fill("sell", "3", "80", { timestampMs: NOON_MS + 30 }), "oneWay");
    expect(result.reportAt(NOON_MS).isComplete).toBe(false);
    report("-2", "80", NOON_MS + 40);
    result.comparePositions();
    expect(at(result)).toBe("-30");
    expect(result.reportAt(NOON_MS).isComplete).toBe(true);
  });

  it("is in doubt while what was told contradicts its trades, and asks no more once that is explained", () => {
    const { result, report, create } = scene();
    result.seeListing(NOON_MS - 1_000);
    applyFill(result, fill("buy", "1", "100"), "oneWay");
    report("3", "106", NOON_MS + 20);
    result.comparePositions();
    expect(result.arePositionsInDoubt).toBe(true);
    expect(create().reportAt(NOON_MS).isComplete).toBe(false);
    applyFill(result, fill("buy", "2", "109", { timestampMs: NOON_MS + 10 }), "oneWay");
    expect(result.arePositionsInDoubt).toBe(false);
    expect(result.reportAt(NOON_MS).isComplete).toBe(true);
  });

  it("lacks trades of the day where the account stays with what none explains, until they come, however many do", () => {
    const { result, report, create } = scene();
    result.seeListing(NOON_MS - 1_000);
    applyFill(result, fill("buy", "2", "100"), "oneWay");
    for (const afterMs of [20, 500, 5_500]) {
      report("1", "100", NOON_MS + afterMs);
      result.comparePositions();
    }
    expect(result.arePositionsInDoubt).toBe(false);
    expect(result.reportAt(NOON_MS).isComplete).toBe(false);
    expect(result.reportAt(NOON_MS + DAY_MS).isComplete).toBe(true);
    for (let n = 0; n < 300; n += 1) {
      const [side, price] = n % 2 === 0 ? (["buy", "100"] as const) : (["sell", "99"] as const);
      applyFill(result, fill(side, "1", price, { timestampMs: NOON_MS + 6_000 + n }), "oneWay");
    }
    expect(at(result)).toBe("-150");
    expect(create().reportAt(NOON_MS).isComplete).toBe(false);
  });

  it("is the same by many trades as by few, however late one of the last comes", () => {
    const { result } = scene();
    for (let n = 0; n < 500; n += 1) {
      const side = n % 2 === 0 ? "buy" : "sell";
      applyFill(result, fill(side, "1", side === "buy" ? "100" : "99", { timestampMs: NOON_MS + n }), "oneWay");
    }
    expect(at(result)).toBe("-250");
    applyFill(result, fill("sell", "2", "90", { timestampMs: NOON_MS + 600 }), "oneWay");
    applyFill(result, fill("buy", "1", "100", { timestampMs: NOON_MS + 550 }), "oneWay");
    expect(at(result)).toBe("-260");
  });
});
