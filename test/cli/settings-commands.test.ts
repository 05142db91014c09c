import { describe, expect, it } from "vitest";
import { startBench } from "./bench.ts";

const MARKET_BUY = "buy BTC-USD 0.02 --type market --position open --wait";

describe("perpwire leverage", () => {
  it("shows what the venue says and sets it", async () => {
    const { run } = await startBench();
    expect((await run("leverage BTC-USD --json")).json).toEqual({
      tradingPair: "BTC-USD",
      leverage: "10",
      scope: "account",
    });
    const set = await run("leverage BTC-USD 5 --json");
    expect(set.json).toMatchObject({ leverage: "5" });
    expect(set.exitCode).toBe(0);
    expect((await run("leverage ETH-USD")).out).toMatch(/^leverage +5$/m);
  });

  it.each([
    ["leverage BTC-USD lots", /leverage: "lots" is not a decimal number/, 2],
    ["leverage BTC-USD 0", /leverage 0 is not above zero/, 2],
    ["leverage BTC-USD 1000", /FTX answered 400/, 1],
    ["leverage FOO-USD", /has no trading pair "FOO-USD"/, 2],
  ])("refuses `%s`", async (command, line, code) => {
    const process = await (await startBench()).run(command);
    expect(process.error).toMatch(line);
    expect(process.exitCode).toBe(code);
  });
});

describe("perpwire position-mode", () => {
  it("shows the mode, and refuses one that the venue does not have", async () => {
    const { run } = await startBench();
    expect((await run("position-mode --json")).json).toEqual({ positionMode: "oneWay", supported: ["oneWay"] });
    expect((await run("position-mode oneWay --json")).exitCode).toBe(0);
    const hedge = await run("position-mode hedge");
    expect(hedge.error).toBe('perpwire: ftx_perpetual has no position mode "hedge"; it has oneWay\n');
    expect(hedge.exitCode).toBe(2);
    expect((await run("position-mode both")).exitCode).toBe(2);
  });
});

describe("perpwire funding", () => {
  it("shows a market's funding now and what the account paid", async () => {
    const { run, world, venue } = await startBench({ fundingIntervalMs: 60_000 });
    await run(MARKET_BUY);
    await world.advance(130_000);
    const { json, exitCode } = await run("funding BTC-USD --json");
    expect(json.info).toMatchObject({ tradingPair: "BTC-USD", kind: "predicted" });
    expect(json.info.mark).toMatch(/^\d+(\.\d+)?$/);
    const { fundingPayments } = venue.truth();
    expect(fundingPayments.length).toBeGreaterThan(0);
    expect(json.payments.map(({ amount }: { amount: string }) => Number(amount))).toEqual(
      fundingPayments.map(({ amount }) => Number(amount)),
    );
    expect(exitCode).toBe(0);
    expect((await run("funding --json")).json).toMatchObject({ info: null, payments: json.payments });
    expect((await run("funding ETH-USD --json")).json.payments).toEqual([]);
    await world.advance(5_000);
    expect((await run("funding --since 1s")).out).toMatch(/^no funding payments since 20/);
  });

  it("needs no key for a market's funding, and one for payments", async () => {
    const { run, venue } = await startBench();
    const urls = { FTX_PERPETUAL_REST_URL: venue.rest, FTX_PERPETUAL_WS_URL: venue.ws };
    const environment = { PERPWIRE_CONNECTOR: "ftx_perpetual", ...urls };
    const { json } = await run("funding BTC-USD --json", { environment });
    expect(json).toMatchObject({ info: { tradingPair: "BTC-USD" }, payments: null });
    expect((await run("funding", { environment })).exitCode).toBe(3);
    expect((await run("funding --since yesterday")).exitCode).toBe(2);
  });
});

describe("perpwire history", () => {
  it("has the fills of the venue and the ended orders of the journal", async () => {
    const { run, venue, world } = await startBench();
    await run(MARKET_BUY);
    const open = (await run("buy BTC-USD 0.01 15000 --position open --json")).json;
    await run(`cancel ${open.clientOrderId}`);
    await run("sell ETH-USD 0.1 --type market --position open --wait --journal /project/another.journal");
    const { json, exitCode } = await run("history --json");
    const { fills } = venue.truth();
    expect(json.fills.map(({ fillId }: { fillId: string }) => fillId)).toEqual(
      fills.map(({ fillId }) => String(fillId)),
    );
    expect(json.fills[0]).toMatchObject({ kind: "fill", tradingPair: "BTC-USD", side: "buy", isMaker: false });
    expect(json.fills[0].clientOrderId).toBe(json.orders[0].clientOrderId);
    expect(json.fills.at(-1).clientOrderId).toBeNull();
    expect(json.fills[0].fee.USD).toMatch(/^0\.\d+$/);
    expect(json.orders).toMatchObject([
      { type: "market", state: "filled", executedAmount: "0.02" },
      { clientOrderId: open.clientOrderId, state: "canceled", reason: "user", executedAmount: "0" },
    ]);
    expect(exitCode).toBe(0);
    expect((await run("history ETH-USD --json")).json).toMatchObject({ fills: [{ side: "sell" }], orders: [] });
    await world.advance(10_000);
    expect((await run("history --since 2s")).out).toMatch(/^no fills since .*\nno ended orders in the journal\n$/);
  });
});

describe("perpwire amend", () => {
  it.each(["clientOrderId", "exchangeOrderId"] as const)("changes an open order of ours by its %s", async (id) => {
    const { run, venue, world } = await startBench();
    const order = (await run("buy BTC-USD 0.01 15000 --position open --json")).json;
    const amended = await run(`amend ${order[id]} --price 15100 --amount 0.02 --json`);
    expect(amended.error).toBe("");
    expect(amended.json).toMatchObject({
      clientOrderId: order.clientOrderId,
      price: "15100",
      amount: "0.02",
      state: "open",
      amended: true,
    });
    expect(amended.exitCode).toBe(0);
    await world.advance(100);
    const open = venue.truth().orders.filter(({ status }) => status === "open");
    expect(open).toMatchObject([{ price: "15100", size: "0.02" }]);
    const canceled = await run(`cancel ${order.clientOrderId} --json`);
    expect(canceled.json).toMatchObject({ state: "canceled", error: null });
  });

  it("is held to the risk limits as a new order is", async () => {
    const { run } = await startBench();
    const order = (await run("buy BTC-USD 0.01 15000 --position open --json")).json;
    const process = await run(`amend ${order.clientOrderId} --amount 1 --max-order-notional 200`);
    expect(process.error).toMatch(/^perpwire: maxOrderNotional: 15000 is above 200/);
    expect(process.exitCode).toBe(1);
  });

  it.each([
    ["amend 12345 --price 15000", /no open order "12345" of ours/, 1],
    ["amend 12345", /an amend changes something; give --price, --amount or both/, 2],
  ])("answers `%s`", async (command, line, code) => {
    const process = await (await startBench()).run(command);
    expect(process.error).toMatch(line);
    expect(process.exitCode).toBe(code);
  });

  it("refuses numbers that are none or break a rule, with nothing sent", async () => {
    const { run } = await startBench();
    const { clientOrderId } = (await run("buy BTC-USD 0.01 15000 --position open --json")).json;
    const word = await run(`amend ${clientOrderId} --price lots`);
    expect(word.error).toMatch(/price: "lots" is not a decimal number/);
    expect(word.exitCode).toBe(2);
    const tick = await run(`amend ${clientOrderId} --price 15000.3`);
    expect(tick.error).toMatch(/price 15000\.3 is not a multiple/);
    expect(tick.exitCode).toBe(2);
  });

  it("exits with 5 when nobody can tell whether it was taken", async () => {
    const { run, world } = await startBench();
    const { clientOrderId } = (await run("buy BTC-USD 0.01 15000 --position open --json")).json;
    world.network.faults = {
      onHttpRequest: ({ method }) => (method === "POST" ? { kind: "dropResponse" } : undefined),
    };
    const process = await run(`amend ${clientOrderId} --price 15100 --json --log-level silent`);
    expect(process.json).toMatchObject({ clientOrderId, amended: "unknown" });
    expect(process.exitCode).toBe(5);
  });
});

describe("perpwire status", () => {
  it("tells what the venue can do", async () => {
    const { json } = await (await startBench()).run("status BTC-USD --json");
    expect(json).toMatchObject({
      orderTypes: ["limit", "limitMaker", "market"],
      timesInForce: ["GTC", "IOC"],
      positionModes: ["oneWay"],
      capabilities: { amend: true, batchCreate: false, batchCancel: false, deadManSwitch: false },
    });
  });
});
