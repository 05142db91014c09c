import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { ftxFixtures as fixtures } from "../venues/ftx/fixtures.ts";
import { wireOrder } from "../venues/ftx/wire.ts";

/** The most arrivals within any window of that length, its end not included. */
function busiest(times: readonly number[], windowMs: number): number {
  return Math.max(...times.map((start) => times.filter((time) => time >= start && time < start + windowMs).length));
}

describe("a burst of 100 orders", () => {
  it("breaks none of the venue's limits and loses no order", async () => {
    await using scene = await openScene(fixtures, {
      options: { tradingPairs: ["BTC-USD", "ETH-USD"] },
      timings: { maxRequestAgeMs: 60_000 },
    });
    // What was sent apart arrives closer together than that.
    scene.world.network.latency = { minMs: 2, maxMs: 40 };
    let nextId = 1_000;
    scene.server.on("POST", "/orders", ({ body }) => {
      const { clientId, market } = body as { clientId: string; market: string };
      const order = {
        clientOrderId: clientId,
        exchangeOrderId: String(nextId++),
        side: "buy",
        amount: "0.01",
        price: "5000",
      } as const;
      return { body: { success: true, result: wireOrder(order, { status: "new", market }) } };
    });
    const orders = Array.from({ length: 100 }, (_, index) =>
      scene.connector.buy(index % 2 === 0 ? "BTC-USD" : "ETH-USD", { amount: "0.01", price: "5000", position: "open" }),
    );
    await scene.run(Promise.all(orders.map((order) => order.accepted)));
    const requests = scene.server.requestsTo("POST", "/orders");
    expect(requests).toHaveLength(100);
    expect(
      busiest(
        requests.map(({ atMs }) => atMs),
        200,
      ),
    ).toBeLessThanOrEqual(2);
    for (const market of ["BTC-PERP", "ETH-PERP"]) {
      const own = requests.filter(({ body }) => (body as { market: string }).market === market).map(({ atMs }) => atMs);
      expect(own).toHaveLength(50);
      expect(busiest(own, 1_000)).toBeLessThanOrEqual(7);
    }
    expect(
      busiest(
        scene.server.requests.map(({ atMs }) => atMs),
        1_000,
      ),
    ).toBeLessThanOrEqual(30);
    expect(orders.every((order) => order.state === "open")).toBe(true);
    expect(new Set(orders.map((order) => order.clientOrderId)).size).toBe(100);
    // 2 in 200 ms, and the margin: the limits are used, not merely kept.
    expect((requests.at(-1)?.atMs ?? 0) - (requests[0]?.atMs ?? 0)).toBeLessThan(13_000);
  });

  it("lets a cancel overtake the orders that wait", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await scene.openOrder();
    scene.server.route(...scene.fill(fixtures.configureSuccessfulCancelationResponse, fixture));
    const waiting = Array.from({ length: 20 }, () => scene.order({ amount: "0.01" }));
    void scene.connector.cancel(order.clientOrderId);
    const startedMs = scene.world.now();
    await scene.until("the cancel", () => scene.server.requestsTo("DELETE", /./).length === 1);
    expect(scene.world.now() - startedMs).toBeLessThan(50);
    expect(waiting.some((each) => each.state === "pendingCreate")).toBe(true);
  });

  it("waits when the venue says that it is too much", async () => {
    await using scene = await openScene(fixtures);
    const first = scene.order();
    const refusal = {
      status: 429,
      body: { success: false, error: "Do not send more than 2 orders per 200ms" },
      headers: { "retry-after": "3" },
    };
    scene.server.on("POST", "/orders", refusal, "silence");
    expect(await scene.run(first.done)).toMatchObject({ state: "failed", error: { name: "RateLimitError" } });
    const refusedMs = scene.world.now();
    scene.order();
    await scene.until("the next", () => scene.server.requestsTo("POST", "/orders").length === 2);
    expect(scene.world.now() - refusedMs).toBeGreaterThan(2_900);
  });
});
