import assert from "node:assert/strict";
import { PerpwireError } from "../../../model/error.ts";
import type { Routes } from "../fixture-shapes.ts";
import { isNotOffered } from "../fixtures.ts";
import { A_MOMENT_MS, type Kit, OPEN_ORDER, rejection } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import type { FixtureOrder, Scene } from "../scene.ts";
import type { Answer } from "../scripted-venue.ts";

const AMEND = [
  ...OPEN_ORDER,
  "amendRequest",
  "configureSuccessfulAmendResponse",
  "expectedExchangeOrderIds",
  "configureOpenOrderStatusResponse",
] as const;
const IN_PLACE = [
  ...AMEND,
  "orderEventForAmendedOrderWebsocketUpdate",
  "configureAmendedOrderStatusResponse",
  "configureOpenOrdersResponse",
] as const;
const REPLACING = [
  ...AMEND,
  "orderEventForNewOrderWebsocketUpdate",
  "orderEventForCanceledOrderWebsocketUpdate",
] as const;
const FIRST_PRICE = "4990";
const SECOND_PRICE = "4980";

/** What the venue holds once the amend is done: the order itself, or the one that replaces it. */
function amended(scene: Scene, before: FixtureOrder, changes: Partial<FixtureOrder>, ids: readonly string[]) {
  if (scene.venue.manifest.amendStyle !== "replace") return { ...before, ...changes };
  const [, exchangeOrderId = assert.fail("there is no second id")] = ids;
  return { ...before, ...changes, exchangeOrderId, clientOrderId: `${before.clientOrderId}-a1` };
}

/** Later than everything that the venue's other payloads tell. */
function later(scene: Scene, times: number, executedAmount = "0") {
  return { updatedMs: scene.fixtures.startMs + 1_000 + 100 * times, executedAmount };
}

function answerOf(scene: Scene, routes: Routes, order: FixtureOrder, more = later(scene, 1)): Answer {
  const [{ status, body } = assert.fail("there is no answer")] = scene.fill(routes, order, more);
  return { status, body };
}

const isFor = (scene: Scene, path: string, order: FixtureOrder): RegExp => {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(`^${literal(scene.fill(path, order)).replace(literal(order.exchangeOrderId), "[^/]+")}$`);
};

/** Everything that an amend has to be, whatever the venue makes of it: changed in place, or canceled and replaced. */
export function amendTests(kit: Kit): void {
  kit.describe("amends", () => {
    requestTests(kit);
    refusalTests(kit);
    cancelTests(kit);
    if (isNotOffered(kit.fixtures, "orderEventForAmendedOrderWebsocketUpdate")) replacementTests(kit);
    else inPlaceTests(kit);
  });
}

function requestTests({ test }: Kit): void {
  test(
    "an amend of the price asks for that alone",
    { needs: [...AMEND, "auth", "orderEventForCanceledOrderWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const after = amended(scene, fixture, { price: FIRST_PRICE }, f.expectedExchangeOrderIds);
      const { method, path } = f.amendRequest;
      scene.server.on(method, isFor(scene, path, fixture), answerOf(scene, f.configureSuccessfulAmendResponse, after));
      await scene.run(scene.connector.amend(order.clientOrderId, { price: FIRST_PRICE }));
      const request = scene.server.requestsTo(method, scene.fill(path, fixture)).at(-1);
      assertRequest(scene, request, f.amendRequest, { order: { ...fixture, price: FIRST_PRICE }, auth: f.auth });
      assertAuthenticated(scene, request, f.auth);
      // What was replaced may still fill until the venue says that it has ended.
      if (after.exchangeOrderId !== fixture.exchangeOrderId) {
        scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
        await scene.world.advance(A_MOMENT_MS);
      }
      assert.equal(order.targetPrice?.toFixed(), FIRST_PRICE);
      assert.equal(order.state, "open");
      assert.equal(order.openAmount.toFixed(), "1");
      assert.deepEqual(scene.named("orderAmendFailed"), []);
    },
  );

  test(
    "an amend of the amount of an order that is partly filled leaves it that amount in all",
    { needs: [...AMEND, "auth", "amendAmountRequest", "tradeEventForPartialFillWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.send(f.tradeEventForPartialFillWebsocketUpdate, fixture);
      await scene.until("a part has filled", () => order.executedAmount.toFixed() === "0.5");
      const rest = scene.venue.manifest.amendStyle === "replace" ? "0.3" : "0.8";
      const after = amended(scene, fixture, { amount: rest }, f.expectedExchangeOrderIds);
      const { method, path } = f.amendAmountRequest;
      const executed = after.exchangeOrderId === fixture.exchangeOrderId ? "0.5" : "0";
      const answer = answerOf(scene, f.configureSuccessfulAmendResponse, after, later(scene, 1, executed));
      scene.server.on(method, isFor(scene, path, fixture), answer);
      await scene.run(scene.connector.amend(order.clientOrderId, { amount: "0.8" }));
      const request = scene.server.requestsTo(method, scene.fill(path, fixture)).at(-1);
      assertRequest(scene, request, f.amendAmountRequest, { order: { ...fixture, amount: "0.8" }, auth: f.auth });
      assert.equal(order.targetAmount.toFixed(), "0.8");
      assert.equal(order.executedAmount.toFixed(), "0.5");
    },
  );
}

function refusalTests({ test }: Kit): void {
  test(
    "an amend that is refused leaves the order as it was",
    { needs: [...AMEND, "configureRefusedAmendResponse"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      scene.route(f.configureOpenOrderStatusResponse, fixture);
      scene.route(f.configureRefusedAmendResponse, fixture);
      const amending = scene.connector.amend(order.clientOrderId, { price: FIRST_PRICE, amount: "2" });
      const error = await rejection(scene, amending);
      assert.ok(error instanceof PerpwireError);
      assert.equal(error.outcome, "definite");
      await scene.world.advance(A_MOMENT_MS);
      const terms = [order.price, order.targetPrice, order.amount, order.openAmount].map((each) => each?.toFixed());
      assert.deepEqual(terms, ["5000", "5000", "1", "1"]);
      assert.equal(order.state, "open");
      assert.deepEqual(scene.named("orderAmended"), []);
    },
  );
}

function cancelTests({ test }: Kit): void {
  test(
    "a cancel while an amend is under way ends what the amend made",
    {
      needs: [
        ...REPLACING,
        "orderCancelationRequest",
        "configureSuccessfulCancelationResponse",
        "isCancelRequestExecutedSynchronouslyByServer",
      ],
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const after = amended(scene, fixture, { price: FIRST_PRICE }, f.expectedExchangeOrderIds);
      const { promise, resolve: open } = Promise.withResolvers<Answer>();
      const { method, path } = f.amendRequest;
      scene.server.on(method, isFor(scene, path, fixture), () => promise);
      if (!f.isCancelRequestExecutedSynchronouslyByServer) {
        scene.route(f.configureSuccessfulCancelationResponse, fixture);
        scene.route(f.configureSuccessfulCancelationResponse, after);
      }
      scene.connector.amend(order.clientOrderId, { price: FIRST_PRICE }).catch(() => undefined);
      await scene.until("the amend", () => scene.server.requestsTo(method, isFor(scene, path, fixture)).length === 1);
      const canceling = scene.connector.cancel(order.clientOrderId, 30_000);
      await scene.world.advance(A_MOMENT_MS);
      if (f.isCancelRequestExecutedSynchronouslyByServer) {
        scene.route(f.configureSuccessfulCancelationResponse, after);
      }
      open(answerOf(scene, f.configureSuccessfulAmendResponse, after));
      if (after.exchangeOrderId !== fixture.exchangeOrderId) {
        scene.send(f.orderEventForNewOrderWebsocketUpdate, after);
        scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
      }
      const { method: cancel, path: cancelPath } = f.orderCancelationRequest;
      const sent = () => scene.server.requestsTo(cancel, scene.fill(cancelPath, after)).length > 0;
      await scene.until("the cancel of what the amend made", sent);
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, after);
      const { success } = await scene.run(canceling);
      assert.equal(success, true);
      assert.deepEqual([order.state, order.openAmount.toFixed()], ["canceled", "0"]);
      assert.equal(scene.connector.inFlightOrders.size, 0);
      assert.equal(scene.named("orderCanceled").length, 1);
      assert.deepEqual(scene.named("externalOrder"), []);
    },
  );
}

function inPlaceTests({ test }: Kit): void {
  test(
    "two amends in flight whose answers and rows come swapped end at the later one",
    {
      needs: IN_PLACE,
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const [first, second] = [Promise.withResolvers<Answer>(), Promise.withResolvers<Answer>()];
      const { method, path } = f.amendRequest;
      const waiting = [first.promise, second.promise];
      const answer = () => waiting.shift() ?? assert.fail("a third amend was sent");
      scene.server.on(method, isFor(scene, path, fixture), answer);
      const requests = () => scene.server.requestsTo(method, isFor(scene, path, fixture)).length;
      const amends = [FIRST_PRICE, SECOND_PRICE].map((price) => scene.connector.amend(order.clientOrderId, { price }));
      await scene.until("both requests", () => requests() === 2);
      const told = (price: string, times: number) => ({
        answer: answerOf(scene, f.configureSuccessfulAmendResponse, { ...fixture, price }, later(scene, times)),
        row: scene.fill(f.orderEventForAmendedOrderWebsocketUpdate, { ...fixture, price }, later(scene, times)),
      });
      const [older, newer] = [told(FIRST_PRICE, 1), told(SECOND_PRICE, 2)];
      second.resolve(newer.answer);
      await scene.world.advance(A_MOMENT_MS);
      scene.server.sendPrivate(newer.row);
      first.resolve(older.answer);
      await scene.world.advance(A_MOMENT_MS);
      scene.server.sendPrivate(older.row);
      await scene.run(Promise.all(amends));
      await scene.world.advance(A_MOMENT_MS);
      assert.deepEqual([order.price?.toFixed(), order.targetPrice?.toFixed()], [SECOND_PRICE, SECOND_PRICE]);
      assert.equal(order.openAmount.toFixed(), "1");
      assert.equal(scene.named("orderAmended").at(-1)?.price?.toFixed(), SECOND_PRICE);
      assert.deepEqual(scene.named("orderAmendFailed"), []);
    },
  );

  test(
    "an amend that another hand's change came on top of is believed as the venue shows it",
    {
      needs: IN_PLACE,
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const { method, path } = f.amendRequest;
      const after = { ...fixture, price: FIRST_PRICE };
      scene.server.on(method, isFor(scene, path, fixture), answerOf(scene, f.configureSuccessfulAmendResponse, after));
      await scene.run(scene.connector.amend(order.clientOrderId, { price: FIRST_PRICE }));
      for (const [price, times] of [
        [FIRST_PRICE, 1],
        ["4970", 2],
      ] as const) {
        const frame = scene.fill(
          f.orderEventForAmendedOrderWebsocketUpdate,
          { ...fixture, price },
          later(scene, times),
        );
        scene.server.sendPrivate(frame);
      }
      await scene.world.advance(A_MOMENT_MS);
      assert.deepEqual([order.price?.toFixed(), order.targetPrice?.toFixed()], ["4970", "4970"]);
      assert.equal(scene.named("orderAmended").at(-1)?.price?.toFixed(), "4970");
    },
  );

  test(
    "an amend that was acknowledged and that the order's row shows was not done is not believed",
    {
      needs: IN_PLACE,
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const { method, path } = f.amendRequest;
      const after = { ...fixture, price: FIRST_PRICE };
      scene.server.on(method, isFor(scene, path, fixture), answerOf(scene, f.configureSuccessfulAmendResponse, after));
      await scene.run(scene.connector.amend(order.clientOrderId, { price: FIRST_PRICE }));
      scene.route(f.configureAmendedOrderStatusResponse, fixture, later(scene, 5));
      scene.route(f.configureOpenOrdersResponse, fixture);
      const told = () => scene.named("orderAmendFailed").length + scene.named("orderAmended").length;
      const isRight = () => order.price?.toFixed() === "5000" && order.targetPrice?.toFixed() === "5000";
      await scene.world.advance(1_000);
      scene.server.sendPrivate(scene.fill(f.orderEventForAmendedOrderWebsocketUpdate, fixture, later(scene, 5)));
      await scene.until("the truth", isRight);
      assert.ok(told() > 0, "nobody was told");
      assert.deepEqual([order.state, order.openAmount.toFixed()], ["open", "1"]);
    },
  );
}

function replacementTests({ test }: Kit): void {
  test(
    "a replacement that the stream tells before the answer is the same order, and the next amend is of it",
    {
      needs: REPLACING,
    },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder();
      const after = amended(scene, fixture, { price: FIRST_PRICE }, f.expectedExchangeOrderIds);
      const { promise, resolve: open } = Promise.withResolvers<Answer>();
      const { method, path } = f.amendRequest;
      scene.server.on(method, scene.fill(path, fixture), () => promise);
      scene.server.on(method, scene.fill(path, after), "silence");
      const amending = scene.connector.amend(order.clientOrderId, { price: FIRST_PRICE });
      await scene.until("the amend", () => scene.server.requestsTo(method, scene.fill(path, fixture)).length === 1);
      scene.connector.amend(order.clientOrderId, { price: SECOND_PRICE }).catch(() => undefined);
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
      scene.send(f.orderEventForNewOrderWebsocketUpdate, after);
      await scene.world.advance(A_MOMENT_MS);
      assert.equal(order.isDone, false, "the end of what was replaced is not the end of the order");
      open(answerOf(scene, f.configureSuccessfulAmendResponse, after));
      await scene.run(amending);
      await scene.until("the next amend", () => scene.server.requestsTo(method, scene.fill(path, after)).length === 1);
      assert.deepEqual([order.price?.toFixed(), order.targetPrice?.toFixed()], [FIRST_PRICE, SECOND_PRICE]);
      assert.deepEqual([order.exchangeOrderId, order.state], [after.exchangeOrderId, "open"]);
      assert.deepEqual(scene.named("externalOrder"), []);
      assert.deepEqual(scene.named("orderCanceled"), []);
    },
  );
}
