import assert from "node:assert/strict";
import { ZERO } from "../../../model/decimal.ts";
import { listenKeyOf } from "../abilities.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit, OPEN_ORDER } from "../register.ts";
import { FILL } from "./facts.ts";

/** How soon a payment of which a frame tells is booked: long before the next poll. */
const SOON_MS = 10_000;
const TO_PLACE = { reduceOnly: false, positionAction: "open", positionMode: "oneWay" } as const;

/** What some venues say and others do not: each test is there where the fixtures have the words. */
export function venueWordTests(kit: Kit): void {
  kit.describe("the venue's own words", () => {
    laneTest(kit);
    remainingFillTest(kit);
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
    assert.deepEqual([create.lane, cancel.lane], ["create", "cancel"]);
  });
}

function remainingFillTest({ test, fixtures: { tradeEventForRemainingFillWebsocketUpdate } }: Kit): void {
  if (tradeEventForRemainingFillWebsocketUpdate === undefined) return;
  test(
    "user stream update for two fills that make an order whole",
    {
      needs: [
        ...OPEN_ORDER,
        ...FILL,
        "tradeEventForPartialFillWebsocketUpdate",
        "tradeEventForRemainingFillWebsocketUpdate",
        "orderEventForFullFillWebsocketUpdate",
        "expectedPartialFillAmount",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.send(f.tradeEventForPartialFillWebsocketUpdate, fixture);
      await scene.until("the part", () => order.executedAmount.gt(0));
      scene.send(f.tradeEventForRemainingFillWebsocketUpdate, fixture);
      scene.send(f.orderEventForFullFillWebsocketUpdate, fixture);
      await scene.until("done", () => order.isDone);
      const [first, second, ...others] = scene.named("orderFilled");
      assert.deepEqual(others, []);
      assert.equal(first?.amount.toFixed(), f.expectedPartialFillAmount);
      assert.equal(second?.amount.toFixed(), order.amount.minus(f.expectedPartialFillAmount).toFixed());
      assert.notEqual(first?.fillId, second?.fillId);
      assert.deepEqual([order.state, order.executedAmount.toFixed()], ["filled", "1"]);
      assert.equal(order.averagePrice?.toFixed(), f.expectedPartialFillPrice);
      const fees = scene.named("orderFilled").flatMap(({ fee }) => fee.flatFees);
      const paid = fees.reduce((sum, { amount }) => sum.plus(amount), ZERO);
      assert.equal(order.fees.get(f.expectedFillFee.token)?.toFixed(), paid.toFixed(), "the fees of both fills");
    },
  );
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
    assert.ok(scene.named("gap").length > 0);
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
      assert.deepEqual(told, [[f.expectedFundingPayment.paymentId, f.expectedFundingPayment.amount]]);
      assert.equal(scene.named("orderFilled").length, 0);
    },
  );
}
