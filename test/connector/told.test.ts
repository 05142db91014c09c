import { describe, expect, it } from "vitest";
import { connect } from "../../src/connect.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import type { ConnectorEvents } from "../../src/model/event.ts";
import type { Fill } from "../../src/model/fill.ts";
import { untimedKey } from "../../src/trading/json-fields.ts";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

const keyOf = ({ tradingPair, exchangeOrderId, fillId }: Fill) => `${tradingPair}|${exchangeOrderId}|${fillId}`;

function listen(connector: PerpetualConnector) {
  const fills: string[] = [];
  const ends: string[] = [];
  connector.on("orderFilled", (fill) => void fills.push(keyOf(fill)));
  const onEnd = ({ clientOrderId }: ConnectorEvents["orderCompleted"]) => void ends.push(clientOrderId);
  for (const name of ["orderCompleted", "orderCanceled", "orderExpired"] as const) connector.on(name, onEnd);
  return { fills, ends };
}

/** A second process, and what it tells from its first word on. */
async function startSecond(stage: Stage) {
  let heard: ReturnType<typeof listen> | undefined;
  await stage.start((connector) => {
    heard = listen(connector);
  });
  if (heard === undefined) throw new Error("it did not start");
  return heard;
}

/** What the journal on the bot's disk has counted, and what of it is not told. */
async function journalled(stage: Stage) {
  await stage.run(stage.connector.stop());
  const store = stage.raw.runtime("bot").journals.open("journal.db");
  const keys = (table: string) => store.entries(`${stage.tablesOfAccount}.${table}`).map(([key]) => key);
  // Orders that are forgotten leave the keys of their fills.
  const found = { fillKeys: [...keys("fills").map(untimedKey), ...keys("fillKeys")], untold: keys("untold") };
  store.close();
  return found;
}

describe.each(VENUE_NAMES)("a fill on %s", (name) => {
  it("that the process dies over is told by the next one, and so is the end of its order", async () => {
    const stage = await Stage.open(name);
    const first = listen(stage.connector);
    // Between the unit that counts the fill and the event that tells it.
    stage.connector.on("position", () => stage.raw.kill("bot"));
    const { clientOrderId } = stage.order("buy", { type: "market", amount: "0.02" });
    await stage.pass(2_000);
    expect(first.fills).toEqual([]);
    const second = await startSecond(stage);
    await stage.pass(5_000);
    const truth = stage.venue.truth().fills.length;
    expect(new Set(second.fills).size).toBeGreaterThanOrEqual(1);
    expect(second.ends).toContain(clientOrderId);
    const { fillKeys, untold } = await journalled(stage);
    expect(fillKeys).toHaveLength(new Set(second.fills).size);
    expect(truth).toBeGreaterThanOrEqual(fillKeys.length);
    expect(untold).toEqual([]);
  });

  it.each([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11])(
    "that was counted is told by one of two processes, the first killed after %i writes",
    async (writes) => {
      const stage = await Stage.open(name, { seed: 2 });
      const first = listen(stage.connector);
      stage.raw.killAfterWrites("bot", writes);
      stage.order("buy", { type: "market", amount: "0.02" });
      await stage.pass(1_500);
      stage.raw.kill("bot");
      const second = await startSecond(stage);
      await stage.pass(5_000);
      const { fillKeys } = await journalled(stage);
      const told = new Set([...first.fills, ...second.fills]);
      for (const key of fillKeys) expect(told, key).toContain(key);
    },
  );
});

describe("a program that listens after connect()", () => {
  it("hears of the fills that the first catch-up found", async () => {
    const stage = await Stage.open("bybit_perpetual");
    const order = await stage.resting("buy", "19990");
    await stage.endBot();
    stage.trade("sell", "60", "19985");
    await stage.pass(1_000);
    const { venue, raw } = stage;
    const connector = await stage.run(
      connect("bybit_perpetual", {
        runtime: raw.runtime("bot"),
        tradingPairs: [stage.pair],
        credentials: { apiKey: venue.apiKey, apiSecret: venue.apiSecret },
        restUrl: venue.rest,
        webSocketUrl: venue.ws,
        journalPath: "journal.db",
        logger: stage.logger,
      }),
    );
    await stage.pass(5_000);
    const told: string[] = [];
    connector.on("orderFilled", ({ clientOrderId }) => told.push(clientOrderId));
    connector.on("orderCompleted", ({ clientOrderId }) => told.push(`${clientOrderId} completed`));
    await stage.pass(1);
    await stage.run(connector.stop());
    expect(new Set(told)).toEqual(new Set([order.clientOrderId, `${order.clientOrderId} completed`]));
  });
});
