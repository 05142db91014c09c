import { expect, it } from "vitest";
import { BTC, ccxtGate } from "../support/ccxt-gate.ts";
import { ccxtOkx, BTC as OKX_BTC } from "../support/ccxt-okx.ts";
import { accountOf, openVenue } from "../support/paper-venue.ts";
import { until } from "../support/until.ts";

it("lets a user who speaks Gate.io's protocol and one who speaks OKX's trade with each other", async () => {
  const venue = await openVenue({ api: "all" });
  const { host, port } = venue;
  const maker = await ccxtGate(venue);
  const taker = await ccxtOkx({ host, port, apiKey: "rival-key", apiSecret: "rival-secret" });
  const contract = maker.markets[BTC].contractSize;
  const { id } = await maker.createOrder(BTC, "limit", "sell", 0.5 / contract, 20_100, { postOnly: true });

  await taker.createOrder(OKX_BTC, "market", "buy", 20);
  const taken = await until("the taker's fill", async () => (await taker.fetchMyTrades(OKX_BTC))[0]);

  expect(taken).toMatchObject({ amount: 20, price: 20_100, takerOrMaker: "taker", side: "buy" });
  expect(await maker.fetchOrder(id, BTC)).toMatchObject({ filled: 0.2 / contract, average: 20_100, status: "open" });
  expect(await maker.fetchMyTrades(BTC)).toMatchObject([{ order: id, price: 20_100, takerOrMaker: "maker" }]);
  const positions = [venue.accountId, "rival@example.com"].map((name) => accountOf(venue, name).positions[0]?.size);
  expect(positions).toEqual([-20_000_000n, 20_000_000n]);
});
