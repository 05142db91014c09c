import type { OrderUpdate, TradeUpdate } from "../../../model/account-update.ts";
import type { ConnectorEvents, OrderEvent } from "../../../model/event.ts";
import type { VenueOrderState } from "../../../model/order.ts";
import type { InFlightOrder } from "../../../trading/in-flight-order.ts";
import { assert } from "../assertion.ts";
import type { Fixtures } from "../register.ts";
import type { FixtureOrder, Scene } from "../scene.ts";

/** Fixtures about every fill. */
export const FILL = [
  "expectedPartialFillPrice",
  "expectedFillFee",
  "expectedFillTradeId",
  "expectedFillIsMaker",
  "expectedFillTimestampMs",
] as const;
export type FillFixtures = Fixtures<(typeof FILL)[number]>;

type Filled = ConnectorEvents["orderFilled"];

/** One fill of the order was reported, with everything that the venue said of it. */
export function assertFilledOnce(
  scene: Scene,
  f: FillFixtures,
  { side, amount }: Pick<FixtureOrder, "side" | "amount">,
): void {
  const fills = scene.named("orderFilled");
  assert.equal(fills.length, 1, `${fills.length} fills were reported`);
  assertFill(fills[0], f, { side, amount, tradingPair: scene.fixtures.tradingPair });
}

/** `amount` is that of the fill. */
export function assertFill(
  fill: Filled | TradeUpdate | undefined,
  f: FillFixtures,
  expected: { readonly side: string; readonly amount: string; readonly tradingPair: string },
): void {
  assert.ok(fill !== undefined, "no fill was told");
  const fees = fill.fee.flatFees.map(({ token, amount }) => ({ token, amount: amount.toFixed() }));
  assert.deepEqual(
    {
      fillId: fill.fillId,
      tradingPair: fill.tradingPair,
      side: fill.side,
      price: fill.price.toFixed(),
      amount: fill.amount.toFixed(),
      isMaker: fill.isMaker,
      timestampMs: fill.timestampMs,
      fees,
    },
    {
      ...expected,
      fillId: f.expectedFillTradeId,
      price: f.expectedPartialFillPrice,
      isMaker: f.expectedFillIsMaker,
      timestampMs: f.expectedFillTimestampMs,
      fees: [f.expectedFillFee],
    },
    "the fill",
  );
}

/** Asserts the content of a status, or of an order event. */
export function assertOrderUpdate(
  update: OrderUpdate,
  order: FixtureOrder,
  expected: {
    readonly state: VenueOrderState;
    readonly executedAmount: string;
    readonly averagePrice: string | undefined;
    readonly updatedMs: number;
    readonly tradingPair: string;
  },
): void {
  const { averagePrice = update.averagePrice?.toFixed(), updatedMs: timestampMs, ...others } = expected;
  assert.deepEqual(
    {
      tradingPair: update.tradingPair,
      exchangeOrderId: update.exchangeOrderId,
      clientOrderId: update.clientOrderId,
      state: update.state,
      executedAmount: update.executedAmount?.toFixed(),
      averagePrice: update.averagePrice?.toFixed(),
      timestampMs: update.timestampMs,
    },
    {
      exchangeOrderId: order.exchangeOrderId,
      clientOrderId: order.clientOrderId,
      ...others,
      averagePrice,
      timestampMs,
    },
    "what is told of the order",
  );
}

/** One event names the order by both of its ids, and says what it was. */
export function assertNames(
  events: readonly OrderEvent[],
  { clientOrderId, tradingPair, side, type: orderType }: InFlightOrder,
  { exchangeOrderId }: Pick<FixtureOrder, "exchangeOrderId">,
): void {
  const told = events.map((event) => {
    const { clientOrderId: id, exchangeOrderId: venueId, tradingPair: pair, side: ofSide, orderType: type } = event;
    return { clientOrderId: id, exchangeOrderId: venueId, tradingPair: pair, side: ofSide, orderType: type };
  });
  assert.deepEqual(told, [{ clientOrderId, exchangeOrderId, tradingPair, side, orderType }], "what was told");
}

/** Every id came, once, in the order that the fixtures give. */
export function assertIds(
  ids: readonly string[],
  expected: readonly string[] | { readonly count: number; readonly first: string; readonly last: string },
): void {
  assert.equal(new Set(ids).size, ids.length, "an id came twice");
  if (!("count" in expected)) assert.deepEqual(ids, expected, "the ids");
  else
    assert.deepEqual(
      { count: ids.length, first: ids[0], last: ids.at(-1) },
      expected,
      "number, first and last of the ids",
    );
}
