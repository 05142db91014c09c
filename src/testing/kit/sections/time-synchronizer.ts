import assert from "node:assert/strict";
import { isAbort, TimeSyncError } from "../../../model/error.ts";
import { serverTimeOf } from "../abilities.ts";
import { createComponents } from "../components.ts";
import type { Route } from "../fixture-shapes.ts";
import { assertLogged, COMPONENTS, type Kit, rejection } from "../register.ts";
import { signedAtMs } from "../request-shape.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import { errorRowsOf } from "./errors.ts";

const AHEAD_MS = 7_000;

export function timeSynchronizerTests({ describe, test, fixtures }: Kit): void {
  const { balanceRequestMockResponseOnlyBase: balances } = fixtures;
  const refusable = [balances].flat().find((route) => "method" in route) ?? ({ method: "GET", path: "/" } as const);
  const ability = serverTimeOf(fixtures, refusable);
  const { invented } = ability;
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
    test("update time synchronizer successfully", { needs, uses, scene, invented }, async (scene, { auth }) => {
      tellTime(scene);
      await scene.start();
      assert.equal(scene.connector.status().timeSynchronized, true);
      await scene.run(scene.connector.updateTimeSynchronizer());
      const signed = scene.server.requestsTo(timestampRefused.method, timestampRefused.path);
      assert.ok(signed.length > 0);
      for (const request of signed) {
        const offBy = signedAtMs(request, auth) - (request.atMs + AHEAD_MS);
        // A time in seconds is cut off.
        const isOff = auth.timestamp.format === "seconds" ? offBy > 10 || offBy < -1_010 : Math.abs(offBy) > 10;
        assert.ok(!isOff, `signed ${offBy} ms off the venue's time`);
      }
    });

    test("update time synchronizer failure is logged", { needs, uses, scene, invented }, async (scene) => {
      tellTime(scene);
      await scene.start();
      scene.route(serverTimeRefused);
      await scene.world.advance(61_000);
      assertLogged(scene, /the venue's time could not be asked for/);
      await rejection(scene, scene.connector.updateTimeSynchronizer());
      assert.equal(scene.connector.ready, true, "what was known stays known");
    });

    test("update time synchronizer raises cancelled error", { needs, uses, scene, invented }, async (scene) => {
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

    test(
      "time synchronizer related request error detection",
      { needs: [...needs, "errorTable"], uses, scene, invented },
      async (scene, { errorTable }) => {
        const { webUtils } = scene.venue;
        const { method } = timestampRefused;
        const request = { method, path: scene.fill(timestampRefused.path), isAuthRequired: true, limitId: "" };
        const isAboutTime = ({ status = 200, body }: Pick<Route, "status" | "body">) => {
          const text = typeof body === "string" ? body : JSON.stringify(body);
          try {
            webUtils.unwrapResponse({ status, headers: {}, text }, request);
          } catch (error) {
            return webUtils.isRequestExceptionRelatedToTimeSynchronizer(error);
          }
          assert.fail(`${text} is no error`);
        };
        assert.equal(isAboutTime(scene.fill(timestampRefused)), true, "the venue's own words for a time that is off");
        const others = errorTable.flatMap(errorRowsOf).filter((row) => row.error !== TimeSyncError.name);
        const nearMisses = others.filter((row) => row.isAboutTime !== true);
        assert.ok(nearMisses.length > 0, "the error table has no other refusal");
        for (const row of nearMisses) assert.equal(isAboutTime(row), false, JSON.stringify(row.body));
        assert.equal(webUtils.isRequestExceptionRelatedToTimeSynchronizer(new Error("timestamp")), false);
      },
    );

    test(
      "the first request that is signed waits for the venue's time",
      { needs: [...needs, ...COMPONENTS], uses, scene, invented },
      async (scene, { auth }) => {
        tellTime(scene);
        const { context } = createComponents(scene);
        await scene.run(scene.venue.derivative.fetchBalances(context()));
        const paths = scene.server.requests.map(({ path }) => path);
        assert.equal(paths[0], scene.fill(serverTime.path), `what was asked is ${paths.join(", ")}`);
        assert.ok(scene.server.requests.length > 1);
        for (const request of scene.server.requests.slice(1)) assert.ok(signedAtMs(request, auth) > 0);
      },
    );

    test(
      "a request that is refused for its time is sent once more after a new look at the clock",
      { needs: [...needs, "restingRoutes"], uses, scene, invented },
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
