import type { PositionMode } from "../../../model/order.ts";
import { assert } from "../assertion.ts";
import type { Fixtures, Kit } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import type { Scene } from "../scene.ts";
import { venueAtUser } from "../venue-at.ts";

const CHANGE = ["configureSuccessfulSetPositionMode", "configurePositionModeResponse"] as const;

/** The venue is in one mode, and takes the other. */
function prepareChange(scene: Scene, f: Fixtures<(typeof CHANGE)[number]>, wanted: PositionMode): void {
  scene.route(f.configurePositionModeResponse, undefined, { positionMode: wanted === "hedge" ? "oneWay" : "hedge" });
  scene.route(f.configureSuccessfulSetPositionMode, undefined, { positionMode: wanted });
}

/** A mode that is set, and what the venue is asked for it. */
export function setPositionModeTests({ test, pure, fixtures }: Kit): void {
  test(
    "set position mode success",
    { needs: [...CHANGE, "expectedSupportedPositionModes", "auth", "setPositionModeRequest"] },
    async (scene, f) => {
      const wanted =
        f.expectedSupportedPositionModes.find((mode) => mode !== "oneWay") ?? assert.fail("there is one mode");
      prepareChange(scene, f, wanted);
      await scene.run(scene.connector.setPositionMode(wanted));
      assert.equal(scene.connector.positionMode, wanted, "the position mode");
      assert.equal(scene.named("positionModeChangeFailed").length, 0, "the number of positionModeChangeFailed events");
      assert.equal(scene.named("positionModeChanged").length, 1, "the number of positionModeChanged events");
      const { setPositionModeRequest: shape } = f;
      const request = scene.server.requestsTo(shape.method, scene.fill(shape.path)).at(-1);
      assertRequest(scene, request, shape, { auth: f.auth, more: { positionMode: wanted } });
      assertAuthenticated(scene, request, f.auth);
    },
  );

  test(
    "set position mode to hedge, and back to one way",
    { needs: [...CHANGE, "auth", "setPositionModeRequest"] },
    async (scene, f) => {
      const { setPositionModeRequest: shape } = f;
      const wishes: readonly PositionMode[] = ["hedge", "oneWay", "hedge"];
      for (const wanted of wishes) {
        prepareChange(scene, f, wanted);
        await scene.run(scene.connector.setPositionMode(wanted));
        assert.equal(scene.connector.positionMode, wanted, "the position mode");
        const request = scene.server.requestsTo(shape.method, scene.fill(shape.path)).at(-1);
        assertRequest(scene, request, shape, { auth: f.auth, more: { positionMode: wanted } });
      }
      const changes = scene.named("positionModeChanged").map(({ positionMode }) => positionMode);
      assert.deepEqual(changes, wishes, "the position modes that were told");
    },
  );

  test(
    "set position mode to the one that the account is in changes nothing, and nothing is asked to be changed",
    { needs: [...CHANGE, "setPositionModeRequest"], scene: { ready: false } },
    async (scene, f) => {
      scene.route(f.configurePositionModeResponse, undefined, { positionMode: "hedge" });
      await scene.start();
      assert.equal(scene.connector.positionMode, "hedge", "the mode of the account is read at the start");
      const told = scene.named("positionModeChanged").length;
      await scene.run(scene.connector.setPositionMode("hedge"));
      const { method, path } = scene.fill(f.setPositionModeRequest);
      assert.deepEqual(scene.server.requestsTo(method, path), [], "the requests");
      assert.equal(scene.connector.positionMode, "hedge", "the position mode");
      assert.equal(scene.named("positionModeChanged").length, told, "the number of positionModeChanged events");
      assert.deepEqual(scene.named("positionModeChangeFailed"), [], "positionModeChangeFailed events");
    },
  );

  const { positionModes } = fixtures.venueModule.manifest;
  if (positionModes.length > 1) return;
  pure("a venue with one position mode cannot be asked to set another", [], () => {
    const { setPositionMode } = venueAtUser(fixtures).derivative;
    assert.equal(setPositionMode, undefined, `its modes are ${positionModes.join(", ")}`);
  });
}
