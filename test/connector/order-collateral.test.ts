import { expect, it } from "vitest";
import { OrderCollateral } from "../../src/connector/order-collateral.ts";
import { decimal } from "../../src/model/decimal.ts";
import { limitBuy, orderUpdate, PAIR, RULE, START_MS, scene } from "../trading/scene.ts";

const FEES = {
  ...{ makerPercentFee: decimal("0.0002"), takerPercentFee: decimal("0.0005") },
  ...{ makerFixedFees: [], takerFixedFees: [], buyPercentFeeDeductedFromReturns: false },
};

function collateralOf(net: string | undefined) {
  return new OrderCollateral({
    isRealTimeBalance: false,
    hasServerTime: false,
    now: () => START_MS,
    rule: () => RULE,
    leverage: () => decimal("10"),
    netNotional: () => (net === undefined ? undefined : decimal(net)),
    feeSchema: () => ({ ...FEES, makerPercentFee: decimal("0"), takerPercentFee: decimal("0") }),
    takerPrice: () => undefined,
  });
}

it.each([
  ["flat, the larger side: buys", "0", 3, 1, "30"],
  ["flat, the larger side: sells", "0", 1, 3, "30"],
  ["long, sells that take it back lock nothing", "500", 1, 4, "10"],
  ["long, sells that reverse it lock what is beyond", "100", 0, 3, "10"],
  ["long, buys and sells that reverse it: the larger of what they add", "100", 2, 5, "30"],
  ["short, buys that take it back lock nothing", "-500", 4, 1, "10"],
  ["short, buys that reverse it lock what is beyond", "-100", 3, 0, "10"],
  ["a market that may have both positions: each side", undefined, 3, 1, "40"],
])("counts what orders lock, %s", (_, net, buys, sells, locked) => {
  const collateral = collateralOf(net);
  const { tracker } = scene({ onOrderChanged: (order) => collateral.note(order) });
  const sides = [...Array<"buy">(buys).fill("buy"), ...Array<"sell">(sells).fill("sell")];
  for (const [index, side] of sides.entries()) {
    const clientOrderId = `c${index}`;
    tracker.startTracking({ ...limitBuy(clientOrderId, { amount: decimal("1"), price: decimal("100") }), side });
    expect(collateral.lockedReported("USD").toFixed()).toBe("0");
  }
  expect(collateral.locked("USD").toFixed()).toBe(locked);
  for (const index of sides.keys()) {
    const ids = { clientOrderId: `c${index}`, exchangeOrderId: `e${index}` };
    tracker.apply(orderUpdate("open", { tradingPair: PAIR, ...ids }));
  }
  collateral.reported("USD", "poll", START_MS + 1, sides.length);
  expect(collateral.lockedReported("USD").toFixed()).toBe(locked);
});

// A third of a notional has no end (ftx, hell, seed 588): available was shown with 75 nines after the point.
it("holds nothing once all is known of orders that locked a third of what they are worth", () => {
  const collateral = new OrderCollateral({
    isRealTimeBalance: true,
    hasServerTime: true,
    now: () => START_MS,
    rule: () => RULE,
    leverage: () => decimal("3"),
    netNotional: () => decimal("0"),
    feeSchema: () => FEES,
    takerPrice: () => undefined,
  });
  const { tracker } = scene({ onOrderChanged: (order) => collateral.note(order) });
  const ids = ["1", "0.001", "4000000", "0.007"].map((amount, index) => {
    const clientOrderId = `c${index}`;
    tracker.startTracking(limitBuy(clientOrderId, { amount: decimal(amount), price: decimal("20000.5") }));
    return clientOrderId;
  });
  expect(collateral.held("USD").gt("26667333333")).toBe(true);
  for (const clientOrderId of ids) {
    const exchangeOrderId = `e${clientOrderId}`;
    tracker.apply(orderUpdate("open", { tradingPair: PAIR, clientOrderId, exchangeOrderId }));
    tracker.apply(orderUpdate("canceled", { tradingPair: PAIR, clientOrderId, exchangeOrderId }));
  }
  expect(collateral.held("USD").toFixed()).toBe("0");
});
