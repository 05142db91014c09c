import { describe, expect, it } from "vitest";
import { type Bench, startBench } from "./bench.ts";

const BUY = "buy BTC-USD 0.01 15000 --position open --json";

/** Places an order with a journal of its own, so that it is somebody else's for the commands that follow. */
async function placeAsAnother(
  { run }: Bench,
  order = BUY,
): Promise<{ clientOrderId: string; exchangeOrderId: string }> {
  const { json } = await run(`${order} --journal /project/another.journal`);
  expect(json.accepted).toBe(true);
  return json;
}

/** What the venue knows once its matching engine has got to it. */
async function ordersAtVenue({ venue, world }: Bench) {
  await world.advance(100);
  return venue.truth().orders.map(({ clientId, status, price, size }) => ({ clientId, status, price, size }));
}

describe("perpwire buy and sell", () => {
  it("prints what the venue accepted, and the order is there", async () => {
    const bench = await startBench();
    const { json, exitCode, error } = await bench.run(BUY);
    expect(json).toMatchObject({
      tradingPair: "BTC-USD",
      side: "buy",
      type: "limit",
      amount: "0.01",
      price: "15000",
      timeInForce: "GTC",
      reduceOnly: false,
      position: "open",
      state: "open",
      accepted: true,
    });
    expect(json.exchangeOrderId).toMatch(/^\d+$/);
    expect(error).toBe("");
    expect(exitCode).toBe(0);
    expect(await ordersAtVenue(bench)).toEqual([
      { clientId: json.clientOrderId, status: "open", price: "15000", size: "0.01" },
    ]);
  });

  it("never gives an id twice, from process to process", async () => {
    const { run } = await startBench();
    const ids = [(await run(BUY)).json, (await run(BUY)).json, (await run(BUY)).json].map(
      ({ clientOrderId }) => clientOrderId,
    );
    expect(new Set(ids).size).toBe(3);
  });

  it("waits with --wait until the fills add up", async () => {
    const { run, venue } = await startBench();
    const process = await run("buy BTC-USD 0.02 --type market --position open --wait --json");
    expect(process.outLines).toHaveLength(2);
    expect(process.json).toMatchObject({ state: "filled", executedAmount: "0.02", reason: null });
    const { fills } = venue.truth();
    expect(fills.map(({ size }) => Number(size)).reduce((sum, size) => sum + size, 0)).toBeCloseTo(0.02, 8);
    expect(process.json.fees.USD).toMatch(/^0\.\d+$/);
    expect(process.exitCode).toBe(0);
    const closed = await run("sell BTC-USD 0.02 --type market --position close --wait --json");
    expect(closed.json).toMatchObject({ state: "filled", reduceOnly: true, executedAmount: "0.02" });
    expect((await run("positions --json")).json).toEqual([]);
  });

  it("passes type, time in force and reduce-only on", async () => {
    const bench = await startBench();
    const post = await bench.run("sell BTC-USD 0.01 21000 --position open --type limitMaker --json");
    expect(post.json).toMatchObject({ side: "sell", type: "limitMaker", price: "21000" });
    const ioc = await bench.run("buy BTC-USD 0.01 15000 --position open --tif IOC --wait --json");
    expect(ioc.json).toMatchObject({ state: "canceled", executedAmount: "0", timeInForce: "IOC" });
    const reduce = await bench.run("sell BTC-USD 0.01 21000 --position open --reduce-only");
    expect(reduce.error).toBe(
      'perpwire: BTC-USD order: a reduce-only order cannot open a position; say position: "close"\n',
    );
    expect(reduce.exitCode).toBe(2);
  });

  it.each([
    [
      "buy BTC-USD 0.01 15000.5 --position open",
      /^perpwire: BTC-USD buy order: price 15000\.5 is not a multiple of/,
      2,
    ],
    ["buy BTC-USD lots 15000 --position open", /^perpwire: BTC-USD order: amount: "lots" is not a decimal number/, 2],
    ["buy BTC-USD 0.01 --position open", /^perpwire: BTC-USD .*price/, 2],
    ["buy BTC-USD 0.01 15000 --position open --type market", /^perpwire: .*a market order has no price/, 2],
    ["buy FOO-USD 1 1 --position open", /^perpwire: ftx_perpetual has no trading pair "FOO-USD"/, 2],
    ["buy BTC-USD 100 15000 --position open", /^perpwire: BTC-USD buy order needs \d+ USD, 100000 is available/, 1],
  ])("refuses `%s` before anything is sent", async (command, line, code) => {
    const bench = await startBench();
    const process = await bench.run(command);
    expect(process.error).toMatch(line);
    expect(process.out).toBe("");
    expect(process.exitCode).toBe(code);
    expect(await ordersAtVenue(bench)).toEqual([]);
  });

  it("tells the venue's refusal", async () => {
    const bench = await startBench();
    bench.world.network.faults = {
      onHttpRequest: ({ method }) =>
        method === "POST"
          ? {
              kind: "respond",
              response: { status: 400, headers: {}, text: '{"success":false,"error":"Size too small"}' },
            }
          : undefined,
    };
    const process = await bench.run(BUY);
    expect(process.json.error).toMatchObject({ code: "TRADING_RULE", message: "FTX answered 400: Size too small" });
    expect(process.exitCode).toBe(1);
  });

  it("finds an order again whose answer got lost", async () => {
    const bench = await startBench();
    bench.world.network.faults = {
      onHttpRequest: ({ method }) => (method === "POST" ? { kind: "dropResponse" } : undefined),
    };
    const process = await bench.run(BUY);
    expect(process.json).toMatchObject({ accepted: true, state: "open" });
    expect(await ordersAtVenue(bench)).toHaveLength(1);
    expect(process.exitCode).toBe(0);
  });

  it("says so and exits with 5 when nobody can tell what became of the order; the next process finds out", async () => {
    const bench = await startBench();
    let isPlaced = false;
    bench.world.network.faults = {
      onHttpRequest: ({ method }) => {
        isPlaced ||= method === "POST";
        return isPlaced ? { kind: "dropResponse" } : undefined;
      },
      onFrame: (direction) => (isPlaced && direction === "toClient" ? "drop" : undefined),
    };
    const process = await bench.run(`${BUY} --timeout 20 --log-level silent`);
    expect(process.json).toMatchObject({ accepted: "unknown", exchangeOrderId: null });
    expect(process.error).toBe(
      `perpwire: the fate of order ${process.json.clientOrderId} is not known yet: no answer for 20000 ms; see perpwire orders\n`,
    );
    expect(process.exitCode).toBe(5);
    bench.world.network.faults = {};
    const canceled = await bench.run(`cancel ${process.json.clientOrderId} --json`);
    expect(canceled.json).toMatchObject({ state: "canceled", error: null });
  });

  it("leaves the order alone when it is stopped, and says so", async () => {
    const bench = await startBench();
    const process = await bench.run(`${BUY} --wait`, {
      meanwhile: async (running) => {
        await running.until(({ outLines }) => outLines.length === 1);
        running.signal("SIGINT");
      },
    });
    const { clientOrderId } = process.json;
    expect(process.error).toBe(
      `perpwire: order ${clientOrderId} is left as it is; see perpwire orders\nperpwire: stopped by SIGINT\n`,
    );
    expect(process.exitCode).toBe(130);
    expect(await ordersAtVenue(bench)).toMatchObject([{ clientId: clientOrderId, status: "open" }]);
  });
});

describe("perpwire balance, positions and orders", () => {
  it("tell what the account has", async () => {
    const bench = await startBench({ startingBalance: "5000.25" });
    const { run } = bench;
    expect((await run("balance --json")).json).toMatchObject([
      { asset: "USD", cash: "5000.25", equity: "5000.25", available: "5000.25" },
    ]);
    await run("buy BTC-USD 0.02 --type market --position open --wait");
    const other = await placeAsAnother(bench, "buy ETH-USD 0.5 1400 --position open --json");
    expect((await run("positions --json")).json).toMatchObject([
      { tradingPair: "BTC-USD", side: "both", amount: "0.02", leverage: "10" },
    ]);
    expect((await run("positions ETH-USD --json")).json).toEqual([]);
    const orders = await run("orders --json");
    expect(orders.json).toMatchObject([
      {
        exchangeOrderId: other.exchangeOrderId,
        tradingPair: "ETH-USD",
        amount: "0.5",
        executedAmount: "0",
        state: "open",
      },
    ]);
    expect((await run("orders BTC-USD")).out).toBe("no open orders\n");
    expect((await run("positions ETH-USD")).out).toBe("no open positions\n");
  });

  it("need a key, and say where to put it", async () => {
    const { run, venue } = await startBench();
    const urls = { FTX_PERPETUAL_REST_URL: venue.rest, FTX_PERPETUAL_WS_URL: venue.ws };
    const environment = { PERPWIRE_CONNECTOR: "ftx_perpetual", ...urls };
    const process = await run("balance --json", { environment });
    expect(process.json.error).toEqual({
      code: "CREDENTIALS_MISSING",
      message: "ftx_perpetual has no credentials",
      hint: "run perpwire connect ftx_perpetual, put ftx_perpetual_api_key and ftx_perpetual_api_secret into conf/conf_global.yml, or set FTX_PERPETUAL_API_KEY and the secret",
    });
    expect(process.exitCode).toBe(3);
  });

  it("take the key from the configuration file", async () => {
    const { run, venue, writeFile } = await startBench();
    await writeFile(
      "/project/conf/conf_global.yml",
      `ftx_perpetual_api_key: ${venue.apiKey}\nftx_perpetual_api_secret: ${venue.apiSecret}\n` +
        `ftx_perpetual_rest_url: ${venue.rest}\nftx_perpetual_ws_url: ${venue.ws}\n`,
    );
    const { json, exitCode } = await run("balance --json -c ftx_perpetual", { environment: {} });
    expect(json).toHaveLength(1);
    expect(exitCode).toBe(0);
  });

  it("say that the venue does not accept the key, without showing it", async () => {
    const { run, environment } = await startBench();
    const secret = "wrong-secret-of-mine";
    const process = await run("balance --json --log-level debug", {
      environment: { ...environment, FTX_PERPETUAL_API_SECRET: secret },
    });
    expect(process.exitCode).toBe(3);
    expect(process.json.error.code).toBe("AUTH");
    expect(process.out + process.error).not.toContain(secret);
    expect(process.out + process.error).not.toContain(environment.FTX_PERPETUAL_API_KEY);
  });
});

describe("perpwire cancel", () => {
  it("cancels an order of an earlier process by its client order id", async () => {
    const bench = await startBench();
    const { clientOrderId, exchangeOrderId } = (await bench.run(BUY)).json;
    const process = await bench.run(`cancel ${clientOrderId} --json`);
    expect(process.json).toEqual({
      clientOrderId,
      exchangeOrderId,
      tradingPair: "BTC-USD",
      state: "canceled",
      error: null,
    });
    expect(process.exitCode).toBe(0);
    expect(await ordersAtVenue(bench)).toMatchObject([{ status: "closed" }]);
  });

  it.each(["clientOrderId", "exchangeOrderId"] as const)("cancels an order of somebody else by its %s", async (id) => {
    const bench = await startBench();
    const order = await placeAsAnother(bench);
    const process = await bench.run(`cancel ${order[id]} --json`);
    expect(process.json).toMatchObject({
      ...{ exchangeOrderId: order.exchangeOrderId },
      state: "canceled",
      error: null,
    });
    expect(await ordersAtVenue(bench)).toMatchObject([{ status: "closed" }]);
  });

  it("asks the venue when the account's stream says nothing of somebody else's order", async () => {
    const bench = await startBench();
    const order = await placeAsAnother(bench);
    bench.world.network.faults = {
      onFrame: (direction, text) => (direction === "toClient" && /"orders".*"update"/.test(text) ? "drop" : undefined),
    };
    const startedMs = bench.world.now();
    const process = await bench.run(`cancel ${order.exchangeOrderId} --json --timeout 3`);
    expect(bench.world.now() - startedMs).toBeGreaterThan(3_000);
    expect(process.json).toMatchObject({ exchangeOrderId: order.exchangeOrderId, state: "canceled", error: null });
  });

  it("says that there is no such order, or that it has ended", async () => {
    const bench = await startBench();
    const missing = await bench.run("cancel 12345");
    expect(missing.error).toBe('perpwire: no open order "12345"; `perpwire orders` lists what is open\n');
    expect(missing.exitCode).toBe(1);
    const { clientOrderId } = (await bench.run(BUY)).json;
    await bench.run(`cancel ${clientOrderId}`);
    const again = await bench.run(`cancel ${clientOrderId}`);
    expect(again.error).toContain(`order "${clientOrderId}" is canceled already`);
    expect(again.exitCode).toBe(1);
  });

  it("cancels at the venue while another process holds the journal", async () => {
    const bench = await startBench();
    let clientOrderId = "";
    let canceled: Awaited<ReturnType<Bench["run"]>> | undefined;
    await bench.run(`${BUY} --wait`, {
      meanwhile: async (running) => {
        await running.until(({ outLines }) => outLines.length === 1);
        clientOrderId = running.json.clientOrderId;
        canceled = await bench.start(`cancel ${clientOrderId} --json`);
      },
    });
    expect(canceled?.error).toMatch(/^perpwire: the journal .* is in use .*; canceling at the venue without it\n$/);
    expect(canceled?.json).toMatchObject({ clientOrderId, state: "canceled", error: null });
    expect(canceled?.exitCode).toBe(0);
  });
});

describe("perpwire cancel-all", () => {
  it("cancels every open order, ours and those of others", async () => {
    const bench = await startBench();
    await bench.run(BUY);
    await placeAsAnother(bench);
    await placeAsAnother(bench, "buy ETH-USD 0.5 1400 --position open --json");
    const one = await bench.run("cancel-all BTC-USD --json");
    expect(one.json).toHaveLength(2);
    expect(one.json).toMatchObject([{ state: "canceled" }, { state: "canceled" }]);
    expect((await bench.run("orders --json")).json).toMatchObject([{ tradingPair: "ETH-USD" }]);
    expect((await bench.run("cancel-all")).out).toContain("│ ETH-USD     │ canceled │");
    const none = await bench.run("cancel-all");
    expect(none.out).toBe("no open orders\n");
    expect(none.exitCode).toBe(0);
  });

  it("fails and says why when an order has not ended in time", async () => {
    const bench = await startBench();
    await placeAsAnother(bench);
    bench.world.network.faults = {
      onHttpRequest: ({ method }) => (method === "DELETE" ? { kind: "dropRequest" } : undefined),
    };
    const process = await bench.run("cancel-all --json --timeout 3 --log-level silent");
    expect(process.json).toHaveLength(1);
    expect(process.json[0].error).toMatch(/^[A-Z_]+: /);
    expect(process.exitCode).toBe(1);
  });
});
