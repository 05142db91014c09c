import assert from "node:assert/strict";
import { isAbort } from "../../../src/model/error.ts";
import type { ConnectorFixtures, ServerTimeFixtures } from "../connector-fixtures.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import { assertLogged, rejection, sceneTests, type TestApi } from "./kit.ts";

const AHEAD_MS = 7_000;

export function timeSynchronizerTests(fixtures: ConnectorFixtures, times: ServerTimeFixtures, api: TestApi): void {
  const test = sceneTests(fixtures, api);
  const options: SceneOptions = { ready: false, venue: times.venue };
  /** The venue's clock is ahead of ours. */
  const tellTime = (scene: Scene) =>
    scene.server.on("GET", times.serverTimePath, () => times.serverTime(Math.round(scene.world.now()) + AHEAD_MS));

  api.describe("update time synchronizer", () => {
    test("update time synchronizer successfully", options, async (scene) => {
      tellTime(scene);
      await scene.start();
      assert.equal(scene.connector.statusDict.timeSynchronized, true);
      await scene.run(scene.connector.updateTimeSynchronizer());
      const signed = scene.server.requestsTo("GET", times.timestampRefused.path);
      assert.ok(signed.length > 0);
      for (const request of signed) {
        const offBy = times.timestampOf(request) - (request.atMs + AHEAD_MS);
        assert.ok(Math.abs(offBy) <= 10, `signed ${offBy} ms off the venue's time`);
      }
    });

    test("update time synchronizer failure is logged", options, async (scene) => {
      tellTime(scene);
      await scene.start();
      scene.server.route(times.serverTimeRefused);
      await scene.world.advance(61_000);
      assertLogged(scene, /the venue's time could not be asked for/);
      await rejection(scene, scene.connector.updateTimeSynchronizer());
      assert.equal(scene.connector.ready, true, "what was known stays known");
    });

    test("update time synchronizer raises cancelled error", options, async (scene) => {
      tellTime(scene);
      await scene.start();
      scene.server.on("GET", times.serverTimePath, "silence");
      const update = scene.connector.updateTimeSynchronizer();
      update.catch(() => undefined);
      await scene.world.advance(20);
      const faults = scene.logger.at("warn", "error").length;
      await scene.run(scene.connector.stop());
      assert.ok(isAbort(await rejection(scene, update)));
      assert.equal(scene.logger.at("warn", "error").length, faults);
    });

    test("time synchronizer related request error detection", options, async (scene) => {
      assert.equal(scene.venue.isRequestExceptionRelatedToTimeSynchronizer(times.timeError), true);
      assert.equal(scene.venue.isRequestExceptionRelatedToTimeSynchronizer(new Error("Not enough balances")), false);
    });

    test(
      "a request that is refused for its time is sent once more after a new look at the clock",
      options,
      async (scene) => {
        tellTime(scene);
        await scene.start();
        const { timestampRefused: refused } = times;
        const ok = fixtures.restingRoutes.find(({ path }) => path === refused.path);
        assert.ok(ok !== undefined);
        const asked = scene.server.requestsTo("GET", times.serverTimePath).length;
        scene.server.on("GET", refused.path, { status: refused.status, body: refused.body }, { body: ok.body });
        await scene.run(scene.connector.refresh());
        assert.equal(scene.server.requestsTo("GET", times.serverTimePath).length, asked + 1);
      },
    );
  });
}
