import { describe, expect, it } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { openScene, type Scene, type SceneOptions } from "../../src/testing/kit/scene.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";
import { okxFixtures } from "../venues/okx/fixtures.ts";

const opened = (options: SceneOptions = {}): Promise<Scene> => openScene(bybitFixtures, options);
const { tradingPair, otherTradingPair } = bybitFixtures;
const feesOf = ({ connector }: Scene) => {
  const of = (isMaker: boolean) => connector.fee(tradingPair, { side: "buy", positionAction: "open", isMaker });
  return [of(true), of(false)].map(({ percent }) => percent.toFixed());
};

describe("fees of the user's own", () => {
  it("stand for what an order is expected to pay, whatever the venue tells", async () => {
    await using scene = await opened({ options: { feeOverrides: { makerPercentFee: "-0.0001" } } });
    const [, taker] = feesOf(scene);
    expect(feesOf(scene)[0]).toBe("-0.0001");
    await using plain = await opened();
    expect(feesOf(plain)[1]).toBe(taker);
    expect(feesOf(plain)[0]).not.toBe("-0.0001");
  });

  it.each([
    ["a fee that there is not", ["makerFee", "0.1"], /makerFee/],
    ["a fee in percent", ["takerPercentFee", "2"], /takerPercentFee is 2/],
    ["a fee that is no number", ["takerPercentFee", "much"], /takerPercentFee/],
  ])("are refused where there is %s", async (_, fee, message) => {
    const feeOverrides = Object.fromEntries([fee]);
    await expect(opened({ options: { feeOverrides } })).rejects.toThrow(message);
  });
});

describe("last prices of many markets", () => {
  it("are asked of the venue for those that are named, and for the followed ones by default", async () => {
    const asked: (readonly string[])[] = [];
    await using scene = await opened({
      venue: (venue) => ({
        ...venue,
        orderBookDataSource: {
          ...venue.orderBookDataSource,
          async fetchLastTradedPrices(_, pairs) {
            asked.push(pairs);
            return new Map(pairs.map((pair, index) => [pair, String(index)]));
          },
        },
      }),
    });
    await scene.run(scene.connector.fetchLastTradedPrices());
    const prices = await scene.run(scene.connector.fetchLastTradedPrices([tradingPair, otherTradingPair]));
    expect(asked.slice(-2)).toEqual([[tradingPair], [tradingPair, otherTradingPair]]);
    // A price of zero is none.
    expect([...prices]).toEqual([[otherTradingPair, decimal("1")]]);
  });
});

describe("an order that is lost", () => {
  const { configureOrderNotFoundResponse: notFound, configureSuccessfulCancelationResponse: canceled } = bybitFixtures;
  const cancelsAfterLoss = async (cancelLostOrders: boolean) => {
    await using scene = await opened({ options: { cancelLostOrders } });
    const { order, fixture } = await scene.openOrder();
    if ("paste" in notFound || "paste" in canceled) throw new TypeError("a payload is not there");
    scene.route(notFound, fixture);
    const answers = scene.fill(canceled, fixture);
    scene.route(answers);
    await scene.run(scene.connector.refresh());
    await scene.until("lost", () => order.state === "lost" || scene.named("orderLost").length > 0, 400_000);
    await scene.world.advance(180_000);
    expect(scene.named("orderLost")).toHaveLength(1);
    return scene.server.requestsOf(answers).length;
  };

  it("is canceled where the user wants that, and watched alone where not", async () => {
    expect(await cancelsAfterLoss(true)).toBeGreaterThan(0);
    expect(await cancelsAfterLoss(false)).toBe(0);
  });
});

describe("a position mode", () => {
  it("is set also where the venue does not say in which one the account is", async () => {
    await using scene = await openScene(okxFixtures);
    const { configureSuccessfulSetPositionMode: answers, configurePositionModeResponse: modes } = okxFixtures;
    if (answers === undefined || modes === undefined || "paste" in answers || "paste" in modes) throw new TypeError();
    scene.route(scene.fill(modes).map((route) => ({ ...route, status: 503, body: {} })));
    scene.route(answers, undefined, { positionMode: "hedge" });
    await scene.run(scene.connector.setPositionMode("hedge"));
    expect(scene.connector.positionMode).toBe("hedge");
  });
});
