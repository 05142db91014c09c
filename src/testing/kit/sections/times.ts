import type { AccountUpdate } from "../../../model/account-update.ts";
import { splitTradingPair } from "../../../model/market.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import type { FixtureName } from "../fixtures.ts";
import { COMPONENTS, type Kit } from "../register.ts";
import type { FixtureOrder, Scene } from "../scene.ts";

const DAY_MS = 86_400_000;

/** Asserts that no update is dated in another unit, or at the beginning of time. */
function assertOfTheDay(updates: readonly AccountUpdate[], aroundMs: number, where: string): void {
  for (const update of updates) {
    if (!("timestampMs" in update)) continue;
    const { type, timestampMs } = update;
    assert.ok(
      Math.abs(timestampMs - aroundMs) < DAY_MS,
      `the ${type} in ${where} is dated ${timestampMs}, expected epoch milliseconds near ${aroundMs}: is it in seconds?`,
    );
  }
}

/** Asserts that a coin has the name that the account's list gives it: under another it would be another balance. */
function assertSpelled(updates: readonly AccountUpdate[], coins: readonly string[], where: string): void {
  for (const update of updates) {
    if (update.type !== "balance") continue;
    const { asset } = update;
    const coin = coins.find((each) => each.toLowerCase() === asset.toLowerCase()) ?? asset;
    assert.equal(asset, coin, `the name of the coin of a balance in ${where}`);
  }
}

function updatesOf(scene: Scene, frame: unknown, order: FixtureOrder): readonly AccountUpdate[] {
  const { markets } = createComponents(scene);
  const message: unknown = JSON.parse(JSON.stringify(scene.fill(frame, order)));
  return scene.venue.userStreamDataSource.parseUserStreamMessage(markets, message);
}

/** Private frames of the fixtures; those that a venue need not have are left out where it has none. */
const FRAMES = [
  "orderEventForNewOrderWebsocketUpdate",
  "tradeEventForFullFillWebsocketUpdate",
  "positionEventForFullFillWebsocketUpdate",
  "balanceEventWebsocketUpdate",
  "fundingPaymentEvent",
  "liquidationEvents",
  "deleveragingEvents",
] as const satisfies readonly FixtureName[];

/** A fact in another unit of time is older, or newer, than all others for ever. */
export function timeTests(kit: Kit): void {
  const { describe, test, fixtures } = kit;
  describe("times", () => {
    for (const name of FRAMES) {
      if (fixtures[name] === undefined) continue;
      test(
        `everything in ${name} is dated in epoch milliseconds`,
        { needs: [...COMPONENTS, name, "expectedExchangeOrderId"] },
        async (scene, f) => {
          const order: FixtureOrder = {
            clientOrderId: scene.foreignClientOrderId("kit-1"),
            exchangeOrderId: f.expectedExchangeOrderId,
            ...({ side: "buy", amount: "1", price: "5000" } as const),
          };
          const frame: unknown = f[name];
          const isList = name === "liquidationEvents" || name === "deleveragingEvents";
          const frames = isList && Array.isArray(frame) ? frame : [frame];
          const updates = frames.flatMap((each) => updatesOf(scene, each, order));
          assert.ok(updates.length > 0, `${name} tells nothing: is it a frame of a private channel?`);
          assertOfTheDay(updates, scene.fixtures.startMs, name);
          assertSpelled(updates, [...splitTradingPair(fixtures.tradingPair), scene.collateralToken], name);
        },
      );
    }

    test(
      "balances and positions that are listed are dated in epoch milliseconds",
      { needs: [...COMPONENTS, "positionsRequestMockResponse"] },
      async (scene, f) => {
        scene.route(f.positionsRequestMockResponse);
        const { context } = createComponents(scene);
        const { derivative } = scene.venue;
        const pairs = [fixtures.tradingPair, fixtures.otherTradingPair];
        const nowMs = scene.world.now();
        const positions = await scene.run(derivative.fetchPositions(context(), pairs));
        assertOfTheDay(positions, nowMs, "positionsRequestMockResponse");
        assertOfTheDay(await scene.run(derivative.fetchBalances(context())), nowMs, "restingRoutes");
      },
    );
  });
}
