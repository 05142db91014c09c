import { describe, expect, it } from "vitest";
import { RiskLimitError } from "../../src/model/error.ts";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

const HOUR_MS = 3_600_000;
/** Private frames about orders and fills, on any venue; what is dropped only a poll can tell. */
const PRIVATE = /"(execution|order|ORDER_TRADE_UPDATE|TRADE_LITE|orders|fills)"/;

/** Nothing of our orders arrives on the stream any more. */
function deafen(stage: Stage): void {
  stage.raw.network.faults = {
    onFrame: (direction, text) => (direction === "toClient" && PRIVATE.test(text) ? "drop" : undefined),
  };
}

describe.each(VENUE_NAMES)("a wall clock on %s", (name) => {
  it.each([HOUR_MS, -HOUR_MS])("that steps by %i ms and back hides no fill from a refresh", async (stepMs) => {
    await using stage = await Stage.open(name);
    const { connector, raw } = stage;
    const order = await stage.resting("buy", "20000", "0.02");
    raw.setClockSkew("bot", stepMs);
    // FTX signs with our clock, which has no other: nothing can be asked while it is wrong.
    await stage.run(connector.refresh().catch(() => undefined));
    await stage.pass(10_000);
    await stage.run(connector.refresh().catch(() => undefined));
    deafen(stage);
    stage.trade("sell", "0.02");
    await stage.pass(50);
    raw.setClockSkew("bot", 0);
    await stage.run(connector.refresh());
    expect(order.executedAmount.toFixed()).toBe("0.02");
    expect(order.state).toBe("filled");
    stage.raw.network.faults = {};
  });

  it.each([HOUR_MS, -HOUR_MS, 24 * HOUR_MS])("that steps by %i ms forgets no loss of the day", async (stepMs) => {
    await using stage = await Stage.open(name, { connector: { riskLimits: { maxDailyLoss: "5" } } });
    await stage.taken("buy", { amount: "1" });
    await stage.pass(2_000);
    const refused = () => stage.order("buy", { price: "19000", amount: "0.01" });
    expect(refused).toThrow(RiskLimitError);
    stage.raw.setClockSkew("bot", stepMs);
    await stage.pass(1_000);
    expect(refused).toThrow(RiskLimitError);
    stage.raw.setClockSkew("bot", 0);
  });

  it("that was wrong when an earlier process set its cursors hides no fill from the next one", async () => {
    const stage = await Stage.open(name);
    const { raw } = stage;
    const order = await stage.resting("buy", "20000", "0.02");
    await stage.run(stage.connector.stop());
    const store = raw.runtime("bot").journals.open("journal.db");
    const table = `${stage.tablesOfAccount}.cursors`;
    const cursors = store.entries(table).map(([key]) => key);
    expect(cursors).toContain("trades");
    for (const key of cursors) {
      if (key === "trades" || key.startsWith("funding|")) store.put(table, key, String(raw.now() + HOUR_MS));
    }
    store.close();
    stage.trade("sell", "0.02");
    await stage.pass(5_000);
    await stage.start();
    await stage.pass(2_000);
    const restored = stage.connector.order(order.clientOrderId);
    expect(restored?.executedAmount.toFixed()).toBe("0.02");
    expect(restored?.state).toBe("filled");
    await stage.run(stage.connector.stop());
  });
});

describe("an order that never arrived, made by a process whose clock was an hour ahead", () => {
  // FTX has no other clock than ours: it takes nothing that is signed while ours is wrong.
  it.each(VENUE_NAMES.filter((name) => name !== "ftx_perpetual"))(
    "is proven so on %s by the next one",
    async (name) => {
      const stage = await Stage.open(name);
      const { raw } = stage;
      raw.setClockSkew("bot", HOUR_MS);
      await stage.pass(1_000);
      raw.network.faults = { onHttpRequest: ({ method }) => (method === "POST" ? { kind: "dropRequest" } : undefined) };
      const { clientOrderId } = stage.order("buy", { price: "19900", amount: "0.01" });
      await stage.pass(1_000);
      await stage.endBot();
      raw.network.faults = {};
      raw.setClockSkew("bot", 0);
      await stage.start();
      await stage.pass(120_000);
      expect(stage.connector.order(clientOrderId)?.state).toBe("failed");
      await stage.run(stage.connector.stop());
    },
  );
});

describe("a process that was down for longer than its journal remembers", () => {
  it.each(VENUE_NAMES)("asks %s for nothing from before that", async (name) => {
    const stage = await Stage.open(name, { connector: { timings: { journalHistoryMs: HOUR_MS / 2 } } });
    await stage.taken("buy");
    await stage.pass(5_000);
    await stage.endBot();
    await stage.pass(HOUR_MS);
    const asked: number[] = [];
    stage.raw.network.faults = {
      onHttpRequest: ({ url, body }) => {
        // Questions to Hyperliquid go to one path, and say in their body what they ask.
        const asks = `${url} ${body}`;
        const since = /[?&"](?:start_time|startTime|begin|from)(?:=|":)(\d+)/.exec(asks)?.[1];
        const isFills = /fills|execution\/list|userTrades|my_trades|userFillsByTime/.test(asks);
        // Its list of fills is that of its cash flows too, of which the whole day is read.
        const isOfDay = name === "hyperliquid_perpetual" && Number(since) % (24 * HOUR_MS) === 0;
        if (since !== undefined && isFills && !isOfDay)
          asked.push(since.length <= 10 ? Number(since) * 1_000 : Number(since));
        return undefined;
      },
    };
    await stage.start();
    await stage.pass(2_000);
    const earliestMs = stage.raw.now() - HOUR_MS / 2 - 10_000;
    expect(asked.length).toBeGreaterThan(0);
    for (const sinceMs of asked) expect(sinceMs).toBeGreaterThanOrEqual(earliestMs);
    await stage.run(stage.connector.stop());
  });
});
