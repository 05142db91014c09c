import { listenKeyOf } from "../abilities.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit, OPEN_ORDER } from "../register.ts";

/** Time within which a payment that a frame tells of is booked: long before the next poll. */
const SOON_MS = 10_000;
const TO_PLACE = { reduceOnly: false, positionAction: "open", positionMode: "oneWay" } as const;

/**
 * Tests of statements that some venues make and others do not: each test is present where the fixtures have the
 * statement.
 */
export function venueWordTests(kit: Kit): void {
  kit.describe("the venue's own words", () => {
    laneTest(kit);
    listenKeyTest(kit);
    settlementTest(kit);
  });
}

function laneTest({ test }: Kit): void {
  test("cancels go before creates", { needs: [...COMPONENTS, ...OPEN_ORDER] }, async (scene) => {
    const { order } = await scene.openOrder();
    const { markets } = createComponents(scene);
    const { derivative } = scene.venue;
    const { request: create } = derivative.placeOrder(markets, { ...order.reference(), ...TO_PLACE });
    const { request: cancel } = derivative.placeCancel(markets, order.reference());
    assert.deepEqual([create.lane, cancel.lane], ["create", "cancel"], "the lane of the create and lane of the cancel");
  });
}

function listenKeyTest({ test, fixtures }: Kit): void {
  const { fetchListenKey, expiredEvent } = listenKeyOf(fixtures).fixture;
  if (expiredEvent === undefined) return;
  test("a listen key that has ended is a gap, and the stream opens anew", { needs: ["listenKey"] }, async (scene) => {
    const asked = () => scene.server.requestsTo(fetchListenKey.method, fetchListenKey.path).length;
    const before = asked();
    scene.send(expiredEvent);
    await scene.until("another key", () => asked() > before);
    await scene.until("ready", () => scene.connector.ready);
    assert.ok(scene.named("gap").length > 0, "no gap was told");
  });
}

function settlementTest({ test, fixtures: { fundingPaymentEvent } }: Kit): void {
  if (fundingPaymentEvent === undefined) return;
  test(
    "funding payments follow the stream's word of a settlement, once",
    { needs: ["fundingPaymentEvent", "fundingPaymentMockResponse", "expectedFundingPayment"] },
    async (scene, f) => {
      scene.route(f.fundingPaymentMockResponse);
      scene.send(f.fundingPaymentEvent);
      scene.send(f.fundingPaymentEvent);
      await scene.until("the payment", () => scene.named("fundingPayment").length > 0, SOON_MS);
      await scene.world.advance(2 * scene.connector.manifest.fundingFeePollIntervalMs);
      const told = scene.named("fundingPayment").map(({ paymentId, amount }) => [paymentId, amount.toFixed()]);
      assert.deepEqual(told, [[f.expectedFundingPayment.paymentId, f.expectedFundingPayment.amount]], "what was told");
      assert.equal(scene.named("orderFilled").length, 0, "the number of orderFilled events");
    },
  );
}
