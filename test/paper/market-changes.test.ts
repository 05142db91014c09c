import { afterEach, describe, expect, it } from "vitest";
import { PROTOCOL_NAMES, parseAmount } from "../../src/paper/index.ts";
import { startVenue } from "./protocols/okx/harness.ts";
import { type Client, startClient } from "./spoken-protocols.ts";

let client: Client;
afterEach(() => client.venue.stop());

const BTC = "BTC-USD";
const quote = (price: string, side: "buy" | "sell" = "buy", size = "0.01") =>
  void client.venue.trader.order({ market: BTC, side, size, price });
const wait = (ms = 250) => client.world.advance(ms);
const truth = () => client.venue.truth();
/** The words of a refusal, with Bybit's and OKX's own of rows. */
const textOf = async (call: ReturnType<Client["place"]>) => {
  const { status, text } = await call;
  return `${status} ${text}`;
};
const HALTED = /halted|110074|-1122|51022|TRADE_RESTRICTED/;
const GONE = /No such market|symbol invalid|-1121|51001|CONTRACT_NOT_FOUND|delisted/;

describe.each(PROTOCOL_NAMES)("over %s a market", (name) => {
  it("that is halted takes cancels and no orders until it is resumed", async () => {
    client = await startClient(name);
    await client.place("a1");
    await wait();
    client.venue.halt(BTC);
    expect(await textOf(client.place("a2"))).toMatch(HALTED);
    expect(await textOf(client.amend("a1"))).toMatch(HALTED);
    expect((await client.cancel("a1")).status).toBe(200);
    await wait();
    expect(truth().orders.map(({ clientId, status }) => [clientId, status])).toEqual([
      [client.idNamed("a1"), "closed"],
    ]);
    // Hyperliquid's list of perpetuals does not tell of a halt.
    if (name !== "hyperliquid") {
      expect((await client.markets()).text).toMatch(
        /"enabled":\s*false|"Closed"|"TRADING_HALT"|"suspend"|"circuit_breaker"/,
      );
    }
    client.venue.resume(BTC);
    expect(await textOf(client.place("a3"))).toMatch(/^20[01]/);
    await wait();
    expect(truth().orders.at(-1)).toMatchObject({ clientId: client.idNamed("a3"), status: "open" });
  });

  it("that is delisted loses its orders, settles its positions at mark and is named no more", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    await client.bookFeed();
    for (const id of ["a1", "a2"]) await client.place(id);
    await wait();
    quote("19000", "sell");
    await wait();
    const [position] = truth().positions;
    expect(position!.size).toBe("0.01");
    const before = feed.texts.length;
    client.venue.delist(BTC);
    await wait();
    expect(truth().orders.map(({ status }) => status)).toEqual(["closed", "closed", "closed"]);
    expect(truth().positions.filter(({ size }) => size !== "0")).toEqual([]);
    expect(truth().fills.at(-1)).toMatchObject({ side: "sell", fee: "0", clientId: null });
    expect(client.venue.engine.house().insurancePositions.filter(({ size }) => size !== 0n)).toEqual([]);
    expect(feed.texts.length).toBeGreaterThan(before + 1);
    expect((await client.markets()).text).not.toMatch(/BTC-PERP|BTCUSDT|BTC-USDT-SWAP|BTC_USDT/);
    expect(await textOf(client.place("a3"))).toMatch(GONE);
    expect(await textOf(client.openOrders())).toMatch(/^200|-1121/);
    expect((await client.bookFeed()).of("snapshot")).toEqual([]);
    await wait(61_000);
    expect(() => client.venue.resume(BTC)).toThrow('no market "BTC-USD"');
  });

  it("that gets another tick shows it, keeps its orders, and holds new ones to it", async () => {
    client = await startClient(name);
    const feed = await client.bookFeed();
    await client.place("a1");
    quote("18001");
    await wait();
    client.venue.changeTick(BTC, parseAmount("0.01"));
    quote("18001.25");
    await wait();
    expect(JSON.stringify(feed.of("update").at(-1))).toMatch(/18001\.25/);
    expect(client.levelsOf(await client.book())).toBe(3);
    client.venue.changeTick(BTC, parseAmount("5"));
    expect(client.levelsOf(await client.book())).toBe(3);
    expect((await client.book()).text).toMatch(/18001\.25/);
    expect(truth().orders).toMatchObject([{ status: "open", price: "19000" }]);
    expect(() => quote("18002")).toThrow("not a multiple of 5");
    quote("19000", "sell");
    await wait();
    expect(truth().fills).toHaveLength(1);
  });
});

it("a market of the synthetic flow stands still while it is halted, and lives by a new tick", async () => {
  client = await startClient("okx", { emptyBooks: false });
  const { venue } = client;
  await wait(2_000);
  venue.halt(BTC);
  const [trades, book] = [venue.engine.trades(BTC).length, venue.engine.book(BTC, 50)];
  await wait(5_000);
  expect(venue.engine.trades(BTC)).toHaveLength(trades);
  expect(venue.engine.book(BTC, 50)).toEqual(book);
  venue.changeTick(BTC, parseAmount("0.5"));
  venue.resume(BTC);
  await wait(10_000);
  expect(venue.engine.trades(BTC).length).toBeGreaterThan(trades);
  expect(venue.engine.book(BTC, 50).bids.some(([price]) => price % parseAmount("1") !== 0n)).toBe(true);
  venue.delist(BTC);
  await wait(5_000);
  expect(venue.engine.book(BTC, 50)).toEqual({ bids: [], asks: [] });
  expect(venue.engine.markets().map(({ spec }) => spec.market)).not.toContain(BTC);
});

it("OKX tells a change of a market on its instruments channel", async () => {
  const okx = await startVenue();
  const socket = await okx.publicSocket({ channel: "instruments", instType: "SWAP" });
  okx.venue.changeTick(BTC, parseAmount("0.5"));
  okx.venue.halt(BTC);
  okx.venue.delist(BTC);
  await okx.settle();
  await okx.venue.stop();
  expect(socket.rows("instruments").map(({ instId, tickSz, state }) => [instId, tickSz, state])).toEqual([
    ["BTC-USDT-SWAP", "0.5", "live"],
    ["BTC-USDT-SWAP", "0.5", "suspend"],
    ["BTC-USDT-SWAP", "0.5", "expired"],
  ]);
});

it("a price that moves past what an account can bear liquidates it where nobody else quotes", async () => {
  client = await startClient("bybit", { startingBalance: "1000", insuranceFund: "0" });
  quote("20000", "sell", "0.4");
  client.venue.execute({
    ...{ type: "placeOrder", accountId: client.venue.accountId, market: BTC, side: "buy", orderType: "market" },
    ...{
      price: null,
      size: parseAmount("0.4"),
      timeInForce: "IOC",
      postOnly: false,
      reduceOnly: false,
      clientId: null,
    },
  });
  expect(truth().positions).toMatchObject([{ size: "0.4" }]);
  client.venue.setPrice(BTC, parseAmount("17000"));
  expect(truth().positions.filter(({ size }) => size !== "0")).toEqual([]);
  expect(truth().fills.length).toBe(2);
  expect(client.venue.engine.house().insurancePositions.filter(({ size }) => size !== 0n)).toEqual([]);
});
