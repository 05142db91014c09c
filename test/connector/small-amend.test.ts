import { expect, it } from "vitest";
import { PAPER_MARKETS } from "../../src/paper/market/markets.ts";
import { Stage } from "../e2e/stage.ts";

const HUNDRED = 10_000_000_000n;
const markets = PAPER_MARKETS.map((market) => ({
  ...market,
  lot: market.minMakerSize,
  minSize: market.minMakerSize,
  minNotional: HUNDRED,
}));

it("a reduce-only order of Binance is amended below the minimum notional, which holds for others", async () => {
  await using stage = await Stage.open("binance_perpetual", { venue: { markets } });
  await stage.taken("buy", { amount: "0.02" });
  const { connector, pair, venue } = stage;
  const rule = connector.tradingRule(pair);
  const amount = rule.minOrderSize;
  expect(rule.minNotionalSize.gt(amount.times(20_200))).toBe(true);
  const exit = connector.sell(pair, { amount: "0.02", price: "20200", position: "close", reduceOnly: true });
  await stage.rests(exit);
  await stage.run(connector.amend(exit.clientOrderId, { amount }));
  await stage.pass(1_000);
  expect(connector.order(exit.clientOrderId)?.amount.toFixed()).toBe(amount.toFixed());
  const [open] = venue.engine.openOrders(venue.accountId);
  expect(Number(open?.size) / 1e8).toBe(amount.toNumber());
});
