import { expect, it } from "vitest";
import { BTC_BUY, bybitRest, privateSocket, rested, rowTold } from "../support/bybit-api.ts";
import { BTC, ccxtBybit } from "../support/ccxt-bybit.ts";
import { accountOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

it("lets a user of bybit-api and a user of ccxt trade with each other", async () => {
  const venue = await openVenue({ api: "bybit" });
  const { host, port } = venue;
  const taker = await ccxtBybit({ host, port, apiKey: "rival-key", apiSecret: "rival-secret" });
  const socket = await privateSocket(venue, ["order", "execution"]);
  const quote = await rested(venue, bybitRest(venue), {
    ...BTC_BUY,
    side: "Sell",
    price: "20100",
    timeInForce: "PostOnly",
  });

  const order = await taker.createOrder(BTC, "market", "buy", 0.2);
  const fill = await rowTold(socket, "execution", "the fill", ({ orderId }) => orderId === quote.orderId);

  const taken = await until("the taker's fill", async () => (await taker.fetchMyTrades(BTC))[0]);
  expect([fill.side, fill.execQty, Number(fill.execPrice), fill.isMaker]).toEqual(["Sell", "0.200", 20_100, true]);
  expect(taken).toMatchObject({ order: order.id, amount: 0.2, price: 20_100, takerOrMaker: "taker", side: "buy" });
  expect(taken.id).not.toBe(fill.execId);
  const positions = [venue.accountId, "rival@example.com"].map((name) => accountOf(venue, name).positions[0]?.size);
  expect(positions).toEqual([-20_000_000n, 20_000_000n]);
  const { fees, deposits, insurance } = venue.engine.house();
  const cash = venue.engine.accountIds().reduce((sum, name) => sum + accountOf(venue, name).cash, 0n);
  expect(cash + fees + insurance).toBe(deposits);
});
