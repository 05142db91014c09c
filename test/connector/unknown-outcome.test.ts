import { describe, expect, it } from "vitest";
import { NotFoundError } from "../../src/model/error.ts";
import { openScene, type Scene } from "../../src/testing/kit/scene.ts";
import { ftxFixtures as fixtures } from "../venues/ftx/fixtures.ts";

/** An order whose creation had the answer that is given. */
async function doubtful(
  scene: Scene,
  answer: "reset" | "silence" | { readonly status: number; readonly text: string },
) {
  scene.server.on("POST", "/orders", answer);
  const order = scene.order();
  const fixture = scene.fixture(order);
  return { order, fixture };
}

describe("an order whose answer was lost, at a venue that cannot be asked by client order id,", () => {
  /** FTX as if it had no look-up by client order id. */
  const openUnaskable = () =>
    openScene(fixtures, {
      venue: (venue) => {
        const clientOrderId = { ...venue.manifest.clientOrderId, isQueryable: false };
        return { ...venue, manifest: { ...venue.manifest, clientOrderId } };
      },
    });
  const askedById = (scene: Scene, clientOrderId: string) =>
    scene.server.requests.filter(({ method, path }) => method === "GET" && path.includes(clientOrderId));

  it("is found among the open orders", async () => {
    await using scene = await openUnaskable();
    const { order, fixture } = await doubtful(scene, "reset");
    scene.server.route(...scene.fill(fixtures.configureOpenOrdersResponse, fixture));
    await scene.until("open", () => order.state === "open");
    expect(order.exchangeOrderId).toBe(fixture.exchangeOrderId);
    expect(askedById(scene, order.clientOrderId)).toEqual([]);
  });

  it("is found by its fills where it is open no more", async () => {
    await using scene = await openUnaskable();
    const { order, fixture } = await doubtful(scene, "reset");
    scene.server.route(...scene.fill(fixtures.configureCompletelyFilledOrderStatusResponse, fixture));
    scene.server.route(...scene.fill(fixtures.configureFullFillTradeResponse, fixture));
    await scene.until("filled", () => order.state === "filled", 120_000);
    expect(scene.named("orderFailed")).toEqual([]);
    expect(askedById(scene, order.clientOrderId)).toEqual([]);
  });

  it("is lost and never failed where neither tells of it: it may have ended without a fill", async () => {
    await using scene = await openUnaskable();
    const { order } = await doubtful(scene, "reset");
    await scene.until("lost", () => order.state === "lost", 400_000);
    expect(scene.named("orderFailed")).toEqual([]);
    expect(askedById(scene, order.clientOrderId)).toEqual([]);
  });

  it("is not given up by a list of which a row could not be read", async () => {
    await using scene = await openUnaskable();
    const { order, fixture } = await doubtful(scene, "reset");
    scene.server.on("GET", "/orders", { status: 200, body: { success: true, result: [{ id: "?" }] } });
    await scene.until("unknown", () => order.state === "unknown");
    await scene.world.advance(60_000);
    expect(order.state).toBe("unknown");
    scene.server.route(...scene.fill(fixtures.configureOpenOrdersResponse, fixture));
    await scene.until("open", () => order.state === "open", 60_000);
  });
});

describe("an order whose answer was lost", () => {
  it.each([
    ["a reset connection", "reset"],
    ["silence until the timeout", "silence"],
    ["a proxy's 502", { status: 502, text: "<html>bad gateway</html>" }],
    ["a 200 that is not JSON", { status: 200, text: "<html>" }],
  ] as const)("is looked up after %s, and open when the venue has it", async (_, answer) => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await doubtful(scene, answer);
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture));
    expect(order.state).toBe("pendingCreate");
    await scene.until("open", () => order.state === "open");
    expect(await scene.run(order.accepted)).toMatchObject({ ok: true, exchangeOrderId: fixture.exchangeOrderId });
    expect(scene.server.requestsTo("POST", "/orders")).toHaveLength(1);
    expect(scene.named("orderUnknown")).toHaveLength(1);
    expect(scene.named("orderCreated")).toHaveLength(1);
    expect(scene.named("orderFailed")).toHaveLength(0);
  });

  it("that never arrived fails, but only when it can no longer arrive", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await doubtful(scene, "reset");
    scene.server.route(...scene.fill(fixtures.configureOrderNotFoundResponse, fixture));
    await scene.until("unknown", () => order.state === "unknown");
    const doubtMs = scene.world.now();
    await scene.until("failed", () => order.isDone, 120_000);
    expect(order.state).toBe("failed");
    expect(scene.world.now() - doubtMs).toBeGreaterThan(scene.venue.manifest.createDeadlineMs);
    const result = await scene.run(order.done);
    expect(!result.ok && result.error).toBeInstanceOf(NotFoundError);
  });

  it("that waited long for its turn is not failed while it may still arrive", async () => {
    await using scene = await openScene(fixtures, { timings: { requestTimeoutMs: 5_000, maxRequestAgeMs: 60_000 } });
    // The lane is closed for 20 s; the order that waits behind it then takes 20 s to arrive.
    const limited = { status: 429, body: { success: false, error: "Slow down" }, headers: { "retry-after": "20" } };
    scene.server.on("POST", "/orders", limited, "silence");
    const first = scene.order();
    await scene.until("the refusal", () => first.isDone);
    const order = scene.order();
    const fixture = scene.fixture(order);
    scene.server.route(...scene.fill(fixtures.configureOrderNotFoundResponse, fixture));
    await scene.until("unknown", () => order.state === "unknown", 40_000);
    const sentMs = scene.server.requestsTo("POST", "/orders").at(-1)?.atMs ?? Number.NaN;
    expect(sentMs - order.createdAtMs).toBeGreaterThan(19_000);
    await scene.world.advance(20_000);
    expect(order.state).toBe("unknown");
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture));
    await scene.until("open", () => order.state === "open");
    expect(scene.named("orderFailed").map((event) => event.clientOrderId)).toEqual([first.clientOrderId]);
  });

  it("at a venue that cannot be reached is lost in the end, still watched, and found again", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await doubtful(scene, "reset");
    await scene.until("unknown", () => order.state === "unknown");
    scene.world.network.partition("connector");
    await scene.world.advance(330_000);
    expect(order.state).toBe("lost");
    expect(await scene.run(order.done)).toMatchObject({ ok: false, state: "lost", error: { outcome: "unknown" } });
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture));
    scene.world.network.heal();
    await scene.until("found", () => order.state === "open", 120_000);
    expect(scene.connector.lostOrders).toEqual([]);
    expect(scene.named("orderLost")).toHaveLength(1);
  });

  it("is not created a second time by the venue's word that the id exists", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await doubtful(scene, "reset");
    scene.server.on("POST", "/orders", { status: 400, body: { success: false, error: "Duplicate client order ID" } });
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, fixture));
    await scene.until("open", () => order.state === "open");
    const other = scene.order();
    scene.server.route(...scene.fill(fixtures.configureOpenOrderStatusResponse, scene.fixture(other, "181542119007")));
    await scene.until("looked up", () => other.state === "open");
  });

  it("is created by a fill that comes before the answer", async () => {
    await using scene = await openScene(fixtures);
    const { order, fixture } = await doubtful(scene, "silence");
    scene.server.route(...scene.fill(fixtures.configureHttpErrorOrderStatusResponse, fixture));
    await scene.world.advance(50);
    // FTX's fills name no client id: the fill waits until the order's exchange id is known.
    scene.server.sendPrivate(scene.fill(fixtures.tradeEventForFullFillWebsocketUpdate, fixture));
    await scene.world.advance(50);
    expect(order.state).toBe("pendingCreate");
    scene.server.sendPrivate(scene.fill(fixtures.orderEventForFullFillWebsocketUpdate, fixture));
    await scene.until("done", () => order.isDone);
    expect(order.state).toBe("filled");
    expect(scene.named("orderFilled")).toHaveLength(1);
    expect(scene.events.map(({ name }) => name).filter((name) => /^order/.test(name))).toEqual([
      "orderCreated",
      "orderFilled",
      "orderCompleted",
    ]);
  });

  it("fails with proof when every connection was refused until it was too old: nothing left", async () => {
    await using scene = await openScene(fixtures);
    scene.world.network.faults.onHttpRequest = ({ method }) => (method === "POST" ? { kind: "refuse" } : undefined);
    const order = scene.order();
    const result = await scene.run(order.done);
    expect(result).toMatchObject({
      ok: false,
      state: "failed",
      error: { code: "NOT_SENT", outcome: "definite", cause: { outcome: "definite", bytesMayHaveLeft: false } },
    });
  });

  it("that was refused exists all the same when the venue shows it", async () => {
    await using scene = await openScene(fixtures);
    const order = scene.order();
    const fixture = scene.fixture(order);
    scene.server.route(...scene.fill(fixtures.orderCreationRequestRefusedMockResponse, fixture));
    await scene.until("failed", () => order.state === "failed");
    scene.server.sendPrivate(scene.fill(fixtures.orderEventForNewOrderWebsocketUpdate, fixture));
    await scene.until("evidence wins", () => order.state === "open");
  });
});
