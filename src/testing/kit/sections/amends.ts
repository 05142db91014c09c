import { PerpwireError } from "../../../model/error.ts";
import type { OrderSide } from "../../../model/order.ts";
import { assert } from "../assertion.ts";
import { isNotOffered } from "../fixtures.ts";
import { A_MOMENT_MS, type Fixtures, type Kit, rejection } from "../register.ts";
import { assertAuthenticated, assertRequest } from "../request-shape.ts";
import type { FixtureOrder, Scene } from "../scene.ts";
import type { Answer } from "../scripted-venue.ts";
import { isRecord } from "../template.ts";
import {
  AMEND,
  acknowledgedAmend,
  amendableOrder,
  amended,
  amendUnderWay,
  answerOf,
  FIRST_PRICE,
  later,
  pathOf,
  SECOND_PRICE,
} from "./amend-scene.ts";

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

/** Everything that an amend has to be, whatever the venue makes of it: changed in place, or canceled and replaced. */
export function amendTests(kit: Kit): void {
  kit.describe("amends", () => {
    requestTests(kit);
    refusalTests(kit);
    cancelTests(kit);
    if (isNotOffered(kit.fixtures, "orderEventForAmendedOrderWebsocketUpdate")) replacementTests(kit);
    else {
      inPlaceTests(kit);
      outcomeTests(kit);
    }
  });
}

function requestTests(kit: Kit): void {
  const { test } = kit;
  test(
    "an amend of the price asks for that alone",
    { needs: [...AMEND, "auth", "orderEventForCanceledOrderWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture, after } = await acknowledgedAmend(scene, f);
      const { method, path } = f.amendRequest;
      const request = scene.server.requestsTo(method, scene.fill(path, fixture)).at(-1);
      assertRequest(scene, request, f.amendRequest, { order: { ...fixture, price: FIRST_PRICE }, auth: f.auth });
      assertAuthenticated(scene, request, f.auth);
      // Orders that were replaced may still fill until the venue says that they have ended.
      if (after.exchangeOrderId !== fixture.exchangeOrderId) {
        scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
        await scene.world.advance(A_MOMENT_MS);
      }
      assert.equal(order.targetPrice?.toFixed(), FIRST_PRICE, "the target price of the order");
      assert.equal(order.state, "open", "the state of the order");
      assert.equal(order.openAmount.toFixed(), "1", "the open amount of the order");
      assert.deepEqual(scene.named("orderAmendFailed"), [], "orderAmendFailed events");
    },
  );

  for (const side of ["buy", "sell"] as const) amountTest(kit, side);
}

function amountTest({ test }: Kit, side: OrderSide): void {
  test(
    side === "buy"
      ? "an amend of the amount of an order that is partly filled leaves it that amount in all"
      : "an amend of the amount of a sale that is partly filled leaves it that amount in all",
    { needs: [...AMEND, "auth", "amendAmountRequest", "tradeEventForPartialFillWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture } = await scene.openOrder({ side });
      scene.send(f.tradeEventForPartialFillWebsocketUpdate, fixture);
      await scene.until("a part has filled", () => order.executedAmount.toFixed() === "0.5");
      const rest = scene.venue.manifest.amendStyle === "replace" ? "0.3" : "0.8";
      const after = amended(scene, fixture, { amount: rest }, f.expectedExchangeOrderIds);
      const { method, path } = f.amendAmountRequest;
      const executed = after.exchangeOrderId === fixture.exchangeOrderId ? "0.5" : "0";
      const answer = answerOf(scene, f.configureSuccessfulAmendResponse, after, later(scene, 1, executed));
      scene.server.on(method, pathOf(scene, path, fixture), answer);
      await scene.run(scene.connector.amend(order.clientOrderId, { amount: "0.8" }));
      const request = scene.server.requestsTo(method, scene.fill(path, fixture)).at(-1);
      assertRequest(scene, request, f.amendAmountRequest, { order: { ...fixture, amount: "0.8" }, auth: f.auth });
      assert.equal(order.targetAmount.toFixed(), "0.8", "the target amount of the order");
      assert.equal(order.executedAmount.toFixed(), "0.5", "the executed amount of the order");
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
      assert.ok(error instanceof PerpwireError, `${String(error)} is no PerpwireError`);
      assert.equal(error.outcome, "definite", "the outcome of the error");
      await scene.world.advance(A_MOMENT_MS);
      const terms = [order.price, order.targetPrice, order.amount, order.openAmount].map((each) => each?.toFixed());
      assert.deepEqual(terms, ["5000", "5000", "1", "1"], "the terms");
      assert.equal(order.state, "open", "the state of the order");
      assert.deepEqual(scene.named("orderAmended"), [], "orderAmended events");
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
      const { order, fixture, after, answer } = await amendUnderWay(scene, f);
      if (!f.isCancelRequestExecutedSynchronouslyByServer) {
        scene.route(f.configureSuccessfulCancelationResponse, fixture);
        scene.route(f.configureSuccessfulCancelationResponse, after);
      }
      const canceling = scene.connector.cancel(order.clientOrderId, 30_000);
      await scene.world.advance(A_MOMENT_MS);
      if (f.isCancelRequestExecutedSynchronouslyByServer) {
        scene.route(f.configureSuccessfulCancelationResponse, after);
      }
      answer();
      if (after.exchangeOrderId !== fixture.exchangeOrderId) {
        scene.send(f.orderEventForNewOrderWebsocketUpdate, after);
        scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
      }
      const { method: cancel, path: cancelPath } = f.orderCancelationRequest;
      const sent = () => scene.server.requestsTo(cancel, scene.fill(cancelPath, after)).length > 0;
      await scene.until("the cancel of what the amend made", sent);
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, after);
      const { success } = await scene.run(canceling);
      assert.equal(success, true, "whether the cancel succeeded");
      assert.deepEqual(
        [order.state, order.openAmount.toFixed()],
        ["canceled", "0"],
        "the state of the order and open amount of the order",
      );
      assert.equal(scene.connector.inFlightOrders.size, 0, "the number of orders in flight");
      assert.equal(scene.named("orderCanceled").length, 1, "the number of orderCanceled events");
      assert.deepEqual(scene.named("externalOrder"), [], "externalOrder events");
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
      const [first, second] = [Promise.withResolvers<Answer>(), Promise.withResolvers<Answer>()];
      const answers = [first.promise, second.promise];
      const { order, fixture, requests } = await amendableOrder(scene, f, () => answers);
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
      assert.deepEqual(
        [order.price?.toFixed(), order.targetPrice?.toFixed()],
        [SECOND_PRICE, SECOND_PRICE],
        "the price of the order and target price of the order",
      );
      assert.equal(order.openAmount.toFixed(), "1", "the open amount of the order");
      assert.equal(
        scene.named("orderAmended").at(-1)?.price?.toFixed(),
        SECOND_PRICE,
        "the price of the last orderAmended event",
      );
      assert.deepEqual(scene.named("orderAmendFailed"), [], "orderAmendFailed events");
    },
  );

  test(
    "an amend that another hand's change came on top of is believed as the venue shows it",
    {
      needs: IN_PLACE,
    },
    async (scene, f) => {
      const { order, fixture } = await acknowledgedAmend(scene, f);
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
      assert.deepEqual(
        [order.price?.toFixed(), order.targetPrice?.toFixed()],
        ["4970", "4970"],
        "the price of the order and target price of the order",
      );
      assert.equal(
        scene.named("orderAmended").at(-1)?.price?.toFixed(),
        "4970",
        "the price of the last orderAmended event",
      );
    },
  );

  test(
    "an amend that was acknowledged and that the order's row shows was not done is not believed",
    {
      needs: IN_PLACE,
    },
    async (scene, f) => {
      const { order, fixture } = await acknowledgedAmend(scene, f);
      scene.route(f.configureAmendedOrderStatusResponse, fixture, later(scene, 5));
      scene.route(f.configureOpenOrdersResponse, fixture);
      const told = () => scene.named("orderAmendFailed").length + scene.named("orderAmended").length;
      const isRight = () => order.price?.toFixed() === "5000" && order.targetPrice?.toFixed() === "5000";
      await scene.world.advance(1_000);
      scene.server.sendPrivate(scene.fill(f.orderEventForAmendedOrderWebsocketUpdate, fixture, later(scene, 5)));
      await scene.until("the truth", isRight);
      assert.ok(told() > 0, "nobody was told");
      assert.deepEqual(
        [order.state, order.openAmount.toFixed()],
        ["open", "1"],
        "the state of the order and open amount of the order",
      );
    },
  );
}

function outcomeTests({ test }: Kit): void {
  test(
    "the answer to an amend changes the terms only where it is more than an acknowledgement",
    { needs: [...IN_PLACE, "isAmendRequestExecutedSynchronouslyByServer"] },
    async (scene, f) => {
      const { order, fixture, after } = await acknowledgedAmend(scene, f);
      await scene.world.advance(A_MOMENT_MS);
      const isDone = f.isAmendRequestExecutedSynchronouslyByServer;
      assert.equal(order.price?.toFixed(), isDone ? FIRST_PRICE : fixture.price, "the price of the order");
      assert.equal(order.targetPrice?.toFixed(), FIRST_PRICE, "the target price of the order");
      assert.equal(scene.named("orderAmended").length, isDone ? 1 : 0, "the number of orderAmended events");
      const row = scene.fill(f.orderEventForAmendedOrderWebsocketUpdate, after, later(scene, 1));
      scene.server.sendPrivate(row, row);
      await scene.until("the row", () => scene.named("orderAmended").length > 0);
      await scene.world.advance(A_MOMENT_MS);
      assert.equal(order.price?.toFixed(), FIRST_PRICE, "the price of the order");
      assert.equal(scene.named("orderAmended").length, 1, "the number of orderAmended events");
      assert.deepEqual(scene.named("orderAmendFailed"), [], "orderAmendFailed events");
    },
  );

  const needs = [...AMEND, "orderEventForFailedAmendWebsocketUpdate"] as const;

  test(
    "an amend that fails after its acknowledgement is told as failed, and the terms stay the venue's",
    { needs },
    async (scene, f) => {
      const { order, fixture } = await acknowledgedAmend(scene, f);
      sendFailure(scene, f, fixture);
      sendFailure(scene, f, fixture);
      await scene.world.advance(A_MOMENT_MS);
      const told = scene.named("orderAmendFailed").map((each) => [each.clientOrderId, each.asked.price?.toFixed()]);
      assert.deepEqual(told, [[order.clientOrderId, FIRST_PRICE]], "what was told");
      assert.deepEqual(
        [order.price?.toFixed(), order.targetPrice?.toFixed()],
        ["5000", "5000"],
        "the price of the order and target price of the order",
      );
      assert.deepEqual(
        [order.state, order.openAmount.toFixed()],
        ["open", "1"],
        "the state of the order and open amount of the order",
      );
      assert.deepEqual(scene.named("orderAmended"), [], "orderAmended events");
      assert.equal(scene.connector.inFlightOrders.size, 1, "the number of orders in flight");
    },
  );

  test(
    "an amend that fails after its acknowledgement does not take the next one with it",
    { needs: [...needs, "orderEventForAmendedOrderWebsocketUpdate"] },
    async (scene, f) => {
      const { order, fixture } = await acknowledgedAmend(scene, f);
      const [first] = scene.server.requestsTo(f.amendRequest.method, pathOf(scene, f.amendRequest.path, fixture));
      await scene.run(scene.connector.amend(order.clientOrderId, { price: SECOND_PRICE }));
      sendFailure(scene, f, fixture, first);
      await scene.world.advance(A_MOMENT_MS);
      const failed = () => scene.named("orderAmendFailed").map(({ asked }) => asked.price?.toFixed());
      assert.deepEqual(failed(), [FIRST_PRICE], "what failed");
      assert.equal(order.targetPrice?.toFixed(), SECOND_PRICE, "the target price of the order");
      const after = { ...fixture, price: SECOND_PRICE };
      scene.server.sendPrivate(scene.fill(f.orderEventForAmendedOrderWebsocketUpdate, after, later(scene, 3)));
      await scene.world.advance(A_MOMENT_MS);
      assert.deepEqual(
        [order.price?.toFixed(), order.targetPrice?.toFixed()],
        [SECOND_PRICE, SECOND_PRICE],
        "the price of the order and target price of the order",
      );
      assert.deepEqual(
        scene.named("orderAmended").map(({ price }) => price?.toFixed()),
        [SECOND_PRICE],
        "what was named",
      );
      assert.deepEqual(failed(), [FIRST_PRICE], "what failed");
    },
  );
}

/** The frame that tells that an amend was not done, by default the last one that was sent. */
function sendFailure(
  scene: Scene,
  f: Fixtures<"amendRequest" | "orderEventForFailedAmendWebsocketUpdate">,
  order: FixtureOrder,
  amend = scene.server.requestsTo(f.amendRequest.method, pathOf(scene, f.amendRequest.path, order)).at(-1),
): void {
  const request = { ...amend?.params, ...(isRecord(amend?.body) ? amend.body : {}) };
  const more = { ...later(scene, 2), request };
  scene.server.sendPrivate(scene.fill(f.orderEventForFailedAmendWebsocketUpdate, order, more));
}

function replacementTests({ test }: Kit): void {
  test(
    "a replacement that the stream tells before the answer is the same order, and the next amend is of it",
    {
      needs: REPLACING,
    },
    async (scene, f) => {
      const { order, fixture, after, amending, answer } = await amendUnderWay(scene, f);
      const { method, path } = f.amendRequest;
      scene.server.on(method, scene.fill(path, after), "silence");
      scene.connector.amend(order.clientOrderId, { price: SECOND_PRICE }).catch(() => undefined);
      scene.send(f.orderEventForCanceledOrderWebsocketUpdate, fixture);
      scene.send(f.orderEventForNewOrderWebsocketUpdate, after);
      await scene.world.advance(A_MOMENT_MS);
      assert.equal(order.isDone, false, "the end of what was replaced is not the end of the order");
      answer();
      await scene.run(amending);
      await scene.until("the next amend", () => scene.server.requestsTo(method, scene.fill(path, after)).length === 1);
      assert.deepEqual(
        [order.price?.toFixed(), order.targetPrice?.toFixed()],
        [FIRST_PRICE, SECOND_PRICE],
        "the price of the order and target price of the order",
      );
      assert.deepEqual(
        [order.exchangeOrderId, order.state],
        [after.exchangeOrderId, "open"],
        "the exchange order id of the order and state of the order",
      );
      assert.deepEqual(scene.named("externalOrder"), [], "externalOrder events");
      assert.deepEqual(scene.named("orderCanceled"), [], "orderCanceled events");
    },
  );
}
