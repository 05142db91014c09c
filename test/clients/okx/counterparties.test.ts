import { expect, it } from "vitest";
import { BTC as BYBIT_BTC, ccxtBybit } from "../support/ccxt-bybit.ts";
import { BTC, ccxtOkx, orderStatus } from "../support/ccxt-okx.ts";
import { accountOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

it("lets a user who speaks OKX's protocol and one who speaks Bybit's trade with each other", async () => {
  const venue = await openVenue({ api: "all" });
  const { host, port } = venue;
  const maker = await ccxtOkx(venue);
  const taker = await ccxtBybit({ host, port, apiKey: "rival-key", apiSecret: "rival-secret" });
  const { id } = await maker.createOrder(BTC, "limit", "sell", 50, 20_100, { postOnly: true });
  await until("the order rests", () =>
    venue.truth(venue.accountId, "okx").orders.some(({ orderId, status }) => orderId === id && status === "open")
      ? true
      : undefined,
  );

  await taker.createOrder(BYBIT_BTC, "market", "buy", 0.2);
  const taken = await until("the taker's fill", async () => (await taker.fetchMyTrades(BYBIT_BTC))[0]);

  expect(taken).toMatchObject({ amount: 0.2, price: 20_100, takerOrMaker: "taker", side: "buy" });
  expect(await orderStatus(maker, id, "open")).toMatchObject({ filled: 20, remaining: 30, average: 20_100 });
  expect(await maker.fetchMyTrades(BTC)).toMatchObject([
    { order: id, amount: 20, price: 20_100, takerOrMaker: "maker", side: "sell" },
  ]);
  const positions = [venue.accountId, "rival@example.com"].map((name) => accountOf(venue, name).positions[0]?.size);
  expect(positions).toEqual([-20_000_000n, 20_000_000n]);
  const { fees, deposits, insurance } = venue.engine.house();
  const cash = venue.engine.accountIds().reduce((sum, name) => sum + accountOf(venue, name).cash, 0n);
  expect(cash + fees + insurance).toBe(deposits);
});
