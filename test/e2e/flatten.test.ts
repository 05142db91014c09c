import { describe, expect, it } from "vitest";
import { PerpwireError } from "../../src/model/error.ts";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { byHand } from "./by-hand.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** Lists of payments and results: nothing that a kill switch needs. */
const LOGS =
  /funding_payments|transaction-log|\/income|account\/bills|account_book|"userFunding"|"userNonFundingLedgerUpdates"/;

const isFlat = ({ venue }: Stage): boolean =>
  venue.engine.openOrders(venue.accountId).length === 0 &&
  venue.truth().positions.every(({ size }) => Number(size) === 0);

describe.each(VENUE_NAMES)("flatten on %s", (name) => {
  it("closes at once and proves it while the log of payments hangs", async () => {
    await using stage = await Stage.open(name);
    const { connector, raw } = stage;
    await stage.taken("buy");
    await stage.pass(3_000);
    raw.network.faults = {
      onHttpRequest: ({ url, body }) => (LOGS.test(`${url} ${body}`) ? { kind: "delay", ms: 60_000 } : undefined),
    };
    const beganMs = raw.elapsedMs();
    const report = await stage.run(connector.flatten());
    expect([report.isFlat, report.problems, isFlat(stage)]).toEqual([true, [], true]);
    expect(raw.elapsedMs() - beganMs).toBeLessThan(3_000);
  });

  it("sends one cancel for each order, not one for it as ours and one as another's", async () => {
    await using stage = await Stage.open(name);
    const { connector, raw } = stage;
    for (const price of ["19900", "19901", "19902"]) await stage.resting("buy", price);
    let commands = 0;
    raw.network.faults = {
      onHttpRequest: ({ method, url }) => {
        // Hyperliquid is asked questions by POST too, on a path of their own.
        if (method !== "GET" && !url.endsWith("/info")) commands += 1;
        return undefined;
      },
    };
    const report = await stage.run(connector.flatten());
    expect([report.isFlat, report.canceledOrders]).toEqual([true, 3]);
    // FTX has no batches.
    expect(commands).toBe(name === "ftx_perpetual" ? 3 : 1);
  });

  it("closes a position on a market that the connector does not follow", async () => {
    const tradingPairs = [`BTC-${BOX_PROTOCOLS[name].quote}`];
    await using stage = await Stage.open(name, { connector: { tradingPairs } });
    byHand(stage, "buy", "1", "ETH-USD");
    await stage.pass(3_000);
    const report = await stage.run(stage.connector.flatten());
    expect([report.isFlat, report.problems, isFlat(stage)]).toEqual([true, [], true]);
  });

  it("is kept back by no limit of the user's", async () => {
    const riskLimits = { maxOrderRate: { orders: 1, intervalMs: 3_600_000 } };
    await using stage = await Stage.open(name, { connector: { riskLimits } });
    await stage.taken("buy");
    expect(() => stage.order("sell", { type: "market", position: "close" })).toThrow("maxOrderRate");
    expect((await stage.run(stage.connector.flatten())).isFlat).toBe(true);
    expect(isFlat(stage)).toBe(true);
  });

  it("closes with a full disk too", async () => {
    await using stage = await Stage.open(name);
    await stage.taken("buy");
    await stage.pass(1_000);
    stage.raw.journals.failWrites();
    expect(() => stage.order("buy", { type: "market" })).toThrow("the journal cannot be written");
    const report = await stage.run(stage.connector.flatten());
    expect([report.isFlat, report.problems, isFlat(stage)]).toEqual([true, [], true]);
    expect(report.closingOrders.map(({ state }) => state)).toEqual(["filled"]);
  });

  it("takes no order that a listener places when it hears that another was called back", async () => {
    await using stage = await Stage.open(name);
    const { connector } = stage;
    const answers: string[] = [];
    connector.on("orderCanceled", () => {
      try {
        answers.push(stage.order("buy", { price: "19800" }).clientOrderId);
      } catch (error) {
        answers.push(error instanceof PerpwireError ? error.code : String(error));
      }
    });
    for (let index = 0; index < 12; index += 1) stage.order("buy", { price: String(19_900 - index) });
    const report = await stage.run(connector.flatten());
    expect([report.isFlat, isFlat(stage)]).toEqual([true, true]);
    expect(answers.length).toBeGreaterThan(0);
    expect(new Set(answers)).toEqual(new Set(["ORDERS_HELD"]));
  });
});
