import { expect, it } from "vitest";
import { BTC, ccxtRest } from "../support/ccxt-ftx.ts";
import { ftxApiRest, ftxApiSocket, subscribed } from "../support/ftx-api.ts";
import { accountOf, openVenue } from "../support/paper-venue.ts";

it("lets a user of ftx-api and a user of ccxt trade with each other", async () => {
  const venue = await openVenue();
  const rival = { host: venue.host, port: venue.port, apiKey: "rival-key", apiSecret: "rival-secret" };
  const maker = ftxApiRest(venue);
  const taker = ccxtRest(rival);
  const socket = await subscribed(ftxApiSocket(venue), ["orders", "fills"]);
  const { result: quote } = await maker.placeOrder({
    market: "BTC-PERP",
    side: "sell",
    type: "limit",
    price: 20_100,
    size: 0.5,
    postOnly: true,
  });
  await socket.updates.first(({ channel, data }) => channel === "orders" && data?.id === quote.id, "the quote rests");

  const order = await taker.createOrder(BTC, "market", "buy", 0.2);
  const { data: fill } = await socket.updates.first(
    ({ channel, data }) => channel === "fills" && data !== undefined,
    "the fill",
  );

  const [taken] = await taker.fetchMyTrades(BTC);
  expect(fill).toMatchObject({ orderId: quote.id, size: 0.2, price: 20_100, liquidity: "maker", side: "sell" });
  expect(taken).toMatchObject({ order: order.id, amount: 0.2, price: 20_100, takerOrMaker: "taker", side: "buy" });
  expect(Number(taken.info.tradeId)).toBe(fill.tradeId);
  expect(Number(taken.id)).not.toBe(fill.id);
  const positions = [venue.accountId, "rival@example.com"].map((name) => accountOf(venue, name).positions[0]?.size);
  expect(positions).toEqual([-20_000_000n, 20_000_000n]);
  const { fees, deposits, insurance } = venue.engine.house();
  const cash = venue.engine.accountIds().reduce((sum, name) => sum + accountOf(venue, name).cash, 0n);
  expect(cash + fees + insurance).toBe(deposits);
});
