import { NotFoundError } from "../../../model/error.ts";
import { assert } from "../assertion.ts";
import type { Route } from "../fixture-shapes.ts";
import { type Kit, OPEN_ORDER } from "../register.ts";
import type { Scene } from "../scene.ts";
import type { Answer } from "../scripted-venue.ts";
import { assertFilledOnce, FILL } from "./facts.ts";

/** Ways to lose the answer to a new order: the order may exist, or not. */
const LOSSES: readonly (readonly [title: string, answer: Answer])[] = [
  ["a connection that was reset after sending", "reset"],
  ["silence until the time is up", "silence"],
  ["a 503", { status: 503, text: "<html>unavailable</html>" }],
  ["a 502 of a proxy", { status: 502, text: "<html>bad gateway</html>" }],
  ["a 200 that is cut short", { status: 200, text: '{"cut' }],
];

/** No venue can tell sooner that a request will not arrive any more. */
const ON_ITS_WAY_MS = 3_000;

/** An order whose answer is lost. */
async function doubtful(scene: Scene, creation: readonly Route[], answer: Answer) {
  const order = scene.order();
  const fixture = scene.fixture(order);
  const [route] = scene.fill(creation, fixture);
  assert.ok(route !== undefined, "orderCreationRequestSuccessfulMockResponse has no answer");
  scene.server.on(route.method, route.path, answer);
  return { order, fixture, sent: () => scene.server.requestsTo(route.method, route.path) };
}

/** An outcome that is not known is found out, never guessed. */
export function unknownOutcomeTests(kit: Kit): void {
  kit.describe("unknown outcomes", () => {
    for (const [title, answer] of LOSSES) foundOpenTest(kit, title, answer);
    resolutionTests(kit);
    cancelTests(kit);
  });
}

function foundOpenTest({ test }: Kit, title: string, answer: Answer): void {
  test(
    `an order after ${title} is looked up by its client order id, and open when the venue has it`,
    { needs: [...OPEN_ORDER, "configureOpenOrderStatusResponse"] },
    async (scene, f) => {
      const creation = f.orderCreationRequestSuccessfulMockResponse;
      const { order, fixture, sent } = await doubtful(scene, creation, answer);
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      await scene.until("open", () => order.state === "open");
      const accepted = await scene.run(order.accepted);
      assert.equal(
        accepted.ok && accepted.exchangeOrderId,
        fixture.exchangeOrderId,
        "the exchange order id of the order that was found",
      );
      assert.equal(sent().length, 1, "it is not sent again");
      assert.equal(scene.named("orderUnknown").length, 1, "the number of orderUnknown events");
      assert.equal(scene.named("orderCreated").length, 1, "the number of orderCreated events");
      assert.equal(scene.named("orderFailed").length, 0, "the number of orderFailed events");
    },
  );
}

function resolutionTests({ test }: Kit): void {
  test(
    "an order whose answer was lost is filled when the venue says so",
    {
      needs: [...OPEN_ORDER, ...FILL, "configureCompletelyFilledOrderStatusResponse", "configureFullFillTradeResponse"],
    },
    async (scene, f) => {
      const { order, fixture } = await doubtful(scene, f.orderCreationRequestSuccessfulMockResponse, "reset");
      scene.route(f.configureCompletelyFilledOrderStatusResponse, fixture);
      scene.route(f.configureFullFillTradeResponse, fixture);
      await scene.until("done", () => order.isDone);
      assert.equal(order.state, "filled", "the state of the order");
      assertFilledOnce(scene, f, fixture);
      assert.equal(scene.named("orderFailed").length, 0, "the number of orderFailed events");
    },
  );

  test(
    "an order that never arrived fails, but only when it can no longer arrive",
    { needs: [...OPEN_ORDER, "configureOrderNotFoundResponse"] },
    async (scene, f) => {
      const { order, fixture, sent } = await doubtful(scene, f.orderCreationRequestSuccessfulMockResponse, "reset");
      scene.route(f.configureOrderNotFoundResponse, fixture);
      await scene.until("unknown", () => order.state === "unknown");
      const doubtMs = scene.world.now();
      await scene.until("failed", () => order.isDone, 180_000);
      assert.equal(order.state, "failed", "the state of the order");
      const waitedMs = scene.world.now() - doubtMs;
      assert.ok(
        waitedMs > scene.venue.manifest.createDeadlineMs,
        `given up after ${waitedMs} ms, before createDeadlineMs of the manifest (${scene.venue.manifest.createDeadlineMs} ms)`,
      );
      assert.ok(waitedMs > ON_ITS_WAY_MS, `given up after ${waitedMs} ms, while the order may be on its way`);
      const result = await scene.run(order.done);
      assert.ok(
        !result.ok && result.error instanceof NotFoundError,
        `the order ended with ${result.ok ? "success" : String(result.error)}, expected NotFoundError`,
      );
      assert.equal(scene.named("orderCanceled").length, 0, "the number of orderCanceled events");
      assert.equal(sent().length, 1, "the number of requests that were sent");
    },
  );

  test(
    "an order of which nobody can tell stays unknown, and is found again",
    {
      needs: [...OPEN_ORDER, "configureHttpErrorOrderStatusResponse", "configureOpenOrderStatusResponse"],
    },
    async (scene, f) => {
      const { order, fixture } = await doubtful(scene, f.orderCreationRequestSuccessfulMockResponse, "reset");
      scene.route(f.configureHttpErrorOrderStatusResponse, fixture);
      await scene.world.advance(60_000);
      assert.equal(order.state, "unknown", "the state of the order");
      assert.equal(scene.named("orderFailed").length, 0, "the number of orderFailed events");
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      await scene.until("found", () => order.state === "open");
    },
  );

  test(
    "a private frame is evidence that a doubtful order exists",
    { needs: [...OPEN_ORDER, "configureHttpErrorOrderStatusResponse", "orderEventForNewOrderWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture } = await doubtful(scene, f.orderCreationRequestSuccessfulMockResponse, "reset");
      scene.route(f.configureHttpErrorOrderStatusResponse, fixture);
      await scene.until("unknown", () => order.state === "unknown");
      scene.send(f.orderEventForNewOrderWebsocketUpdate, fixture);
      await scene.until("open", () => order.state === "open");
      assert.equal(order.exchangeOrderId, fixture.exchangeOrderId, "the exchange order id of the order");
    },
  );
}

function cancelTests({ test }: Kit): void {
  test(
    "a cancel whose answer was lost is looked up, and not taken for an end",
    {
      needs: [
        ...OPEN_ORDER,
        "configureSuccessfulCancelationResponse",
        "configureOpenOrderStatusResponse",
        "configureCanceledOrderStatusResponse",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const [cancel] = scene.fill(f.configureSuccessfulCancelationResponse, fixture);
      assert.ok(cancel !== undefined, "configureSuccessfulCancelationResponse has no answer");
      scene.server.on(cancel.method, cancel.path, "reset", { status: 503, text: "<html>" });
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      void scene.connector.cancel(order.clientOrderId);
      await scene.until("a second cancel", () => scene.server.requestsTo(cancel.method, cancel.path).length >= 2);
      assert.equal(order.state, "pendingCancel", "the state of the order");
      assert.equal(scene.named("orderCanceled").length, 0, "the number of orderCanceled events");
      scene.route(f.configureCanceledOrderStatusResponse, fixture);
      await scene.until("canceled", () => order.state === "canceled");
      assert.equal(order.reason, "user", "the reason of the order");
    },
  );
}
