import { describe, expect, it } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import type { InFlightOrder } from "../../src/trading/in-flight-order.ts";
import { originalClientOrderId } from "../../src/trading/order-ids.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** Amounts and prices of the paper venue's engine. */
const scaled = (text: string): bigint => BigInt(decimal(text).times(1e8).toFixed(0));
const unscaled = (value: bigint | null): string | undefined =>
  value === null ? undefined : decimal(String(value)).div(1e8).toFixed();

const openAtVenue = ({ venue }: Stage) => venue.engine.openOrders(venue.accountId);

/** Frames that tell of orders, as far as the protocol tells fills apart from them. */
const ORDER_FRAMES = {
  ftx_perpetual: /"channel": ?"orders"/,
  bybit_perpetual: /"topic":"order"/,
  binance_perpetual: /ORDER_TRADE_UPDATE/,
  okx_perpetual: /"channel":"orders"/,
  gate_io_perpetual: /"channel":"futures\.orders","event":"update"/,
  hyperliquid_perpetual: /"channel":"orderUpdates"/,
} as const;

/** What each venue's body says with a 429. */
const TOO_MANY = {
  ftx_perpetual: '{"success":false,"error":"Do not send more than 2 orders per 200ms"}',
  bybit_perpetual: '{"retCode":10006,"retMsg":"Too many visits!","result":{}}',
  binance_perpetual: '{"code":-1003,"msg":"Too many requests"}',
  okx_perpetual: '{"code":"50011","msg":"Too Many Requests","data":[]}',
  gate_io_perpetual: '{"label":"TOO_MANY_REQUESTS","message":"Request Rate limit Exceeded"}',
  hyperliquid_perpetual: "null",
} as const;

/** Everything that is open at the venue is in flight, lost or external, with the venue's terms. */
function expectTruth(stage: Stage): void {
  const { connector } = stage;
  const tracked = [...connector.inFlightOrders.values(), ...connector.lostOrders];
  const external = connector.externalOrders().map(({ exchangeOrderId }) => exchangeOrderId);
  for (const open of openAtVenue(stage)) {
    const base = originalClientOrderId(open.clientId ?? "");
    const ours = tracked.find(({ clientOrderId }) => clientOrderId === base);
    if (ours === undefined) {
      expect(external.length, `${open.clientId} is open at the venue and nobody's`).toBeGreaterThan(0);
      continue;
    }
    expect([ours.clientOrderId, ours.price?.toFixed()]).toEqual([base, unscaled(open.price)]);
    expect([ours.clientOrderId, ours.openAmount.toFixed()]).toEqual([base, unscaled(open.size - open.filled)]);
  }
}

/** Small whole numbers, the same for a seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 48_271 + 1;
  return (sides) => {
    state = (state * 48_271) % 2_147_483_647;
    return state % sides;
  };
}

describe.each(VENUE_NAMES)("orders on %s", (name) => {
  it.each([1, 2, 3, 4])("amended several times at once end as the venue has them (seed %i)", async (seed) => {
    await using stage = await Stage.open(name, { seed });
    const { connector, raw } = stage;
    const order = await stage.resting("buy", "19900");
    raw.network.latency = { minMs: 1, maxMs: 200 };
    for (const price of ["19899", "19898", "19897"]) {
      void connector.amend(order.clientOrderId, { price }).catch(() => undefined);
    }
    await stage.pass(10_000);
    expect(openAtVenue(stage)).toHaveLength(1);
    expect(order.targetPrice?.toFixed()).toBe(order.price?.toFixed());
    expectTruth(stage);
    const [canceled] = await stage.run(connector.cancelAll());
    expect(canceled).toMatchObject({ success: true });
    expect(openAtVenue(stage)).toEqual([]);
  });

  it.each([1, 2])("that a quoter amends as soon as it sees its last amend are never lost (seed %i)", async (seed) => {
    await using stage = await Stage.open(name, { seed });
    const { connector, raw } = stage;
    const order = await stage.resting("buy", "19900");
    raw.network.latency = { minMs: 5, maxMs: 30 };
    let amends = 0;
    for (let step = 0; step < 1_500 && amends < 8; step += 1) {
      if (order.price?.toFixed() === String(19_900 - amends)) {
        amends += 1;
        void connector.amend(order.clientOrderId, { price: String(19_900 - amends) }).catch(() => undefined);
      }
      await stage.pass(2);
    }
    await stage.pass(5_000);
    expect(amends).toBe(8);
    expect(openAtVenue(stage)).toHaveLength(1);
    expectTruth(stage);
  });

  it.each([1, 2, 3])(
    "amended and canceled at random while the market trades are all accounted for (seed %i)",
    async (seed) => {
      await using stage = await Stage.open(name, { seed });
      const { connector, raw } = stage;
      const roll = dice(seed);
      raw.network.latency = { minMs: 1, maxMs: 120 };
      raw.network.faults = { onHttpRequest: () => (roll(40) === 0 ? { kind: "dropResponse" } : undefined) };
      const orders: InFlightOrder[] = [];
      for (let step = 0; step < 60; step += 1) {
        const order = orders[roll(orders.length || 1)];
        const dieRoll = roll(10);
        if (order === undefined || dieRoll < 3) {
          orders.push(stage.order("buy", { price: String(19_900 + roll(80)), amount: "0.02" }));
        } else if (dieRoll < 8) {
          const change = roll(2) === 0 ? { price: String(19_900 + roll(80)) } : { amount: `0.0${1 + roll(5)}` };
          void connector.amend(order.clientOrderId, change).catch(() => undefined);
        } else if (dieRoll === 8) {
          void connector.cancel(order.clientOrderId);
        } else {
          stage.trade("sell", "0.03", "19900");
        }
        await stage.pass(20 + roll(150));
      }
      raw.network.faults = {};
      await stage.pass(120_000);
      await stage.run(connector.refresh());
      expectTruth(stage);
      const executed = new Map<string, string>();
      for (const { clientId, filled } of stage.venue.truth().orders) {
        const base = originalClientOrderId(clientId ?? "");
        executed.set(
          base,
          decimal(executed.get(base) ?? "0")
            .plus(filled)
            .toFixed(),
        );
      }
      for (const { clientOrderId, executedAmount } of orders) {
        expect([clientOrderId, executedAmount.toFixed()]).toEqual([clientOrderId, executed.get(clientOrderId) ?? "0"]);
      }
      expect(connector.lostOrders).toEqual([]);
    },
  );

  it("are canceled for good by a cancel while an amend is under way", async () => {
    for (let delayMs = 0; delayMs <= 60; delayMs += 6) {
      await using stage = await Stage.open(name, { seed: 5 + delayMs });
      const { connector, raw } = stage;
      const order = await stage.resting("buy", "19900");
      raw.network.latency = { minMs: 5, maxMs: 40 };
      void connector.amend(order.clientOrderId, { price: "19899" }).catch(() => undefined);
      await stage.pass(delayMs);
      await stage.run(connector.cancel(order.clientOrderId, 30_000));
      expect([delayMs, order.state, openAtVenue(stage).length]).toEqual([delayMs, "canceled", 0]);
    }
  });

  it("that a hand made larger while their channel was silent are not over when the old amount is filled", async () => {
    await using stage = await Stage.open(name, { seed: 3 });
    const { connector, raw, venue } = stage;
    const order = await stage.resting("buy", "20000");
    raw.network.faults = {
      onFrame: (direction, text) => (direction === "toClient" && ORDER_FRAMES[name].test(text) ? "drop" : undefined),
    };
    const [open] = openAtVenue(stage);
    venue.execute({
      type: "amendOrder",
      accountId: venue.accountId,
      orderId: open?.orderId ?? 0,
      price: null,
      size: scaled("0.05"),
    });
    stage.trade("sell", "0.02", "20000");
    await stage.pass(10_000);
    await stage.run(connector.refresh());
    expect([order.state, order.amount.toFixed(), order.executedAmount.toFixed()]).toEqual([
      "partiallyFilled",
      "0.05",
      "0.02",
    ]);
    expectTruth(stage);
  });

  it("that trade at once are known to have ended within seconds, also when their channel is dead", async () => {
    await using stage = await Stage.open(name, { seed: 3 });
    stage.raw.network.faults = {
      onFrame: (direction, text) => (direction === "toClient" && ORDER_FRAMES[name].test(text) ? "drop" : undefined),
    };
    const order = stage.order("buy", { type: "market" });
    await stage.pass(8_000);
    expect([order.state, order.executedAmount.toFixed()]).toEqual(["filled", "0.02"]);
  });

  it("that wait for a rate limit are called back by a cancel, for certain and at once", async () => {
    await using stage = await Stage.open(name, { seed: 2, connector: { budgetCheck: false } });
    const { connector } = stage;
    const orders = Array.from({ length: 400 }, (_, index) =>
      stage.order("buy", { price: String(19_900 - (index % 50)), amount: "0.001" }),
    );
    const last = orders.at(-1);
    const result = await stage.run(connector.cancel(last?.clientOrderId ?? ""));
    expect(result).toMatchObject({ success: true });
    expect([last?.state, last?.reason]).toEqual(["canceled", "user"]);
    await stage.run(connector.cancelAll(60_000));
    await stage.pass(60_000);
    expect(openAtVenue(stage)).toEqual([]);
    expect(stage.venue.truth().orders.some(({ clientId }) => clientId === last?.clientOrderId)).toBe(false);
    expect(orders.every(({ isDone }) => isDone)).toBe(true);
  });

  it("that wait when the account is flattened never reach the venue, and no new ones are taken meanwhile", async () => {
    await using stage = await Stage.open(name, { seed: 2, connector: { budgetCheck: false } });
    const { connector, venue } = stage;
    for (let index = 0; index < 300; index += 1)
      stage.order("buy", { price: String(19_900 - (index % 50)), amount: "0.001" });
    await stage.pass(450);
    const flattening = connector.flatten({ timeoutMs: 20_000 });
    expect(() => stage.order("buy", { price: "19900", amount: "0.001" })).toThrow(/being flattened/);
    await stage.pass(100);
    const sent = venue.truth().orders.length;
    expect((await stage.run(flattening)).isFlat).toBe(true);
    await stage.pass(60_000);
    expect(venue.truth().orders.length).toBe(sent);
    expect(stage.order("buy", { price: "19900", amount: "0.001" }).state).toBe("pendingCreate");
  });

  it("of a grid wait their turn, however many windows of the venue's limit that takes", async () => {
    await using stage = await Stage.open(name, { seed: 2, connector: { budgetCheck: false } });
    const orders = Array.from({ length: 400 }, (_, index) =>
      stage.order("buy", { price: String(19_900 - (index % 50)), amount: "0.001" }),
    );
    await stage.pass(60_000);
    expect(orders.filter(({ state }) => state !== "open").map(({ state, reason }) => `${state} ${reason}`)).toEqual([]);
  });

  it("that wait longer than they may, the venue refusing, are never sent, and fail with proof", async () => {
    await using stage = await Stage.open(name, { seed: 2, connector: { budgetCheck: false } });
    const headers = { "retry-after": "60", "content-type": "application/json" };
    const isCreate = ({ method, url }: { method: string; url: string }) => method === "POST" && !url.endsWith("/info");
    let isRefusing = true;
    stage.raw.network.faults = {
      onHttpRequest: (request) =>
        isRefusing && isCreate(request)
          ? { kind: "respond", response: { status: 429, headers, text: TOO_MANY[name] } }
          : undefined,
    };
    const orders = [stage.order("buy", { price: "19900", amount: "0.001" })];
    await stage.pass(1_000);
    isRefusing = false;
    for (let index = 0; index < 40; index += 1) {
      orders.push(stage.order("buy", { price: String(19_890 - index), amount: "0.001" }));
      await stage.pass(1_000);
    }
    expect(orders.filter(({ state }) => state === "failed").length).toBeGreaterThan(30);
    await stage.pass(30_000);
    const known = new Set(stage.venue.truth().orders.map(({ clientId }) => clientId));
    for (const order of orders.slice(1)) {
      const isFailed = order.state === "failed";
      expect([order.clientOrderId, known.has(order.clientOrderId)]).toEqual([order.clientOrderId, !isFailed]);
      if (isFailed) {
        const result = await order.done;
        expect(!result.ok && result.error).toMatchObject({ code: "NOT_SENT", outcome: "definite", retry: "later" });
      }
    }
  });

  it("whose look-ups hang do not hold up another's", async () => {
    await using stage = await Stage.open(name, { seed: 2, connector: { budgetCheck: false } });
    const { connector, raw } = stage;
    const good = await stage.resting("buy", "19900");
    const hanging = new Set<string>();
    let isCancelLost = false;
    let isLosing = true;
    raw.network.faults = {
      onHttpRequest: ({ method, url }) => {
        const isCancel = method === "DELETE" || /cancel/.test(url);
        if (isCancel) {
          if (isCancelLost) return undefined;
          isCancelLost = true;
          return { kind: "dropRequest" };
        }
        if (isLosing && method === "POST") return { kind: "dropRequest" };
        if (method === "GET" && [...hanging].some((id) => url.includes(id))) return { kind: "dropRequest" };
        return undefined;
      },
    };
    for (let index = 0; index < 30; index += 1) {
      hanging.add(stage.order("buy", { price: String(19_000 - index), amount: "0.001" }).clientOrderId);
    }
    await stage.pass(16_000);
    isLosing = false;
    void connector.cancel(good.clientOrderId);
    await stage.pass(25_000);
    expect(good.state).toBe("canceled");
  });

  it("in doubt at a start are asked for once each", async () => {
    await using stage = await Stage.open(name, { seed: 4, connector: { budgetCheck: false } });
    for (let index = 0; index < 20; index += 1) {
      stage.order("buy", { price: String(19_900 - index), amount: "0.001" });
      await stage.pass(120);
    }
    await stage.pass(500);
    const ids = [...stage.connector.inFlightOrders.keys()];
    await stage.endBot();
    for (const { orderId } of openAtVenue(stage)) {
      stage.venue.execute({ type: "cancelOrder", accountId: stage.venue.accountId, orderId });
    }
    const asked: string[] = [];
    stage.raw.network.faults = {
      onHttpRequest: ({ method, url }) => {
        if (method === "GET" && /order/i.test(url) && !/openOrders|orders-pending/.test(url)) asked.push(url);
        return undefined;
      },
    };
    await stage.start();
    await stage.pass(5_000);
    expect(ids.every((id) => stage.connector.order(id)?.isDone)).toBe(true);
    // At most two questions for each: the order itself and, where the venue has forgotten it, its history.
    expect(asked.length).toBeLessThanOrEqual(ids.length * 2 + 12);
  });
});
