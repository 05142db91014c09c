import { PerpwireError } from "../../../model/error.ts";
import { assert } from "../assertion.ts";
import { eachChanged } from "../each-changed.ts";
import { A_MOMENT_MS, type Fixtures, type Kit } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import type { Scene } from "../scene.ts";
import { venueAtUser } from "../venue-at.ts";
import { batchNameTests, batchTermTests } from "./batch-terms.ts";
import { placeTwo, TWO_CANCELS, twoToCancel } from "./two-orders.ts";

const CREATIONS = [
  "batchCreationRequest",
  "configureOneSuccessfulOneErroneousBatchCreationResponse",
  "expectedExchangeOrderIds",
  "auth",
] as const;

export function batchTests(kit: Kit): void {
  const { placeOrders, placeCancels } = venueAtUser(kit.fixtures).derivative;
  kit.describe("batches", () => {
    if (placeOrders !== undefined) {
      creationTests(kit);
      batchTermTests(kit);
    }
    if (placeCancels !== undefined) {
      cancelationTests(kit);
      batchNameTests(kit);
    }
  });
}

function creationTests({ test }: Kit): void {
  test(
    "two orders leave in one request, each with its own terms, and each has its own answer",
    { needs: CREATIONS },
    async (scene, f) => {
      const { one, other, fixture, more } = batchOfTwo(scene, f);
      const routes = scene.fill(f.configureOneSuccessfulOneErroneousBatchCreationResponse, fixture, more);
      scene.route(routes);
      const [accepted, refused] = await scene.run(Promise.all([one.accepted, other.accepted]));
      const [request, ...others] = scene.server.requestsOf(routes);
      assert.deepEqual(others, [], "requests after the first");
      assertRequest(scene, request, f.batchCreationRequest, { order: fixture, auth: f.auth, more });
      assertAuthenticated(scene, request, f.auth);
      assert.ok(accepted?.ok === true, `the first order was not taken: ${shown(accepted)}`);
      assert.ok(
        refused?.ok === false && refused.error instanceof PerpwireError && refused.error.outcome === "definite",
        `the second order was not refused for certain: ${shown(refused)}`,
      );
      assert.deepEqual([one.state, other.state], ["open", "failed"], "the states of both orders");
      assert.equal(one.exchangeOrderId, f.expectedExchangeOrderIds[0], "the exchange order id of the first order");
      assert.deepEqual(clientIds(scene, "orderCreated"), [one.clientOrderId], "the orders that were created");
      assert.deepEqual(clientIds(scene, "orderFailed"), [other.clientOrderId], "the orders that failed");
    },
  );

  test(
    "an order of a batch of which the venue does not know what became is unknown, and no refusal",
    { needs: [...CREATIONS, "configureOneSuccessfulOneUnsureBatchCreationResponse"] },
    async (scene, f) => {
      const { one, other, fixture, more } = batchOfTwo(scene, f);
      scene.route(scene.fill(f.configureOneSuccessfulOneUnsureBatchCreationResponse, fixture, more));
      await scene.run(one.accepted);
      await scene.world.advance(A_MOMENT_MS);
      assert.deepEqual([one.state, other.state], ["open", "unknown"], "the states of both orders");
      assert.deepEqual(clientIds(scene, "orderFailed"), [], "the orders that failed");
    },
  );

  test("answers in another order are of the orders that they name", { needs: CREATIONS }, async (scene, f) => {
    const { one, other, fixture, more } = batchOfTwo(scene, f);
    const routes = scene.fill(f.configureOneSuccessfulOneErroneousBatchCreationResponse, fixture, more);
    scene.route(routes.map((route) => ({ ...route, body: reversed(route.body) })));
    await scene.run(one.accepted);
    await scene.world.advance(A_MOMENT_MS);
    assert.equal(one.state, "open", "the state of the first order");
    assert.equal(one.exchangeOrderId, f.expectedExchangeOrderIds[0], "the exchange order id of the first order");
    // A refusal that names no order is of no order for certain.
    assert.ok(["failed", "unknown"].includes(other.state), `the second order is ${other.state}`);
  });

  test(
    "a batch whose answer is lost leaves both orders unknown, and is not sent again",
    {
      needs: CREATIONS,
    },
    async (scene, f) => {
      const { one, other, fixture, more } = batchOfTwo(scene, f);
      const { method, path } = scene.fill(f.batchCreationRequest, fixture, more);
      scene.server.on(method, path, "reset");
      await scene.until("the batch", () => scene.server.requestsTo(method, path).length > 0);
      await scene.world.advance(A_MOMENT_MS);
      assert.deepEqual([one.state, other.state], ["unknown", "unknown"], "the states of both orders");
      assert.equal(scene.server.requestsTo(method, path).length, 1, "the number of batches");
      assert.deepEqual(clientIds(scene, "orderFailed"), [], "the orders that failed");
    },
  );
}

function cancelationTests({ test }: Kit): void {
  test(
    "two cancels leave in one request, and each has its own answer",
    {
      needs: [...TWO_CANCELS, "batchCancelationRequest", "auth"],
    },
    async (scene, f) => {
      const { one, other, more } = await twoToCancel(scene, f);
      const ids = [one.order.clientOrderId, other.order.clientOrderId];
      const canceled = scene.connector.batchOrderCancel(ids, 2_000);
      const { method, path } = scene.fill(f.batchCancelationRequest, one.fixture, more);
      await scene.until("the batch", () => scene.server.requestsTo(method, path).length > 0);
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, one.fixture);
      const results = await scene.run(canceled);
      const [request, ...others] = scene.server.requestsTo(method, path);
      assert.deepEqual(others, [], "requests after the first");
      assertRequest(scene, request, f.batchCancelationRequest, { order: one.fixture, auth: f.auth, more });
      assertAuthenticated(scene, request, f.auth);
      assert.deepEqual(
        results.map(({ clientOrderId, success }) => [clientOrderId, success]),
        [
          [ids[0], true],
          [ids[1], false],
        ],
        "the results",
      );
    },
  );
}

/** Lists of two the other way round. */
function reversed(value: unknown): unknown {
  return Array.isArray(value) && value.length === 2 ? value.toReversed() : eachChanged(value, reversed);
}

/** Two orders of one batch, as the venue's answers name them. */
function batchOfTwo(scene: Scene, { expectedExchangeOrderIds: ids }: Fixtures<"expectedExchangeOrderIds">) {
  const [one, other] = placeTwo(scene);
  const more = { other: scene.valuesOf(scene.fixture(other, ids[1])) };
  return { one, other, fixture: scene.fixture(one, ids[0]), more };
}

function clientIds(scene: Scene, name: "orderCreated" | "orderFailed"): readonly (string | undefined)[] {
  return scene.named(name).map(({ clientOrderId }) => clientOrderId);
}

const shown = (accepted: { readonly ok: boolean; readonly error?: unknown } | undefined): string =>
  accepted?.ok === true ? "it was taken" : String(accepted?.error);
