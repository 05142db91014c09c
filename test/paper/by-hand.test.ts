import { afterEach, describe, expect, it } from "vitest";
import { type Command, PROTOCOL_NAMES, parseAmount } from "../../src/paper/index.ts";
import { type Client, type Feed, startClient } from "./spoken-protocols.ts";

let client: Client;
afterEach(() => client.venue.stop());

const BTC = "BTC-USD";
const wait = (ms = 250) => client.world.advance(ms);
type Order = Extract<Command, { type: "placeOrder" }>;
const order = (fields: Partial<Order>): Order => ({
  ...{ type: "placeOrder", accountId: client.venue.accountId, market: BTC, side: "buy", orderType: "limit" },
  ...{ price: parseAmount("19000"), size: parseAmount("0.01"), timeInForce: "GTC", postOnly: false },
  ...{ reduceOnly: false, clientId: null },
  ...fields,
});
/** What somebody does on the website; the events must not be a refusal. */
const byHand = (command: Command) => {
  const events = client.venue.execute(command);
  expect(events.filter(({ type }) => type === "refused")).toEqual([]);
  return events;
};
const setting = (fields: object) => byHand({ accountId: client.venue.accountId, ...fields } as Command);
const quote = (side: "buy" | "sell", price = "19000") =>
  void client.venue.trader.order({ market: BTC, side, size: "0.01", price });

/** What a feed was told by something that was done. */
async function told(feed: Feed, work: () => unknown): Promise<string> {
  const before = feed.texts.length;
  work();
  await wait();
  return feed.texts.slice(before).join("\n");
}

describe.each(PROTOCOL_NAMES)("over %s the account hears", (name) => {
  it("of orders that are made, changed, canceled, filled and closed by hand", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    const [accepted] = byHand(order({})).filter((event) => event.type === "orderAccepted");
    const mine = { accountId: client.venue.accountId, orderId: accepted!.order.orderId };
    await wait();
    expect(feed.texts.join("")).toMatch(/19000/);
    const change = { price: parseAmount("19001"), size: parseAmount("0.02") };
    expect(await told(feed, () => byHand({ type: "amendOrder", ...mine, ...change }))).toMatch(/19001/);
    expect(await told(feed, () => byHand({ type: "cancelOrder", ...mine }))).toMatch(/closed|cancel/i);
    byHand(order({}));
    await told(feed, () => quote("sell"));
    expect(feed.fills).toHaveLength(1);
    quote("buy", "18000");
    const close = { side: "sell", orderType: "market", price: null, timeInForce: "IOC", reduceOnly: true } as const;
    await told(feed, () => byHand(order(close)));
    expect(feed.fills).toHaveLength(2);
    expect(client.venue.truth().positions.filter(({ size }) => size !== "0")).toEqual([]);
    expect(client.idsOf(await client.openOrders())).toEqual([]);
  });

  it("of leverage, margin mode and position mode that are set by hand as far as the venue tells", async () => {
    client = await startClient(name);
    const feed = await client.accountFeed();
    const tells = async (fields: object) => (await told(feed, () => setting(fields))) !== "";
    const leverage = { type: "setLeverage", leverage: parseAmount("5") };
    const seen = {
      leverage: await tells({ ...leverage, market: BTC }),
      allLeverage: await tells({ ...leverage, leverage: parseAmount("3") }),
      margin: await tells({ type: "setMarginMode", mode: "isolated", market: BTC }),
      allMargin: await tells({ type: "setMarginMode", mode: "isolated" }),
      mode: await tells({ type: "setPositionMode", mode: "hedge", market: BTC }),
      allModes: await tells({ type: "setPositionMode", mode: "hedge" }),
    };
    const all = { leverage: true, allLeverage: true, margin: true, allMargin: true, mode: true, allModes: true };
    const none = { leverage: false, allLeverage: false, margin: false, allMargin: false, mode: false, allModes: false };
    // OKX tells positions that there were; none of these is of a position that is open. FTX never told settings.
    const noMode = { ...all, mode: false, allModes: false };
    const expected = { ftx: none, okx: none, bybit: all, binance: noMode, gate_io: noMode, hyperliquid: noMode };
    expect(seen).toEqual(expected[name]);
    const { settings } = client.venue.engine;
    expect(settings(client.venue.accountId, BTC)).toMatchObject({ positionMode: "hedge", marginMode: "isolated" });
  });

  it("on both of its connections and keys, and a sub-account of its own alone", async () => {
    client = await startClient(name);
    const feeds = [
      await client.accountFeed(),
      await client.accountFeed(),
      await client.as("second").accountFeed(),
      await client.as("sub").accountFeed(),
    ];
    const counts = () => feeds.map(({ fills }) => fills.length);
    for (const id of ["a1", "a2"]) await client.place(id);
    await client.as("second").place("b1");
    await wait();
    for (let count = 0; count < 3; count += 1) quote("sell");
    await wait();
    expect(counts()).toEqual([3, 3, 3, 0]);
    await client.as("sub").place("s1");
    await wait();
    quote("sell");
    await wait();
    expect(counts()).toEqual([3, 3, 3, 1]);
    const mine = feeds[3]!.fills[0];
    expect(client.venue.truth(`${client.venue.accountId}/sub`).fills).toHaveLength(1);
    expect(feeds.slice(0, 3).flatMap(({ fills }) => fills)).not.toContain(mine);
    expect(client.idsOf(await client.as("sub").openOrders())).toEqual([]);
  });
});

it("OKX tells an open position whose leverage is set by hand, for its market or for all", async () => {
  client = await startClient("okx");
  const feed = await client.accountFeed();
  await client.place("a1");
  await wait();
  quote("sell");
  await wait();
  const leverage = { type: "setLeverage", leverage: parseAmount("5") };
  expect(await told(feed, () => setting({ ...leverage, market: BTC }))).toMatch(/"lever":"5"/);
  expect(await told(feed, () => setting({ ...leverage, leverage: parseAmount("3") }))).toMatch(/"positions"/);
});
