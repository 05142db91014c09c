import assert from "node:assert/strict";
import { PerpwireError } from "../../../src/model/error.ts";
import type { ConnectorFixtures } from "../connector-fixtures.ts";
import { assertLogged, rejection, sceneTests, type TestApi } from "./kit.ts";

/** What a connector to perpetuals has beyond one to a spot exchange: position mode and funding info. */
export function perpetualTests(fixtures: ConnectorFixtures, api: TestApi): void {
  api.describe("position mode", () => positionModeTests(fixtures, api));
  api.describe("funding info", () => fundingInfoTests(fixtures, api));
}

function positionModeTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  const [first = "oneWay"] = fixtures.expectedSupportedPositionModes;
  const isSettable = fixtures.configureSuccessfulSetPositionMode !== undefined;

  test("set position mode failure", {}, async (scene) => {
    const before = scene.connector.positionMode;
    const wanted = before === "hedge" ? "oneWay" : "hedge";
    scene.server.route(...(fixtures.configureFailedSetPositionMode?.(wanted) ?? []));
    const requests = scene.server.requests.length;
    const error = await rejection(scene, scene.connector.setPositionMode(wanted));
    assert.ok(error instanceof PerpwireError);
    assert.equal(scene.connector.positionMode, before);
    assert.deepEqual(
      scene.named("positionModeChangeFailed").map(({ positionMode }) => positionMode),
      [wanted],
    );
    if (!isSettable) assert.equal(scene.server.requests.length, requests, "there is nothing to ask of the venue");
  });

  test("set position mode success", {}, async (scene) => {
    const wanted = fixtures.expectedSupportedPositionModes.at(-1) ?? first;
    scene.server.route(...(fixtures.configureSuccessfulSetPositionMode?.(wanted) ?? []));
    await scene.run(scene.connector.setPositionMode(wanted));
    assert.equal(scene.connector.positionMode, wanted);
    assert.equal(scene.named("positionModeChangeFailed").length, 0);
    assert.equal(scene.named("positionModeChanged").length, isSettable ? 1 : 0);
  });
}

function fundingInfoTests(fixtures: ConnectorFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  const { tradingPair, expectedFundingInfo: expected } = fixtures;
  const script: NonNullable<Parameters<typeof test>[1]["script"]> = (server) =>
    server.route(...fixtures.fundingInfoMockResponse);

  test("listen for funding info update initializes funding info", { script }, async (scene) => {
    const info = scene.connector.fundingInfo(tradingPair);
    assert.equal(info.indexPrice.toFixed(), expected.indexPrice);
    assert.equal(info.markPrice.toFixed(), expected.markPrice);
    assert.equal(info.rate.toFixed(), expected.rate);
    assert.equal(info.nextFundingTimestampMs, expected.nextFundingTimestampMs);
  });

  test("listen for funding info update updates funding info", { script }, async (scene) => {
    scene.server.route(...fixtures.fundingInfoUpdate);
    if (fixtures.fundingInfoEventForWebsocketUpdate !== undefined) {
      scene.server.sendPublic(fixtures.fundingInfoEventForWebsocketUpdate);
    }
    const rate = () => scene.connector.fundingInfo(tradingPair).rate.toFixed();
    await scene.until("the change", () => rate() === fixtures.expectedUpdatedFundingRate);
    assert.equal(scene.named("fundingInfo").at(-1)?.rate.toFixed(), fixtures.expectedUpdatedFundingRate);
  });

  test("init funding info", { ready: false, script }, async (scene) => {
    assert.equal(scene.connector.statusDict.fundingInfo, false);
    await scene.start();
    assert.equal(scene.connector.statusDict.fundingInfo, true);
    assert.equal(scene.connector.fundingInfo(tradingPair).rate.toFixed(), expected.rate);
  });

  test("update funding info polling loop success", { script }, async (scene) => {
    const { fundingInfo } = scene.connector.manifest;
    const asked = () => scene.server.requestsTo("GET", fixtures.fundingInfoUrl).length;
    const before = asked();
    if (fundingInfo.source === "poll") {
      await scene.world.advance(3 * fundingInfo.intervalMs + 1_000);
      assert.equal(asked() - before, 3);
    } else {
      // A channel tells it: there is nothing to poll, and silence leaves what was told.
      await scene.world.advance(60_000);
      assert.equal(asked(), before);
    }
    assert.equal(scene.connector.fundingInfo(tradingPair).rate.toFixed(), expected.rate);
    assert.equal(scene.connector.ready, true);
  });

  test("update funding info polling loop raise exception", { script }, async (scene) => {
    if (fixtures.malformedFundingInfoEvent !== undefined) {
      scene.server.sendPublic(fixtures.malformedFundingInfoEvent);
      await scene.world.advance(100);
      assertLogged(scene, /could not read a public message/);
    } else {
      const { path, body } = fixtures.fundingInfoMockResponse[0] ?? assert.fail();
      scene.server.on("GET", path, { status: 500, text: "<html>" }, { body });
      const asked = () => scene.server.requestsTo("GET", path).length;
      const before = asked();
      await scene.until("a poll that fails and the next one", () => asked() >= before + 2);
      assertLogged(scene, /funding/);
    }
    assert.equal(scene.connector.fundingInfo(tradingPair).rate.toFixed(), expected.rate, "what was known stays known");
  });
}
