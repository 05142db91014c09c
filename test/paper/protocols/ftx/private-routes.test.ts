import { describe, expect, test } from "vitest";
import { type Harness, startVenue } from "../../ftx-harness.ts";

const keys = (value: object) => Object.keys(value).sort();
const sorted = (text: string) => text.split(" ").sort();
const POSITION_KEYS =
  "future size side netSize longOrderSize shortOrderSize cost entryPrice unrealizedPnl realizedPnl initialMarginRequirement maintenanceMarginRequirement openSize collateralUsed estimatedLiquidationPrice";
const AVERAGE_KEYS = "recentAverageOpenPrice recentPnl recentBreakEvenPrice cumulativeBuySize cumulativeSellSize";
const PRIVATE_PATHS = [
  "/wallet/balances",
  "/account",
  "/positions",
  "/orders",
  "/orders/history",
  "/fills",
  "/funding_payments",
];

async function order(harness: Harness, body: object, subaccount?: string) {
  const options = subaccount === undefined ? { body } : { body, subaccount };
  const reply = await harness.call("POST", "/orders", options);
  expect(reply).toMatchObject({ status: 200 });
  await harness.world.advance(10);
  return reply.result;
}
const market = (side: string, size: number, extra: object = {}) => ({
  market: "BTC-PERP",
  side,
  price: null,
  type: "market",
  size,
  ...extra,
});

describe("private endpoints", () => {
  test("need a signature", async () => {
    const { call, venue } = await startVenue({ quiet: true });
    for (const path of PRIVATE_PATHS) {
      expect(await call("GET", path, { unsigned: true })).toMatchObject({
        status: 401,
        success: false,
        error: "Not logged in",
      });
      expect((await call("GET", path)).status).toBe(200);
    }
    expect(await call("GET", "/account", { signature: "00" })).toMatchObject({
      status: 401,
      error: "Not logged in: Invalid signature",
    });
    await venue.stop();
  });

  test("take a target that ends in a bare question mark, and a body on a GET", async () => {
    const { call, venue } = await startVenue({ quiet: true });
    expect((await call("GET", "/fills?")).status).toBe(200);
    expect((await call("GET", "/fills", { rawBody: '{"market": "BTC-PERP"}' })).status).toBe(200);
    expect((await call("GET", "/fills?market=undefined&order=None")).status).toBe(200);
    await venue.stop();
  });
});

describe("the account", () => {
  test("without positions has null margin fractions", async () => {
    const { call, venue } = await startVenue({ quiet: true, startingBalance: "10000" });
    const { result } = await call("GET", "/account");
    expect(keys(result)).toEqual(
      sorted(
        "accountIdentifier username collateral freeCollateral totalAccountValue totalPositionSize initialMarginRequirement maintenanceMarginRequirement marginFraction openMarginFraction liquidating backstopProvider positions takerFee makerFee leverage futuresLeverage positionLimit positionLimitUsed useFttCollateral chargeInterestOnNegativeUsd spotMarginEnabled spotLendingEnabled accountType",
      ),
    );
    expect(result).toMatchObject({
      collateral: 10000,
      marginFraction: null,
      openMarginFraction: null,
      initialMarginRequirement: 0.1,
      maintenanceMarginRequirement: 0.03,
      takerFee: 0.0007,
      makerFee: 0.0002,
      leverage: 10,
      positions: [],
    });
    expect((await call("GET", "/wallet/balances")).text).toBe(
      '{"success":true,"result":[{"coin":"USD","total":10000.0,"free":10000.0,"availableWithoutBorrow":10000.0,"usdValue":10000.0,"spotBorrow":0.0}]}',
    );
    await venue.stop();
  });

  test("with a position shows its fields, and the true entry price only when asked", async () => {
    const harness = await startVenue({ quiet: true });
    const { call, venue } = harness;
    await order(harness, market("buy", 0.1));
    const plain = (await call("GET", "/positions")).result;
    expect(keys(plain[0])).toEqual(sorted(POSITION_KEYS));
    const [position] = (await call("GET", "/positions?showAvgPrice=True")).result;
    expect(keys(position)).toEqual(sorted(`${POSITION_KEYS} ${AVERAGE_KEYS}`));
    const truth = venue.truth().positions[0]!;
    expect(position.recentAverageOpenPrice).toBeCloseTo(Number(truth.cost) / 0.1, 6);
    expect(position).toMatchObject({ future: "BTC-PERP", side: "buy", size: 0.1, netSize: 0.1, unrealizedPnl: 0 });
    const { mark } = (await call("GET", "/futures/BTC-PERP")).result;
    expect(position.entryPrice).toBe(mark);
    expect(position.collateralUsed).toBeCloseTo((0.1 * mark) / 10, 6);
    const account = (await call("GET", "/account")).result;
    expect(account.positions).toEqual(plain);
    expect(account.totalPositionSize).toBeCloseTo(0.1 * mark, 6);
    expect(account.marginFraction).toBeCloseTo(account.totalAccountValue / account.totalPositionSize, 6);
    expect(account.totalAccountValue).toBeCloseTo(Number(venue.truth().equity), 8);
    await venue.stop();
  });

  test("keeps a row for a position that is flat again", async () => {
    const harness = await startVenue({ quiet: true });
    await order(harness, market("sell", 0.1));
    expect((await harness.call("GET", "/positions")).result[0]).toMatchObject({
      side: "sell",
      netSize: -0.1,
      size: 0.1,
    });
    await order(harness, market("buy", 0.1));
    const [position] = (await harness.call("GET", "/positions?showAvgPrice=true")).result;
    expect(position).toMatchObject({ size: 0, entryPrice: null, recentAverageOpenPrice: null, recentPnl: null });
    expect(position.realizedPnl).toBeLessThan(0);
    await harness.venue.stop();
  });

  test("would be liquidated near the estimated price", async () => {
    const harness = await startVenue({ quiet: true, startingBalance: "1000" });
    await order(harness, market("buy", 0.4));
    const [{ estimatedLiquidationPrice }] = (await harness.call("GET", "/positions")).result;
    const { cash } = harness.venue.truth();
    const cost = Number(harness.venue.truth().positions[0]!.cost);
    const equity = Number(cash) + 0.4 * estimatedLiquidationPrice - cost;
    expect(equity).toBeCloseTo(0.4 * estimatedLiquidationPrice * 0.03, 3);
    await harness.venue.stop();
  });

  test("has one leverage, in whole numbers from 1 to 20", async () => {
    const { call, venue } = await startVenue({ quiet: true });
    expect((await call("POST", "/account/leverage", { body: { leverage: 5 } })).text).toBe(
      '{"success":true,"result":null}',
    );
    expect((await call("GET", "/account")).result).toMatchObject({ leverage: 5, initialMarginRequirement: 0.2 });
    for (const leverage of [0, 21, 2.5, "x"]) {
      expect(await call("POST", "/account/leverage", { body: { leverage } })).toMatchObject({
        status: 400,
        error: "Invalid parameter leverage",
      });
    }
    expect(await call("POST", "/account/leverage", { body: {} })).toMatchObject({
      error: "Missing parameter leverage",
    });
    await venue.stop();
  });

  test("and its sub-accounts hold money apart", async () => {
    const harness = await startVenue({
      quiet: true,
      accounts: [{ apiKey: "k", apiSecret: "s", subaccounts: ["sub one"], username: "me@example.com" }],
    });
    await order(harness, market("buy", 0.1), "sub one");
    expect((await harness.call("GET", "/positions")).result).toEqual([]);
    expect((await harness.call("GET", "/positions", { subaccount: "sub one" })).result).toHaveLength(1);
    expect((await harness.call("GET", "/account", { subaccount: "sub one" })).result.username).toBe(
      "me@example.com/sub one",
    );
    expect((await harness.call("GET", "/account", { prefix: "FTXUS", subaccount: "sub one" })).status).toBe(200);
    expect(await harness.call("GET", "/account", { subaccount: "none" })).toMatchObject({
      status: 401,
      error: "No such subaccount",
    });
    await harness.venue.stop();
  });
});

describe("fills", () => {
  test("have no client id, and a fee of price times size times rate", async () => {
    const harness = await startVenue({ quiet: true });
    const placed = await order(harness, market("buy", 0.1, { clientId: "mine" }));
    const { result } = await harness.call("GET", "/fills?market=BTC-PERP");
    expect(keys(result[0])).toEqual(
      sorted(
        "id market future baseCurrency quoteCurrency type side price size orderId time tradeId feeRate fee feeCurrency liquidity",
      ),
    );
    for (const fill of result) {
      expect(fill).toMatchObject({ orderId: placed.id, liquidity: "taker", feeRate: 0.0007, feeCurrency: "USD" });
      expect(fill.fee).toBeCloseTo(fill.price * fill.size * 0.0007, 8);
    }
    await harness.venue.stop();
  });

  test("come newest first, or oldest first when asked, of one order when asked", async () => {
    const harness = await startVenue({ quiet: true });
    const first = await order(harness, market("buy", 0.01));
    const second = await order(harness, market("buy", 0.01));
    const orders = async (query: string) =>
      (await harness.call("GET", `/fills${query}`)).result.map(({ orderId }: { orderId: number }) => orderId);
    expect(await orders("")).toEqual([second.id, first.id]);
    expect(await orders("?order=asc")).toEqual([first.id, second.id]);
    expect(await orders(`?orderId=${first.id}`)).toEqual([first.id]);
    expect(await orders("?market=ETH-PERP")).toEqual([]);
    expect(await orders("?limit=1")).toEqual([second.id]);
    const end = Date.parse(first.createdAt) / 1_000 + 0.01;
    expect(await orders(`?start_time=0&end_time=${end}`)).toEqual([first.id]);
    expect(await harness.call("GET", "/fills?limit=-1")).toMatchObject({
      status: 400,
      error: "Invalid parameter limit",
    });
    await harness.venue.stop();
  });

  test("of both sides share the trade id and not the fill id", async () => {
    const harness = await startVenue({ emptyBooks: true });
    const resting = await order(harness, { market: "BTC-PERP", side: "buy", price: 20000, type: "limit", size: 0.1 });
    harness.venue.trader.order({ market: "BTC-USD", side: "sell", size: "0.1", price: "20000" });
    const [mine] = (await harness.call("GET", "/fills")).result;
    const { apiKey: key, apiSecret: secret } = harness.venue.trader;
    const [theirs] = (await harness.call("GET", "/fills", { key, secret })).result;
    expect(mine).toMatchObject({ orderId: resting.id, liquidity: "maker", side: "buy", fee: 0.4 });
    expect(theirs).toMatchObject({ liquidity: "taker", side: "sell", tradeId: mine.tradeId });
    expect(theirs.id).not.toBe(mine.id);
    await harness.venue.stop();
  });
});

describe("funding payments", () => {
  test("are positive when the account paid, and the balance falls by them", async () => {
    const harness = await startVenue({ quiet: true, fundingIntervalMs: 60_000 });
    const { call, venue, world } = harness;
    await order(harness, market("buy", 1));
    venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_900_00000000n });
    const before = Number(venue.truth().cash);
    await world.advance(60_000);
    const { result } = await call("GET", "/funding_payments?future=BTC-PERP");
    expect(keys(result[0])).toEqual(sorted("future id payment time rate"));
    expect(result[0].rate).toBeGreaterThan(0);
    expect(result[0].payment).toBeGreaterThan(0);
    expect(result[0].time).toBe("2024-01-01T00:01:00+00:00");
    expect(before - Number(venue.truth().cash)).toBeCloseTo(result[0].payment, 8);
    expect(venue.truth().fundingPayments[0]!.amount).toBe(`-${result[0].payment}`);
    expect((await call("GET", "/funding_payments?future=ETH-PERP")).result).toEqual([]);
    await venue.stop();
  });
});
