import assert from "node:assert/strict";
import type { FundingInfo } from "../../../model/funding.ts";
import { assertLogged, type Fixtures, type Kit } from "../register.ts";
import type { SceneOptions } from "../scene.ts";

const NEEDS = ["fundingInfoMockResponse", "expectedFundingInfo"] as const;
const EVENTS = ["fundingInfoEvent", "fundingInfoEventForWebsocketUpdate", "malformedFundingInfoEvent"] as const;
const scene = (f: Fixtures<"fundingInfoMockResponse">): SceneOptions => ({
  script: (server) => server.route(...f.fundingInfoMockResponse),
});

export function fundingInfoTests(kit: Kit): void {
  kit.describe("funding info", () => {
    updateTests(kit);
    pollingTests(kit);
  });
}

function told({ indexPrice, markPrice, rate, nextFundingTimestampMs }: FundingInfo) {
  const figures = { indexPrice: indexPrice.toFixed(), markPrice: markPrice.toFixed(), rate: rate.toFixed() };
  return { ...figures, nextFundingTimestampMs };
}

function updateTests({ test, fixtures: { tradingPair } }: Kit): void {
  test("listen for funding info update initializes funding info", { needs: NEEDS, scene }, async (scene, f) => {
    assert.deepEqual(told(scene.connector.fundingInfo(tradingPair)), f.expectedFundingInfo);
  });

  test(
    "listen for funding info update updates funding info",
    { needs: [...NEEDS, "fundingInfoUpdate", "expectedUpdatedFundingRate"], uses: EVENTS, scene },
    async (scene, f) => {
      scene.route(f.fundingInfoUpdate);
      const { fundingInfoEventForWebsocketUpdate: change } = f;
      if (change !== undefined) scene.server.sendPublic(change);
      const rate = () => scene.connector.fundingInfo(tradingPair).rate.toFixed();
      await scene.until("the change", () => rate() === f.expectedUpdatedFundingRate);
      assert.equal(scene.named("fundingInfo").at(-1)?.rate.toFixed(), f.expectedUpdatedFundingRate);
      assert.equal(scene.connector.fundingInfo(tradingPair).indexPrice.toFixed(), f.expectedFundingInfo.indexPrice);
    },
  );

  test("init funding info", { needs: NEEDS, scene: (f) => ({ ready: false, ...scene(f) }) }, async (scene, f) => {
    assert.equal(scene.connector.status().fundingInfo, false);
    await scene.start();
    assert.equal(scene.connector.status().fundingInfo, true);
    assert.equal(scene.connector.fundingInfo(tradingPair).rate.toFixed(), f.expectedFundingInfo.rate);
  });
}

function pollingTests({ test, fixtures: { tradingPair } }: Kit): void {
  test("update funding info polling loop success", { needs: [...NEEDS, "fundingInfoUrl"], scene }, async (scene, f) => {
    const { fundingInfo } = scene.connector.manifest;
    const asked = () => scene.server.requestsTo("GET", scene.fill(f.fundingInfoUrl)).length;
    const before = asked();
    if (fundingInfo.source === "poll") {
      await scene.world.advance(3 * fundingInfo.intervalMs + 1_000);
      assert.equal(asked() - before, 3);
    } else {
      // A channel tells it: nothing is polled but what it leaves out, and silence leaves what was told.
      const { pollIntervalMs = Number.POSITIVE_INFINITY } = fundingInfo;
      const forMs = Number.isFinite(pollIntervalMs) ? 2 * pollIntervalMs : 60_000;
      await scene.world.advance(forMs);
      assert.equal(asked() - before, Math.floor(forMs / pollIntervalMs));
    }
    assert.equal(scene.connector.fundingInfo(tradingPair).rate.toFixed(), f.expectedFundingInfo.rate);
    assert.equal(scene.connector.ready, true);
  });

  test("update funding info polling loop raise exception", { needs: NEEDS, uses: EVENTS, scene }, async (scene, f) => {
    if (f.malformedFundingInfoEvent !== undefined) {
      scene.server.sendPublic(f.malformedFundingInfoEvent);
      await scene.world.advance(100);
      assertLogged(scene, /could not read a public message|could not be read and was left out/);
    } else {
      const [first] = scene.fill(f.fundingInfoMockResponse);
      const { path, body } = first ?? assert.fail("there is no answer");
      scene.server.on("GET", path, { status: 500, text: "<html>" }, { body });
      const asked = () => scene.server.requestsTo("GET", path).length;
      const before = asked();
      await scene.until("a poll that fails and the next one", () => asked() >= before + 2);
      assertLogged(scene, /funding/);
    }
    const rate = scene.connector.fundingInfo(tradingPair).rate.toFixed();
    assert.equal(rate, f.expectedFundingInfo.rate, "what was known stays known");
  });
}
