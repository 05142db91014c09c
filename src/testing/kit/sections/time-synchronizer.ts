import { Decimal } from "../../../model/decimal.ts";
import { isAbort, TimeSyncError } from "../../../model/error.ts";
import type { OrderToPlace } from "../../../model/order.ts";
import { serverTimeOf } from "../abilities.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import type { ErrorRow } from "../fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "../fixtures.ts";
import { assertLogged, COMPONENTS, type Kit, OPEN_ORDER, rejection } from "../register.ts";
import { signedAtMs } from "../request-shape.ts";
import type { Scene, SceneOptions } from "../scene.ts";
import { wirePathOf } from "../shared-paths.ts";
import { errorRowsOf } from "./errors.ts";

const AHEAD_MS = 7_000;

/** An order as a venue's derivative is given it. */
function anOrder({ tradingPair }: PerpetualConnectorFixtures): OrderToPlace {
  const ids = { clientOrderId: `0x${"1".padStart(32, "0")}`, tradingPair };
  const terms = { side: "buy", type: "limit", timeInForce: "GTC", reduceOnly: false } as const;
  const amounts = { amount: new Decimal(1), price: new Decimal(5_000) };
  return { ...ids, ...terms, ...amounts, positionAction: "open", positionMode: "oneWay" };
}

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
    test(
      "update time synchronizer successfully",
      { needs: [...needs, ...OPEN_ORDER], uses, scene, invented },
      async (scene, { auth }) => {
        tellTime(scene);
        await scene.start();
        assert.equal(scene.connector.status().timeSynchronized, true, "whether the time is synchronized");
        await scene.run(scene.connector.updateTimeSynchronizer());
        if (auth.isForActionsOnly === true) await scene.openOrder();
        const signed = scene.server.requestsTo(timestampRefused.method, timestampRefused.path);
        assert.ok(signed.length > 0, "no signed request was sent");
        for (const request of signed) {
          const offBy = signedAtMs(request, auth) - (request.atMs + AHEAD_MS);
          // A time in seconds is cut off.
          const isOff = auth.timestamp.format === "seconds" ? offBy > 10 || offBy < -1_010 : Math.abs(offBy) > 10;
          assert.ok(!isOff, `signed ${offBy} ms off the venue's time`);
        }
      },
    );

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
      assert.ok(isAbort(await rejection(scene, update)), "the update of the time did not end with AbortError");
      assert.equal(scene.logger.at("warn", "error").length, faults, "the number of faults in the log");
    });

    test(
      "time synchronizer related request error detection",
      { needs: [...needs, "errorTable"], uses, scene, invented },
      async (scene, { errorTable }) => {
        const { webUtils } = scene.venue;
        const { method } = timestampRefused;
        const isAboutTime = ({
          status = 200,
          body,
          path = timestampRefused.path,
        }: Partial<Pick<ErrorRow, "status" | "body" | "path">>) => {
          const text = typeof body === "string" ? body : JSON.stringify(body);
          const wirePath = wirePathOf(scene.fill(path), fixtures.sharedPaths);
          const request = { method, path: wirePath, isAuthRequired: true, limitId: "" };
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
        assert.equal(
          webUtils.isRequestExceptionRelatedToTimeSynchronizer(new Error("timestamp")),
          false,
          "whether the error is about time",
        );
      },
    );

    test(
      "the first request that is signed waits for the venue's time",
      { needs: [...needs, ...COMPONENTS], uses, scene, invented },
      async (scene, { auth }) => {
        tellTime(scene);
        const { context } = createComponents(scene);
        const { derivative } = scene.venue;
        if (auth.isForActionsOnly === true) {
          const { request } = derivative.placeOrder(context().markets, anOrder(fixtures));
          await scene.run(
            context()
              .api.send(request)
              .catch(() => undefined),
          );
        } else await scene.run(derivative.fetchBalances(context()));
        const paths = scene.server.requests.map(({ path }) => path);
        assert.equal(paths[0], scene.fill(serverTime.path), `what was asked is ${paths.join(", ")}`);
        assert.ok(scene.server.requests.length > 1, "nothing was asked but the time");
        for (const request of scene.server.requests.slice(1))
          assert.ok(signedAtMs(request, auth) > 0, `${request.method} ${request.path} names no time`);
      },
    );

    test(
      "a request that is refused for its time is sent once more after a new look at the clock",
      { needs: [...needs, ...OPEN_ORDER, "restingRoutes"], uses, scene, invented },
      async (scene, f) => {
        tellTime(scene);
        await scene.start();
        const { method, path, status, body } = scene.fill(timestampRefused);
        const before = asked(scene);
        if (f.auth.isForActionsOnly === true) {
          const order = scene.order();
          const [taken] = scene.fill(f.orderCreationRequestSuccessfulMockResponse, scene.fixture(order));
          scene.server.on(method, path, { status, body }, { body: taken?.body });
          assert.equal((await scene.run(order.accepted)).ok, true, "whether the order succeeded");
        } else {
          const ok = f.restingRoutes.findLast((route) => route.method === method && scene.fill(route.path) === path);
          assert.ok(ok !== undefined, `no resting answer to ${method} ${path}`);
          scene.server.on(method, path, { status, body }, { body: scene.fill(ok.body) });
          await scene.run(scene.connector.refresh());
        }
        assert.equal(asked(scene), before + 1, "what was asked");
      },
    );
  });
}
