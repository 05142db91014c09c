import { describe, expect, it } from "vitest";
import { decimal, ZERO } from "../../src/model/decimal.ts";
import { flatFee } from "../../src/model/fee.ts";
import { at, cashFlow, fill, loggedScene, NOON_MS, SOON_MS, tradeIn } from "./daily-result-scene.ts";

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
});
