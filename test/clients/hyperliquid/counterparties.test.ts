import { expect, it } from "vitest";
import { BTC as BYBIT_BTC, ccxtBybit } from "../support/ccxt-bybit.ts";
import { nktkas } from "../support/nktkas-hyperliquid.ts";
import { accountOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

it("lets a user who speaks Hyperliquid's protocol and one who speaks Bybit's trade with each other", async () => {
  const venue = await openVenue({ api: "all" });
  const { host, port } = venue;
  const { exchange, info, user } = nktkas(venue);
  const taker = await ccxtBybit({ host, port, apiKey: "rival-key", apiSecret: "rival-secret" });
  const order = { a: 0, b: false, p: "20100", s: "0.5", r: false, t: { limit: { tif: "Alo" as const } } };
  await exchange.order({ orders: [order], grouping: "na" });

  await taker.createOrder(BYBIT_BTC, "market", "buy", 0.2);
  const taken = await until("the taker's fill", async () => (await taker.fetchMyTrades(BYBIT_BTC))[0]);

  expect(taken).toMatchObject({ amount: 0.2, price: 20_100, takerOrMaker: "taker", side: "buy" });
  expect(await info.openOrders({ user })).toMatchObject([{ sz: "0.3", origSz: "0.5" }]);
  expect(await info.userFills({ user })).toMatchObject([
    { sz: "0.2", px: "20100.0", crossed: false, dir: "Open Short" },
  ]);
  const positions = [venue.accountId, "rival@example.com"].map((name) => accountOf(venue, name).positions[0]?.size);
  expect(positions).toEqual([-20_000_000n, 20_000_000n]);
});
