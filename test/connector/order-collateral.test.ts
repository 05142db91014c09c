import { expect, it } from "vitest";
import { OrderCollateral } from "../../src/connector/order-collateral.ts";
import { decimal } from "../../src/model/decimal.ts";
import { limitBuy, orderUpdate, PAIR, RULE, START_MS, scene } from "../trading/scene.ts";

const FEES = {
  ...{ makerPercentFee: decimal("0.0002"), takerPercentFee: decimal("0.0005") },
  ...{ makerFixedFees: [], takerFixedFees: [], buyPercentFeeDeductedFromReturns: false },
};

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
