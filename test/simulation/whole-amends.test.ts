import { expect, it } from "vitest";
import { decimal } from "../../src/model/decimal.ts";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { compareOrders } from "../../src/simulation/sections.ts";
import type { VenueOrderTruth, VenueTruth } from "../../src/simulation/venue-truth.ts";
import { withWholeAmends } from "../../src/simulation/whole-amends.ts";

const PROTOCOL = BOX_PROTOCOLS.hyperliquid_perpetual;
const CLIENT_ID = "0x9bc29fb4240f0ea9000000000000000f";
const AMENDED_ID = "0x9bc29fb4240f0ea9000001000000000f";

const leg = (changes: Partial<VenueOrderTruth>): VenueOrderTruth => ({
  ...{ orderId: "1", clientId: CLIENT_ID, market: "BTC-USD", side: "sell", status: "closed", reason: "user" },
  ...{ price: decimal("20000"), size: decimal("0.12"), filled: decimal("0"), filledCost: decimal("0") },
  ...changes,
});
const truthOf = (...orders: VenueOrderTruth[]): VenueTruth => ({
  ...{ cash: decimal("0"), equity: decimal("0"), orders, fills: [], positions: [], fundingPayments: [] },
});
const asTuple = ({ orders }: VenueTruth) =>
  orders.map(({ orderId, price, size, reason }) => [orderId, price?.toFixed(), size.toFixed(), reason]);

it("an order that an amend was to make and the venue refused is none: the one before it ended at its own terms", () => {
  const refused = { orderId: "2", clientId: AMENDED_ID, reason: "postOnly", price: decimal("19999") } as const;
  const whole = withWholeAmends(truthOf(leg({}), leg(refused)), PROTOCOL);
  expect(asTuple(whole)).toEqual([["1", "20000", "0.12", "user"]]);
});

it("an order that an amend made and that ended by itself is the last leg", () => {
  const ended = { orderId: "2", clientId: AMENDED_ID, price: decimal("19999") } as const;
  const whole = withWholeAmends(truthOf(leg({}), leg(ended)), PROTOCOL);
  expect(asTuple(whole)).toEqual([["2", "19999", "0.12", "user"]]);
});

// Hyperliquid, hell, seed 2: the answer that refuses an immediate order has no id, and the row of the stream was lost.
it("an order that an answer refused without its id needs none, unless it is said to have lived", () => {
  const own = (state: "failed" | "canceled") => ({
    ...{ clientOrderId: CLIENT_ID, exchangeOrderId: undefined, tradingPair: "BTC-USD", side: "sell" as const, state },
    ...{ price: decimal("20000"), amount: decimal("0.12"), executedAmount: decimal("0"), averagePrice: undefined },
    fees: new Map(),
  });
  const fieldsOf = (state: "failed" | "canceled", protocol: Parameters<typeof compareOrders>[3] = PROTOCOL) =>
    compareOrders([own(state)], [], truthOf(leg({ reason: "iocRemainder" })), protocol).differences.map(
      ({ field }) => field,
    );
  expect(fieldsOf("failed")).toEqual([]);
  expect(fieldsOf("canceled")).toEqual(["orderId", "state"]);
  expect(fieldsOf("failed", { token: PROTOCOL.token, endState: PROTOCOL.endState })).toEqual(["orderId"]);
});
