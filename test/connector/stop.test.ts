import { describe, expect, it } from "vitest";
import { createConnector } from "../../src/connect.ts";
import { PerpwireError } from "../../src/model/error.ts";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

const refusalOf = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

/** `start()` of a new process of the bot, and `stop()` after `delayMs` of it. */
async function stopWhileStarting(stage: Stage, delayMs: number) {
  const { venue, raw, pair } = stage;
  const runtime = raw.runtime(`bot ${delayMs}`);
  const connector = await createConnector(stage.name, {
    runtime,
    tradingPairs: [pair],
    credentials: venue.credentials(),
    restUrl: venue.rest,
    webSocketUrl: venue.ws,
    journalPath: "j.db",
    logger: stage.logger,
  });
  let outcome: unknown = "pending";
  connector.start().then(
    () => {
      outcome = "started";
    },
    (error: unknown) => {
      outcome = error;
    },
  );
  await stage.pass(delayMs);
  const before = outcome;
  await stage.run(connector.stop());
  await stage.pass(1);
  // Throws when somebody still holds the journal's lock.
  runtime.journals.open("j.db").close();
  return { before, outcome, connector };
}

describe.each(VENUE_NAMES)("stopping on %s", (name) => {
  it("is one promise for all callers, and all that cancelOnStop promises is done when it resolves", async () => {
    await using stage = await Stage.open(name, { connector: { cancelOnStop: true } });
    await stage.resting("buy", "19900");
    stage.raw.network.latency = { minMs: 100, maxMs: 100 };
    const { connector } = stage;
    let isFirstDone = false;
    const first = connector.stop().then(() => {
      isFirstDone = true;
    });
    await stage.run(connector.stop());
    await stage.run(first);
    expect(isFirstDone).toBe(true);
    expect(connector.stop()).toBe(connector.stop());
    expect(stage.venue.engine.openOrders(stage.venue.accountId)).toEqual([]);
  });

  it("refuses orders from the call on, with the right reason, and none of them reaches the venue", async () => {
    await using stage = await Stage.open(name, { connector: { cancelOnStop: true } });
    const resting = await stage.resting("buy", "19900");
    const { connector, pair } = stage;
    stage.raw.network.latency = { minMs: 100, maxMs: 100 };
    const stopping = connector.stop();
    const order = { price: "19800", amount: "0.02", position: "open" } as const;
    const placed = [
      () => connector.buy(pair, order),
      () => connector.sell(pair, order),
      () => connector.batchOrderCreate([{ ...order, tradingPair: pair, side: "buy" }]),
    ];
    for (const place of placed) {
      expect(refusalOf(place)).toMatchObject({ code: "STOPPED", message: "the connector is stopping" });
    }
    await expect(connector.amend(resting.clientOrderId, { price: "19801" })).rejects.toMatchObject({ code: "STOPPED" });
    await expect(connector.flatten()).rejects.toMatchObject({ code: "STOPPED" });
    await stage.run(stopping);
    for (const place of placed) {
      expect(refusalOf(place)).toMatchObject({ code: "STOPPED", message: "the connector has stopped" });
    }
    await stage.pass(20_000);
    expect(stage.venue.truth().orders).toHaveLength(1);
    expect(stage.venue.engine.openOrders(stage.venue.accountId)).toEqual([]);
  });

  it("while it starts ends the start with a clear error at any moment, and lets go of the journal", async () => {
    await using stage = await Stage.open(name);
    await stage.endBot();
    let stopped = 0;
    for (let step = 0; step < 60; step += 1) {
      const { before, outcome, connector } = await stopWhileStarting(stage, step / 2);
      if (before !== "pending") continue;
      stopped += 1;
      expect(outcome).toBeInstanceOf(PerpwireError);
      expect(outcome).toMatchObject({ code: "STOPPED", outcome: "definite", message: /while it was starting/ });
      expect(connector.ready).toBe(false);
    }
    expect(stopped).toBeGreaterThan(5);
  });
});

describe("a connector that has stopped", () => {
  it("answers a cancel at once, and says what it is to whoever asks the venue", async () => {
    await using stage = await Stage.open("okx_perpetual");
    const order = await stage.resting("buy", "19900");
    const { connector } = stage;
    await stage.run(connector.stop());
    const before = stage.raw.elapsedMs();
    const results = await stage.run(
      Promise.all([connector.cancel(order.clientOrderId), connector.cancelAll().then(([only]) => only)]),
    );
    for (const result of results) expect(result).toMatchObject({ success: false, error: { code: "STOPPED" } });
    expect(stage.raw.elapsedMs()).toBe(before);
    await expect(connector.fetchOpenOrders()).rejects.toMatchObject({ code: "STOPPED" });
    await expect(connector.waitUntilReady({ timeoutMs: 10 })).rejects.toMatchObject({ code: "STOPPED" });
  });

  it("before it was started cannot be started, and stops at once", async () => {
    await using stage = await Stage.open("ftx_perpetual");
    const { connector } = await stopWhileStarting(stage, 0);
    await expect(connector.start()).rejects.toMatchObject({ code: "CONFIG" });
    await stage.run(connector.stop());
  });
});
