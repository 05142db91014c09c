import { expect, it } from "vitest";
import { BTC_SELL, binanceRest, binanceSocket, listening } from "../support/binance-sdk.ts";
import { openBinance } from "../support/binance-venue.ts";
import { BTC, ccxtBinance } from "../support/ccxt-binance.ts";
import { accountOf } from "../support/paper-venue.ts";

it("lets a user of the SDK and a user of ccxt trade with each other on Binance", async () => {
  const venue = await openBinance();
  const rival = { host: venue.host, port: venue.port, apiKey: "rival-key", apiSecret: "rival-secret" };
  const taker = await ccxtBinance(rival);
  const socket = await listening(binanceSocket(venue));
  const quote = await binanceRest(venue).submitNewOrder({ ...BTC_SELL, price: 60_100, timeInForce: "GTX" });

  const order = await taker.createOrder(BTC, "market", "buy", 0.2);
  const { o: fill } = await socket.messages.first(
    ({ e, o }) => e === "ORDER_TRADE_UPDATE" && o.x === "TRADE",
    "the fill",
  );

  const [taken] = await taker.fetchMyTrades(BTC);
  expect(fill).toMatchObject({ i: quote.orderId, l: "0.200", L: "60100.00", m: true, S: "SELL" });
  expect(taken).toMatchObject({ order: order.id, amount: 0.2, price: 60_100, takerOrMaker: "taker", side: "buy" });
  expect(taken.id).toBe(String(fill.t));
  const positions = [venue.accountId, "rival@example.com"].map((name) => accountOf(venue, name).positions[0]?.size);
  expect(positions).toEqual([-20_000_000n, 20_000_000n]);
  const { fees, deposits, insurance } = venue.engine.house();
  const cash = venue.engine.accountIds().reduce((sum, name) => sum + accountOf(venue, name).cash, 0n);
  expect(cash + fees + insurance).toBe(deposits);
});
