import type { OrderUpdate, TradeUpdate } from "../../../model/account-update.ts";
import type { OrderSide, VenueOrderState } from "../../../model/order.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import { COMPONENTS, type Kit } from "../register.ts";
import type { FixtureOrder, Scene } from "../scene.ts";
import { assertFill, assertOrderUpdate, FILL } from "./facts.ts";

const EVENTS = [
  ["orderEventForNewOrderWebsocketUpdate", "open"],
  ["orderEventForPartialFillWebsocketUpdate", "partiallyFilled"],
  ["orderEventForFullFillWebsocketUpdate", "filled"],
  ["orderEventForCanceledOrderWebsocketUpdate", "canceled"],
] as const;
const TRADES = ["tradeEventForPartialFillWebsocketUpdate", "tradeEventForFullFillWebsocketUpdate"] as const;
const SIDES: readonly OrderSide[] = ["buy", "sell"];

function orderOf(scene: Scene, exchangeOrderId: string, side: OrderSide): FixtureOrder {
  return { clientOrderId: scene.foreignClientOrderId("kit-1"), exchangeOrderId, side, amount: "1", price: "5000" };
}

/** Updates in a private frame, read without the engine. */
function updatesOf(scene: Scene, frame: unknown, order: FixtureOrder) {
  const { markets } = createComponents(scene);
  const source = scene.venue.userStreamDataSource;
  const message: unknown = JSON.parse(JSON.stringify(scene.fill(frame, order)));
  assert.equal(source.channelOriginatingMessage(message), "update", "the kind of the message");
  return source.parseUserStreamMessage(markets, message);
}

/** Everything that a private frame says is read. */
export function privateFrameTests(kit: Kit): void {
  for (const [name, state] of EVENTS) orderFrameTest(kit, name, state);
  for (const side of SIDES) for (const name of TRADES) tradeFrameTest(kit, name, side);
}

function orderFrameTest({ test, fixtures }: Kit, name: (typeof EVENTS)[number][0], state: VenueOrderState): void {
  const { tradingPair } = fixtures;
  test(
    `a frame that says ${state} is read with its amounts, ids and times`,
    {
      needs: [
        ...COMPONENTS,
        name,
        "expectedExchangeOrderId",
        "expectedPartialFillAmount",
        "expectedPartialFillPrice",
        "expectedOrderTimestamps",
      ],
    },
    async (scene, f) => {
      const order = orderOf(scene, f.expectedExchangeOrderId, "sell");
      const updates = updatesOf(scene, f[name], order).filter((each): each is OrderUpdate => each.type === "order");
      assert.equal(updates.length, 1, "the number of updates");
      const [update = assert.fail("the frame tells no order")] = updates;
      const executed = { filled: "1", partiallyFilled: f.expectedPartialFillAmount };
      const isExecuted = state === "filled" || state === "partiallyFilled";
      assertOrderUpdate(update, order, {
        state,
        tradingPair,
        executedAmount: isExecuted ? executed[state] : "0",
        averagePrice:
          isExecuted && fixtures.orderRowsHaveAveragePrice !== false ? f.expectedPartialFillPrice : undefined,
        updatedMs: f.expectedOrderTimestamps.updatedMs,
      });
      const told = update.order;
      if (told === undefined) return;
      const { side, type, reduceOnly, amount, price } = told;
      assert.deepEqual(
        { side, type, reduceOnly, amount: amount.toFixed(), price: price?.toFixed() },
        { side: "sell", type: "limit", reduceOnly: false, amount: "1", price: "5000" },
        "the terms of the order in the frame",
      );
    },
  );
}

function tradeFrameTest(
  { test, fixtures: { tradingPair } }: Kit,
  name: (typeof TRADES)[number],
  side: OrderSide,
): void {
  const isPartial = name === "tradeEventForPartialFillWebsocketUpdate";
  test(
    `a frame of a ${isPartial ? "partial" : "full"} fill of an order to ${side} is read as it is`,
    { needs: [...COMPONENTS, ...FILL, name, "expectedExchangeOrderId", "expectedPartialFillAmount"] },
    async (scene, f) => {
      const order = orderOf(scene, f.expectedExchangeOrderId, side);
      const trades = updatesOf(scene, f[name], order).filter((each): each is TradeUpdate => each.type === "trade");
      assert.equal(trades.length, 1, "the number of fills");
      const [trade] = trades;
      assertFill(trade, f, { side, amount: isPartial ? f.expectedPartialFillAmount : "1", tradingPair });
      assert.equal(trade?.exchangeOrderId, order.exchangeOrderId, "the exchange order id of the trade");
      assert.ok(
        trade?.clientOrderId === undefined || trade.clientOrderId === order.clientOrderId,
        `the fill names the client order id ${trade?.clientOrderId}, expected ${order.clientOrderId}`,
      );
      assert.notEqual(trade?.liquidation, true, "the liquidation of the trade");
    },
  );
}
