import { describe, expect, it } from "vitest";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { runCommand, startBench } from "./bench.ts";

describe("perpwire markets", () => {
  it("lists the rules of every market", async () => {
    const { run } = await startBench();
    const { json, exitCode, error } = await run("markets --json");
    expect(json.map(({ tradingPair }: { tradingPair: string }) => tradingPair)).toEqual([
      "BTC-USD",
      "DOGE-USD",
      "ETH-USD",
      "SOL-USD",
    ]);
    expect(json[0]).toMatchObject({
      symbol: "BTC-PERP",
      minPriceIncrement: "1",
      minBaseAmountIncrement: "0.0001",
      contractSize: "1",
      contractKind: "linear",
      collateral: "USD",
      fundingIntervalHours: 1,
    });
    expect(json[1].minPriceIncrement).toBe("0.0000005");
    expect(error).toBe("");
    expect(exitCode).toBe(0);
    expect((await run("markets")).out).toContain("│ BTC-USD     │ BTC-PERP ");
  });

  it("needs no key", async () => {
    const { run, venue } = await startBench();
    const flags = `--rest-url ${venue.rest} --ws-url ${venue.ws}`;
    const { json } = await run(`markets --json ${flags} -c ftx_perpetual`, { environment: {} });
    expect(json).toHaveLength(4);
  });

  it("says that FTX has no server of its own any more", async () => {
    const { error, exitCode } = await runCommand(new SimulatedWorld({ seed: 1 }), "ticker BTC-USD -c ftx_perpetual");
    expect(error).toBe(
      "perpwire: ftx_perpetual has no REST URL: FTX closed in November 2022; paper: true (--paper) trades on the exchange in the box; restUrl and webSocketUrl (--rest-url, --ws-url) name another server that speaks FTX's protocol\n",
    );
    expect(exitCode).toBe(2);
  });

  it("says when nobody answers", async () => {
    const flags = "--rest-url http://127.0.0.1:9/api --ws-url ws://127.0.0.1:9/ws";
    const { json, exitCode } = await runCommand(new SimulatedWorld({ seed: 1 }), `markets --json ${flags}`);
    expect(json.error.code).toMatch(/^TRANSPORT_/);
    expect(exitCode).toBe(4);
  });

  it("says that there is no such connector", async () => {
    const { error, exitCode } = await runCommand(new SimulatedWorld({ seed: 1 }), "markets --connector kraken");
    expect(error).toMatch(/^perpwire: there is no connector "kraken"; there are ftx_perpetual, /);
    expect(exitCode).toBe(2);
  });

  it("takes its default connector from the environment", async () => {
    const environment = { PERPWIRE_CONNECTOR: "nowhere_perpetual" };
    const { error } = await runCommand(new SimulatedWorld({ seed: 1 }), "markets", { environment });
    expect(error).toMatch(/^perpwire: there is no connector "nowhere_perpetual"/);
  });
});

describe("perpwire ticker", () => {
  it("tells prices and funding as text and times as ISO", async () => {
    const { run, venue, world } = await startBench();
    const { json, exitCode } = await run("ticker BTC-USD --json");
    expect(Object.keys(json)).toEqual([
      "tradingPair",
      "bid",
      "bidAmount",
      "ask",
      "askAmount",
      "last",
      "mark",
      "index",
      "fundingRate",
      "fundingKind",
      "nextFunding",
      "time",
    ]);
    expect(Number(json.bid)).toBeLessThan(Number(json.ask));
    for (const name of ["bid", "ask", "mark", "index", "fundingRate"]) expect(json[name]).toMatch(/^-?\d+(\.\d+)?$/);
    expect(json.nextFunding).toMatch(/^\d{4}-\d\d-\d\dT\d\d:00:00\.000Z$/);
    expect(Math.abs(Date.parse(json.time) - world.now())).toBeLessThan(60_000);
    expect(exitCode).toBe(0);
    const bid = venue.engine.book("BTC-USD", 1).bids[0];
    expect(bid).toBeDefined();
    expect((await run("ticker BTC-USD")).out).toMatch(/^ask +\d+$/m);
  });

  it("shows a market on which nothing happened", async () => {
    const { run } = await startBench({ emptyBooks: true });
    const { json, exitCode } = await run("ticker BTC-USD --json");
    expect(json).toMatchObject({ bid: null, ask: null, last: null });
    expect(exitCode).toBe(0);
  });

  it("says which pairs are alike", async () => {
    const { run } = await startBench();
    const process = await run("ticker BTC-USDT --json");
    expect(process.json.error).toEqual({
      code: "NOT_FOUND",
      message: 'ftx_perpetual has no trading pair "BTC-USDT"',
      hint: "did you mean BTC-USD?",
    });
    expect(process.exitCode).toBe(2);
    expect((await run("ticker BTC")).error).toBe(
      'perpwire: "BTC" is not a trading pair; pairs are BASE-QUOTE, for example BTC-USD\n',
    );
  });
});

describe("perpwire book", () => {
  it("prints the best levels", async () => {
    const { run } = await startBench();
    const { json } = await run("book BTC-USD --depth 3 --json");
    expect(json).toMatchObject({ tradingPair: "BTC-USD", valid: true });
    expect(json.bids).toHaveLength(3);
    expect(json.asks).toHaveLength(3);
    expect(Number(json.bids[0][0])).toBeGreaterThan(Number(json.bids[1][0]));
    const { out } = await run("book BTC-USD --depth 2");
    expect(out).toMatch(/^BTC-USD {2}\d{4}-/);
    expect(out).toContain(`${json.bids[0][0]} │ ${json.asks[0][0]}`);
  });

  it("refuses to be told how long where it ends at once", async () => {
    const { run } = await startBench({ emptyBooks: true });
    const { exitCode, error } = await run("book BTC-USD --duration 5");
    expect([exitCode, error]).toEqual([2, expect.stringContaining("--duration is how long --live goes on")]);
  });

  it("prints a JSON line for every change of what is shown, for as long as it is told", async () => {
    const { run, venue } = await startBench({ emptyBooks: true });
    const process = await run("book BTC-USD --live --json --depth 1 --duration 5", {
      meanwhile: async (running) => {
        await running.until(({ outLines }) => outLines.length === 1);
        venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
        await running.until(({ outLines }) => outLines.length === 2);
        venue.trader.order({ market: "BTC-USD", side: "buy", price: "19000", size: "1" });
        venue.trader.order({ market: "BTC-USD", side: "sell", price: "21000", size: "2.5" });
      },
    });
    const views = process.outLines.map((line) => JSON.parse(line));
    expect(views.map(({ bids, asks }) => [bids, asks])).toEqual([
      [[], []],
      [[["20000", "1"]], []],
      [[["20000", "1"]], [["21000", "2.5"]]],
    ]);
    expect(process.exitCode).toBe(0);
  });

  it("says so when the book is not valid, and shows it again when it is", async () => {
    const { run, venue } = await startBench();
    const process = await run("book BTC-USD --live --json --depth 1", {
      meanwhile: async (running) => {
        await running.until(({ outLines }) => outLines.length === 1);
        void venue.restart(500);
        await running.until(({ outLines }) => outLines.length === 3);
        running.signal("SIGINT");
      },
    });
    const views = process.outLines.map((line) => JSON.parse(line));
    expect(views.map(({ valid }) => valid)).toEqual([true, false, true]);
    expect(views[1]).toMatchObject({ bids: [], asks: [] });
    expect(views[1].reason).toMatch(/\w+/);
  });

  it("ends with 130 at SIGINT, after a clean stop", async () => {
    const { run } = await startBench();
    const process = await run("book BTC-USD --live", {
      meanwhile: async (running) => {
        await running.until(({ outLines }) => outLines.length === 1);
        running.signal("SIGINT");
      },
    });
    expect(process.out).toMatch(/^\d{4}-\S+ {2}[\d.]+@\d+ .* \| /);
    expect(process.error).toBe("perpwire: stopped by SIGINT\n");
    expect(process.exitCode).toBe(130);
    expect(process.listensToSignals).toBe(false);
  });

  it("draws nothing any more once it has ended", async () => {
    const { run, venue } = await startBench({ emptyBooks: true });
    const process = await run("book BTC-USD --live --depth 1", {
      isTerminal: true,
      meanwhile: async (running) => {
        await running.until(({ out }) => out.includes("BTC-USD"));
        venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
        await running.until(({ out }) => out.includes("20000"));
        venue.trader.cancelAll();
        venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "1" });
        running.signal("SIGINT");
      },
    });
    expect(process.out).not.toContain("not valid");
    expect(process.out).not.toContain("19990");
    expect(process.exitCode).toBe(130);
  });

  it("redraws a terminal in place", async () => {
    const { run, venue } = await startBench({ emptyBooks: true });
    const process = await run("book BTC-USD --live --depth 1 --duration 5", {
      isTerminal: true,
      meanwhile: async (running) => {
        await running.until(({ out }) => out.includes("BTC-USD"));
        venue.trader.order({ market: "BTC-USD", side: "buy", price: "20000", size: "1" });
      },
    });
    expect(process.out).toContain("│ 20000 │");
    expect(process.out.match(/BTC-USD {2}/g)?.length).toBe(2);
    expect(process.out).not.toContain("not valid");
    expect(process.out).toContain("\u001b[");
  });
});

describe("perpwire status", () => {
  it("tells what is ready and how the venue answers", async () => {
    const { run, venue } = await startBench();
    const process = await run("status BTC-USD --json");
    expect(process.json).toMatchObject({
      connector: "ftx_perpetual",
      ready: true,
      network: "connected",
      status: { orderBooksInitialized: true, userStreamInitialized: true, journal: true },
      goneTradingPairs: [],
      channelsNotHeard: [],
      orders: { active: 0, unknown: 0, lost: 0 },
    });
    expect(process.json.latencyMs).toBeGreaterThan(0);
    expect(process.json.rateLimits[0]).toMatchObject({ limitId: "requests", waiting: 0 });
    expect(process.exitCode).toBe(0);
    expect(process.out).not.toContain(venue.apiKey);
  });

  it("shows people the state in a few lines, and the rate limits as a table", async () => {
    const { run } = await startBench();
    const { outLines } = await run("status BTC-USD");
    expect(outLines).toContain("connector         ftx_perpetual");
    expect(outLines).toContain("ready             yes");
    expect(outLines.find((line) => line.startsWith("books "))).toMatch(/1 of 1 valid/);
    expect(outLines.find((line) => line.startsWith("orders "))).toMatch(/0 active, 0 unknown, 0 lost/);
    expect(outLines.some((line) => /│ rate limit +│ used │ +of │ in seconds │ waiting │/.test(line))).toBe(true);
    expect(outLines.every((line) => line.length <= 80)).toBe(true);
  });

  it("names for people what keeps it from being ready", async () => {
    const { run, world } = await startBench();
    world.network.faults = { onConnect: () => "refuse" };
    const process = await run("status BTC-USD --timeout 3 --log-level silent");
    expect(process.out).toMatch(/^ready +no, for want of orderBooksInitialized/m);
    expect(process.exitCode).toBe(1);
  });

  it("looks at the public half without a key", async () => {
    const { run, venue } = await startBench();
    const { json } = await run(`status --json -c ftx_perpetual --rest-url ${venue.rest} --ws-url ${venue.ws}`, {
      environment: {},
    });
    expect(json.status).not.toHaveProperty("userStreamInitialized");
    expect(json.orders).toBeNull();
  });

  it("tells what is missing and fails when not everything gets ready", async () => {
    const { run, world } = await startBench();
    world.network.faults = { onConnect: () => "refuse" };
    const process = await run("status BTC-USD --json --timeout 3 --log-level silent");
    expect(process.json).toMatchObject({ ready: false, status: { orderBooksInitialized: false } });
    expect(process.exitCode).toBe(1);
    const ticker = await run("ticker BTC-USD --timeout 3 --log-level silent");
    expect(ticker.error).toMatch(/^perpwire: ftx_perpetual is not ready: orderBooksInitialized\n$/);
    expect(ticker.exitCode).toBe(4);
  });
});
