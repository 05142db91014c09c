import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { AMOUNTS, changed, PRICES, VENUES } from "./garbled.ts";

const ABSURD: readonly (readonly [what: string, names: readonly string[], value: string])[] = [
  ["of less than nothing", AMOUNTS, "-1"],
  ["of nothing", AMOUNTS, "0"],
  ["of more than the order has", AMOUNTS, "50000"],
  ["at no price", PRICES, "0"],
  ["at a price below zero", PRICES, "-5000"],
];
const CASES = VENUES.flatMap((one) => ABSURD.map(([what, names, value]) => ({ ...one, what, names, value })));

/** Order rows of these venues bear the fill that changed them, and an amount of zero where none did. */
const isNoFill = ({ venue, names, value }: (typeof CASES)[number]) =>
  (venue === "Binance" || venue === "OKX") && names === AMOUNTS && value === "0";

/** Opens an order whose fill the list tells as it cannot be. */
async function opened({ fixtures, names, value }: (typeof CASES)[number]) {
  const scene = await openScene(fixtures);
  const { order, fixture } = await scene.openOrder();
  const { tradeEventForFullFillWebsocketUpdate: fill, configureFullFillTradeResponse: list } = fixtures;
  scene.route(fixtures.configureCompletelyFilledOrderStatusResponse as never, fixture);
  scene.route(changed(list, names, value), fixture);
  const gaps = () => scene.named("gap").filter(({ reason }) => reason.includes("cannot be true")).length;
  const push = () => scene.send(changed(fill, names, value), fixture);
  const expectNothing = () => {
    expect(scene.named("orderFilled")).toEqual([]);
    expect([order.isDone, order.executedAmount.toFixed()]).toEqual([false, "0"]);
    expect(scene.connector.position(fixtures.tradingPair)?.amount.toFixed() ?? "0").toBe("0");
  };
  const expectTrueFill = async () => {
    scene.route(list as never, fixture);
    scene.send(fill, fixture);
    await scene.until("the end", () => order.isDone);
    scene.send(fill, fixture);
    await scene.world.advance(60_000);
    expect([order.state, order.executedAmount.toFixed()]).toEqual(["filled", "1"]);
    expect(scene.named("orderFilled")).toHaveLength(1);
    expect(scene.named("orderCompleted")).toHaveLength(1);
  };
  return { scene, gaps, push, expectNothing, expectTrueFill };
}

describe("a fill that cannot be true, told twice,", () => {
  it.each(CASES)("$what: $venue pushes it, then lists it", async (absurd) => {
    const { scene, gaps, push, expectNothing, expectTrueFill } = await opened(absurd);
    await using _ = scene;
    push();
    await scene.world.advance(4_000);
    expectNothing();
    expect(gaps()).toBeLessThan(2);
    await expectTrueFill();
    expect(gaps()).toBe(isNoFill(absurd) ? 0 : 1);
  });

  it.each(CASES)("$what: $venue lists it, then pushes it", async (absurd) => {
    const { scene, gaps, push, expectNothing, expectTrueFill } = await opened(absurd);
    await using _ = scene;
    await scene.run(scene.connector.refresh().catch(() => undefined));
    expectNothing();
    push();
    await scene.world.advance(2_000);
    expectNothing();
    expect(gaps()).toBeLessThan(2);
    await expectTrueFill();
    expect(gaps()).toBe(isNoFill(absurd) ? 0 : 1);
  });
});
