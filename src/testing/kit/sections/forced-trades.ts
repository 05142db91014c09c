import type { PositionAdjustment } from "../../../model/account-update.ts";
import { Decimal } from "../../../model/decimal.ts";
import { isTerminal } from "../../../model/order.ts";
import { assert } from "../assertion.ts";
import { type Kit, OPEN_ORDER } from "../register.ts";
import type { Scene, SceneOptions } from "../scene.ts";

type Expected = { readonly amount: string; readonly price: string };

/** The venue traded once, our own order has nothing of it, and the order that the venue made is not left open. */
function assertTradedOnce(scene: Scene, reason: PositionAdjustment["reason"], { amount, price }: Expected): void {
  const told = scene.named("positionAdjustment");
  assert.deepEqual(
    told.map((each) => [each.tradingPair, each.reason, each.amount.toFixed(), each.price.toFixed()]),
    [[scene.fixtures.tradingPair, reason, amount, price]],
    "what was told",
  );
  assert.deepEqual(scene.named("orderFilled"), [], "it is no fill of ours");
  const states = scene.named("externalOrder").map(({ order }) => order.state);
  assert.ok(states.every(isTerminal), `an order of the venue itself is told as ${states.join(", ")}`);
  assert.deepEqual(scene.events.filter(({ name }) => name === "unreadableRow").length, 0, "its rows can be read");
}

/** Amounts of the position of `tradingPair` at the moments at which adjustments are told. */
function positionsAtAdjustments({ connector, fixtures }: Scene): string[] {
  const amounts: string[] = [];
  connector.on("positionAdjustment", () => {
    amounts.push(connector.position(fixtures.tradingPair)?.amount.toFixed() ?? "0");
  });
  return amounts;
}

const KINDS = [
  {
    title: "liquidations",
    one: "a liquidation",
    reason: "liquidation",
    events: "liquidationEvents",
    history: "configureLiquidationResponse",
    expected: "expectedLiquidation",
  },
  {
    title: "auto-deleveraging",
    one: "a deleveraging",
    reason: "adl",
    events: "deleveragingEvents",
    history: "configureDeleveragingResponse",
    expected: "expectedDeleveraging",
  },
] as const;

/**
 * Tests that a trade which the venue makes for the account by itself changes the position and is never a fill of our
 * order.
 */
export function forcedTradeTests(kit: Kit): void {
  for (const kind of KINDS) kit.describe(kind.title, () => kindTests(kit, kind));
}

function kindTests({ test }: Kit, { one, reason, events, history, expected }: (typeof KINDS)[number]): void {
  const needs = [...OPEN_ORDER, events, history, expected, "configureOpenOrderStatusResponse"] as const;

  test(
    `${one} on the stream is an adjustment of the position, once, also when the history lists it`,
    { needs },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      for (const frame of f[events]) scene.send(frame);
      for (const frame of f[events]) scene.send(frame);
      await scene.until("the adjustment", () => scene.named("positionAdjustment").length > 0);
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      scene.route(f[history]);
      await scene.run(scene.connector.refresh());
      await scene.run(scene.connector.refresh());
      assertTradedOnce(scene, reason, f[expected]);
      assert.deepEqual(
        [order.state, order.executedAmount.toFixed()],
        ["open", "0"],
        "the state of the order and executed amount of the order",
      );
    },
  );

  test(
    `${one} that only the history tells is an adjustment, once, also when the stream is late`,
    { needs },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      scene.route(f[history]);
      await scene.run(scene.connector.refresh());
      assertTradedOnce(scene, reason, f[expected]);
      for (const frame of f[events]) scene.send(frame);
      await scene.world.advance(1_000);
      assertTradedOnce(scene, reason, f[expected]);
      assert.equal(order.executedAmount.toFixed(), "0", "the executed amount of the order");
    },
  );

  const positions = [...needs, "positionsRequestMockResponse", "expectedPositions"] as const;
  const held: (f: { readonly positionsRequestMockResponse: Parameters<Scene["route"]>[0] }) => SceneOptions = (f) => ({
    script: (server) => server.route(...[f.positionsRequestMockResponse].flat()),
  });

  test(`${one} changes the position that it is told with`, { needs: positions, scene: held }, async (scene, f) => {
    const { tradingPair } = scene.fixtures;
    const position = f.expectedPositions.find((each) => each.tradingPair === tradingPair);
    assert.ok(position !== undefined, `there is no position of ${tradingPair}`);
    assert.equal(
      scene.connector.position(tradingPair)?.amount.toFixed(),
      position.amount,
      "the amount of the position",
    );
    const amounts = positionsAtAdjustments(scene);
    for (const frame of f[events]) scene.send(frame);
    await scene.until("the adjustment", () => amounts.length > 0);
    const amount = new Decimal(position.amount).plus(f[expected].amount).toFixed();
    const told = scene.named("position").filter((each) => each.tradingPair === tradingPair);
    assert.equal(told.at(-1)?.amount.toFixed(), amount, "the amount of the position that was told last");
    assert.deepEqual(amounts, [amount], "the amounts of the position");
  });
}
