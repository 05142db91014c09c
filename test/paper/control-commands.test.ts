import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createPaperVenue, formatAmount, type PaperVenue, parseAmount } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

let world: SimulatedWorld;
let venue: PaperVenue;

async function start(options = {}): Promise<void> {
  world = new SimulatedWorld({ seed: 3 });
  const accounts = [{ apiKey: "k", apiSecret: "s", subaccounts: ["sub"] }];
  const config = { api: "all", seed: 3, quiet: true, accounts, ...options } as const;
  venue = await world.run(createPaperVenue(config, world.runtime("venue")));
}

async function control(method: string, path: string, body?: object | string) {
  const request = {
    method,
    url: `${venue.control}${path}`,
    headers: { "paper-key": "k" },
    body: typeof body === "object" ? JSON.stringify(body) : body,
    timeoutMs: 5_000,
  };
  const { status, text } = await world.run(world.runtime("client").http.request(request));
  return { status, ...JSON.parse(text) };
}

const position = (market = "BTC-USD", account = venue.accountId) => venue.engine.positions(account, market)[0];
const account = () => venue.engine.account(venue.accountId);

beforeEach(() => start());
afterEach(() => venue.stop());

describe("by hand, over the control API,", () => {
  test("the matching delay changes, within bounds", async () => {
    expect(await control("GET", "/matching")).toMatchObject({ status: 200, delayMs: [1, 5] });
    expect(await control("POST", "/matching", { delayMs: [200, 300] })).toMatchObject({ delayMs: [200, 300] });
    for (const delayMs of [[3, 1], [-1, 2], ["1", "2"], [0, 1e9], 7])
      expect((await control("POST", "/matching", { delayMs })).status).toBe(400);
    expect(await control("GET", "/matching")).toMatchObject({ delayMs: [200, 300] });
  });

  test("a market moves to a price with its makers, also where nobody quotes", async () => {
    expect(await control("POST", "/price", { market: "BTC-USD", price: "18500" })).toMatchObject({ index: "18500" });
    const { bestBid, bestAsk, mark } = venue.engine.market("BTC-USD") ?? {};
    expect([bestBid, bestAsk].map((price) => formatAmount(price ?? 0n))).toEqual(["18500", "18501"]);
    expect(Math.abs(Number(formatAmount(mark ?? 0n)) - 18_500)).toBeLessThan(5);
    expect((await control("POST", "/price", { market: "BTC-USD", price: "0" })).status).toBe(400);
    expect(await control("POST", "/price", { market: "BTC", price: "1" })).toMatchObject({ status: 404 });
    await venue.stop();
    await start({ emptyBooks: true });
    expect(await control("POST", "/price", { market: "BTC-USD", price: "18500" })).toMatchObject({ mark: "18500" });
  });

  test("the past can be read", async () => {
    const { candles } = await control("GET", "/history?market=BTC-USD&seconds=3600&limit=250");
    expect(candles).toHaveLength(250);
    expect(candles[1].startMs - candles[0].startMs).toBe(3_600_000);
    expect((await control("GET", "/history?market=BTC-USD&seconds=7")).status).toBe(400);
  });

  test("settings change for a market or for all, and a refusal says why", async () => {
    const hand = { market: "BTC-USD", leverage: "5", marginMode: "isolated", positionMode: "hedge" };
    expect(await control("POST", "/settings", hand)).toMatchObject({
      events: ["positionModeChanged", "marginModeChanged", "leverageChanged"],
    });
    expect(venue.engine.settings(venue.accountId, "BTC-USD")).toMatchObject({
      leverage: parseAmount("5"),
      marginMode: "isolated",
      positionMode: "hedge",
    });
    await control("POST", "/settings", { leverage: "7" });
    expect(account()?.leverage).toBe(parseAmount("7"));
    expect(await control("POST", "/settings", { leverage: "1000" })).toMatchObject({
      status: 400,
      code: "invalidLeverage",
    });
    expect((await control("POST", "/settings", {})).status).toBe(400);
  });

  test("a field that there is not, or of another kind, is refused with the right one, and nothing is done", async () => {
    await control("POST", "/orders", { market: "BTC-USD", side: "buy", size: "0.1", price: "15000" });
    for (const [path, body, error] of [
      ["/cancel", { orderID: "1" }, 'there is no field "orderID"; did you mean orderId?'],
      ["/cancel", { mraket: "ETH-USD" }, 'there is no field "mraket"; did you mean market?'],
      ["/transfer", { cash: "5" }, 'there is no field "cash"; there are key, subaccount, amount'],
      ["/transfer", { amount: "much" }, "amount is not a decimal number with at most 8 places"],
      ["/settings", { positionMode: "both" }, "positionMode is not oneWay or hedge"],
      ["/price", { market: "BTC-USD", price: "0" }, "price is not a decimal number above zero"],
      ["/liquidate", { market: "BTC-USD", size: "1" }, 'there is no field "size"'],
    ] as const) {
      expect(await control("POST", path, body)).toMatchObject({ status: 400, error: expect.stringContaining(error) });
    }
    expect(await control("GET", "/history?market=BTC-USD&second=60")).toMatchObject({ status: 400 });
    expect(await control("GET", "/truth?acount=sub")).toMatchObject({ status: 400 });
    expect(venue.engine.openOrders(venue.accountId)).toHaveLength(1);
  });

  test("a market gets another tick, is halted and is delisted", async () => {
    const change = (fields: object) => control("POST", "/market", { market: "BTC-USD", ...fields });
    expect(await change({ tick: "0.5", status: "halted" })).toMatchObject({ status: 200 });
    expect(venue.engine.market("BTC-USD")).toMatchObject({ status: "halted", spec: { tick: parseAmount("0.5") } });
    expect(await change({ status: "halted" })).toMatchObject({ status: 400, code: "unchanged" });
    expect(await change({})).toMatchObject({ status: 400 });
    expect((await change({ status: "delisted" })).status).toBe(200);
    expect(venue.engine.markets().map(({ spec }) => spec.market)).not.toContain("BTC-USD");
  });

  test("orders and positions are made and ended, for sub-accounts too", async () => {
    const limit = { market: "BTC-USD", side: "buy", size: "0.1", price: "19000", clientId: "hand", api: "bybit" };
    const { orderId, events } = await control("POST", "/orders", limit);
    expect(events).toEqual(["orderAccepted", "orderOpened"]);
    expect(venue.truth(undefined, "bybit").orders).toMatchObject([{ orderId, clientId: "hand", status: "open" }]);
    expect(await control("POST", "/cancel", { orderId, api: "bybit" })).toMatchObject({ events: ["orderClosed"] });
    expect(await control("POST", "/cancel", { orderId: "none" })).toMatchObject({ status: 404 });
    await control("POST", "/orders", { market: "BTC-USD", side: "sell", size: "0.2", subaccount: "sub" });
    expect(position("BTC-USD", `${venue.accountId}/sub`)?.size).toBe(parseAmount("-0.2"));
    expect(position()?.size).toBe(0n);
    await control("POST", "/orders", limit);
    expect((await control("POST", "/cancel", { market: "BTC-USD" })).events).toEqual(["orderClosed"]);
    const small = { market: "BTC-USD", side: "buy", size: "0.00000001" };
    expect(await control("POST", "/orders", small)).toMatchObject({ status: 400, code: "sizeTooSmall" });
    expect((await control("POST", "/orders", "{")).status).toBe(400);
  });

  test("money comes and goes, as far as nothing needs it", async () => {
    await control("POST", "/transfer", { amount: "500" });
    expect(account()?.cash).toBe(parseAmount("100500"));
    await control("POST", "/transfer", { amount: "-100000" });
    expect(account()?.cash).toBe(parseAmount("500"));
    expect(await control("POST", "/transfer", { amount: "-501" })).toMatchObject({ code: "insufficientMargin" });
  });

  test("an isolated position is liquidated and a cross one deleveraged", async () => {
    await control("POST", "/settings", { market: "ETH-USD", marginMode: "isolated" });
    await control("POST", "/orders", { market: "ETH-USD", side: "buy", size: "2" });
    expect((await control("POST", "/liquidate", { market: "ETH-USD" })).events).toContain("liquidated");
    expect(position("ETH-USD")?.size).toBe(0n);
    await control("POST", "/orders", { market: "BTC-USD", side: "buy", size: "0.3" });
    expect((await control("POST", "/adl", { market: "BTC-USD", size: "0.1" })).events).toContain("deleveraged");
    expect(position()?.size).toBe(parseAmount("0.2"));
    expect(await control("POST", "/adl", { market: "ETH-USD" })).toMatchObject({ status: 400, code: "noPosition" });
  });
});

test("a price that ruins an isolated position leaves the rest of the account alone", async () => {
  await control("POST", "/settings", { market: "BTC-USD", marginMode: "isolated", leverage: "20" });
  await control("POST", "/orders", { market: "BTC-USD", side: "buy", size: "1" });
  const held = position()?.isolatedMargin ?? 0n;
  const cash = account()?.cash ?? 0n;
  await control("POST", "/price", { market: "BTC-USD", price: "19000" });
  expect(position()?.size).toBe(0n);
  expect(account()?.cash).toBeGreaterThanOrEqual(cash - held);
});

test("an insurance fund that is used up makes winners pay", async () => {
  await venue.stop();
  await start({ insuranceFund: "0", emptyBooks: true, startingBalance: "1000" });
  venue.trader.order({ market: "BTC-USD", side: "sell", size: "0.4", price: "20000" });
  await control("POST", "/orders", { market: "BTC-USD", side: "buy", size: "0.4", price: "20000" });
  expect(position()?.size).toBe(parseAmount("0.4"));
  await control("POST", "/price", { market: "BTC-USD", price: "15000" });
  const [fill] = venue.engine.fills(venue.trader.accountId).slice(-1);
  expect(fill).toMatchObject({ adl: true, side: "buy", size: parseAmount("0.4") });
  expect(account()?.cash).toBe(0n);
});
