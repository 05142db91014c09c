import assert from "node:assert/strict";
import { isAbort, TimeSyncError } from "../../../model/error.ts";
import { serverTimeOf } from "../abilities.ts";
import { assertLogged, type Kit, rejection } from "../register.ts";
import { signedAtMs } from "../request-shape.ts";
import type { Scene, SceneOptions } from "../scene.ts";

const AHEAD_MS = 7_000;

export function timeSynchronizerTests({ describe, test, fixtures }: Kit): void {
  const { balanceRequestMockResponseOnlyBase: balances } = fixtures;
  const refusable = [balances].flat().find((route) => "method" in route) ?? ({ method: "GET", path: "/" } as const);
  const ability = serverTimeOf(fixtures, refusable);
  const { serverTime, serverTimeRefused, timestampRefused } = ability.fixture;
  const scene: SceneOptions = { ready: false, venue: ability.venue };
  const needs = ["balanceRequestMockResponseOnlyBase", "auth"] as const;
  const uses = ["serverTime"] as const;
  /** The venue's clock is ahead of ours. */
  const tellTime = (scene: Scene) =>
    scene.server.on(serverTime.method, serverTime.path, () => {
      const nowMs = Math.round(scene.world.now()) + AHEAD_MS;
      return { body: scene.fill(serverTime.body, undefined, { nowMs }) };
    });
  const asked = ({ server }: Scene) => server.requestsTo(serverTime.method, serverTime.path).length;

  describe("update time synchronizer", () => {
    test("update time synchronizer successfully", { needs, uses, scene }, async (scene, { auth }) => {
      tellTime(scene);
      await scene.start();
      assert.equal(scene.connector.status().timeSynchronized, true);
      await scene.run(scene.connector.updateTimeSynchronizer());
      const signed = scene.server.requestsTo(timestampRefused.method, timestampRefused.path);
      assert.ok(signed.length > 0);
      for (const request of signed) {
        const offBy = signedAtMs(request, auth) - (request.atMs + AHEAD_MS);
        assert.ok(Math.abs(offBy) <= 10, `signed ${offBy} ms off the venue's time`);
      }
    });

    test("update time synchronizer failure is logged", { needs, uses, scene }, async (scene) => {
      tellTime(scene);
      await scene.start();
      scene.route(serverTimeRefused);
      await scene.world.advance(61_000);
      assertLogged(scene, /the venue's time could not be asked for/);
      await rejection(scene, scene.connector.updateTimeSynchronizer());
      assert.equal(scene.connector.ready, true, "what was known stays known");
    });

    test("update time synchronizer raises cancelled error", { needs, uses, scene }, async (scene) => {
      tellTime(scene);
      await scene.start();
      scene.server.on(serverTime.method, serverTime.path, "silence");
      const update = scene.connector.updateTimeSynchronizer();
      update.catch(() => undefined);
      await scene.world.advance(20);
      const faults = scene.logger.at("warn", "error").length;
      await scene.run(scene.connector.stop());
      assert.ok(isAbort(await rejection(scene, update)));
      assert.equal(scene.logger.at("warn", "error").length, faults);
    });

    test("time synchronizer related request error detection", { needs, uses, scene }, async (scene) => {
      const error = new TimeSyncError("the time of the request is too far off");
      assert.equal(scene.venue.webUtils.isRequestExceptionRelatedToTimeSynchronizer(error), true);
      assert.equal(
        scene.venue.webUtils.isRequestExceptionRelatedToTimeSynchronizer(new Error("Not enough balances")),
        false,
      );
    });

    test(
      "a request that is refused for its time is sent once more after a new look at the clock",
      { needs: [...needs, "restingRoutes"], uses, scene },
      async (scene, f) => {
        tellTime(scene);
        await scene.start();
        const { method, path, status, body } = scene.fill(timestampRefused);
        const ok = f.restingRoutes.findLast((route) => route.method === method && scene.fill(route.path) === path);
        assert.ok(ok !== undefined, `no resting answer to ${method} ${path}`);
        const before = asked(scene);
        scene.server.on(method, path, { status, body }, { body: scene.fill(ok.body) });
        await scene.run(scene.connector.refresh());
        assert.equal(asked(scene), before + 1);
      },
    );
  });
}
