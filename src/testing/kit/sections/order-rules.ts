import { OrderRejectedError } from "../../../model/error.ts";
import { smallestNotionalOf } from "../abilities.ts";
import { assert } from "../assertion.ts";
import { A_MOMENT_MS, type Kit } from "../register.ts";
import type { OrderChanges, Scene } from "../scene.ts";

/** The order is refused by a rule that its message names; nothing of it is sent, followed or told. */
async function assertRefused(scene: Scene, changes: OrderChanges, rule: RegExp): Promise<void> {
  const requests = scene.server.requests.length;
  const events = scene.events.length;
  assert.throws(
    () => scene.order(changes),
    (error) => {
      assert.ok(error instanceof OrderRejectedError, String(error));
      assert.deepEqual([error.code, error.outcome], ["TRADING_RULE", "definite"], error.message);
      assert.match(error.message, rule, "the reason of the refusal");
      return true;
    },
    "an order that breaks a rule",
  );
  await scene.world.advance(A_MOMENT_MS);
  const sent = scene.server.requests.slice(requests).map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(sent, [], "an order that breaks a rule was sent");
  assert.equal(scene.connector.inFlightOrders.size, 0, "the number of orders in flight");
  // Callers have the error in hand: an event as well would tell the same twice.
  assert.deepEqual(scene.events.slice(events), [], "the events since");
}

/** A market's rules are kept before anything leaves. */
export function orderRuleTests({ test, fixtures }: Kit): void {
  const { tradingPair } = fixtures;

  test("create order fails when trading rule error, and nothing is sent", { needs: [] }, async (scene) => {
    const { minOrderSize, minBaseAmountIncrement, minPriceIncrement } = scene.connector.tradingRule(tradingPair);
    await assertRefused(scene, { amount: minOrderSize.div(2).toFixed() }, /below the smallest order/);
    const between = minBaseAmountIncrement.times("1.5").plus(minOrderSize).toFixed();
    await assertRefused(scene, { amount: between }, /not a multiple of the step/);
    const offTick = minPriceIncrement.times("1.5").plus(5_000).toFixed();
    await assertRefused(scene, { price: offTick }, /not a multiple of the tick/);
    const before = scene.server.requests.length;
    assert.throws(() => scene.order({ amount: "1000000" }), OrderRejectedError, "an order that is larger than any");
    await scene.world.advance(A_MOMENT_MS);
    assert.equal(scene.server.requests.length, before, "the number of requests");
  });

  const { invented, venue } = smallestNotionalOf(fixtures);
  test("create order fails below the smallest notional, and nothing is sent", {
    needs: ["expectedTradingRule"],
    invented,
    scene: { venue },
  }, async (scene) => {
    const { connector } = scene;
    const { minOrderSize, minNotionalSize, minPrice, minPriceIncrement } = connector.tradingRule(tradingPair);
    const amount = connector.quantizeOrderAmount(tradingPair, minNotionalSize.div(10_000)).plus(minOrderSize);
    const price = connector.quantizeOrderPrice(tradingPair, minNotionalSize.div(amount).times("0.9"));
    assert.ok(price.gte(minPrice ?? minPriceIncrement), "no allowed price makes an order too small");
    assert.ok(
      price.times(amount).lt(minNotionalSize),
      `no order is below the smallest notional ${minNotionalSize.toFixed()}`,
    );
    await assertRefused(scene, { amount: amount.toFixed(), price: price.toFixed() }, /notional .* below the smallest/);
  });
}
