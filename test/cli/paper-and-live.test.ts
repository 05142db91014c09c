import "../../src/paper/index.ts";
import "../../src/venues/binance/derivative.ts";
import "../../src/venues/bybit/derivative.ts";
import { describe, expect, it } from "vitest";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { type Bench, runCommand, startBench } from "./bench.ts";

const BUY = "buy BTC-USD 0.01 15000 --position open";

/** The venue as a live one looks: it knows nothing of the control API. */
function asLive({ world }: Bench): void {
  world.network.faults = {
    onHttpRequest: ({ url }) =>
      url.includes("/paper/") ? { kind: "respond", response: { status: 404, headers: {}, text: "" } } : undefined,
  };
}

describe("--paper", () => {
  it.each([
    ["bybit_perpetual", "BTC-USDT"],
    ["binance_perpetual", "BTC-USDT"],
    ["okx_perpetual", "BTC-USDT"],
    ["ftx_perpetual", "BTC-USD"],
  ])("buys on %s with nothing configured, on an exchange that ends with the command", async (connector, pair) => {
    const world = new SimulatedWorld({ seed: 1 });
    const command = `buy ${pair} 0.01 --type market --position open --wait --paper --json -c ${connector}`;
    const { json, error, exitCode } = await runCommand(world, command);
    expect(error).toBe("");
    expect(json).toMatchObject({ state: "filled", executedAmount: "0.01" });
    expect(exitCode).toBe(0);
  });

  it.each([
    "sell BTC-USDT 0.01 --type market --position open",
    "balance",
    "ticker BTC-USDT",
    "cancel-all",
    "positions",
  ])("serves `%s` of the connector that is the default", async (command) => {
    const { error, exitCode } = await runCommand(new SimulatedWorld({ seed: 1 }), `${command} --paper`);
    expect([error, exitCode]).toEqual(["", 0]);
  });

  it("flattens without a question", async () => {
    const { json } = await runCommand(new SimulatedWorld({ seed: 1 }), "flatten bybit_perpetual --paper --json");
    expect(json).toMatchObject({ isFlat: true });
  });

  it("sends no key of the user's and takes no address", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const environment = {
      BYBIT_PERPETUAL_API_KEY: "real-key",
      BYBIT_PERPETUAL_API_SECRET: "real-secret",
      BYBIT_PERPETUAL_REST_URL: "https://api.example.com",
    };
    const hosts = new Set<string>();
    world.network.faults = {
      onHttpRequest: ({ url }) => {
        hosts.add(new URL(url).hostname);
        return undefined;
      },
    };
    expect((await runCommand(world, "balance --paper", { environment })).exitCode).toBe(0);
    expect([...hosts]).toEqual(["127.0.0.1"]);
    const refused = await runCommand(world, "balance --paper --rest-url http://127.0.0.1:9");
    expect(refused.error).toMatch(/^perpwire: --paper and the address of a server exclude each other; /);
    expect(refused.exitCode).toBe(2);
  });
});

describe("the configured risk limits", () => {
  it("hold with --paper as they do on the venue, whatever addresses are configured", async () => {
    const environment = {
      BYBIT_PERPETUAL_MAX_ORDER_NOTIONAL: "5",
      BYBIT_PERPETUAL_REST_URL: "http://api.example.com",
    };
    const command = "buy BTC-USDT 0.01 --type market --position open --paper -c bybit_perpetual";
    const refused = await runCommand(new SimulatedWorld({ seed: 1 }), command, { environment });
    expect(refused.error).toContain("maxOrderNotional: 200 is above 5");
    expect(refused.exitCode).not.toBe(0);
    const larger = `${command} --max-order-notional 100000`;
    expect((await runCommand(new SimulatedWorld({ seed: 1 }), larger, { environment })).exitCode).toBe(0);
  });
});

describe("an order at a live venue", () => {
  it.each([BUY, `${BUY} --json`, "amend 5 --price 15001"])(
    "is refused before the venue is asked anything where nobody is there to be asked: `%s`",
    async (command) => {
      const bench = await startBench();
      const asked: string[] = [];
      bench.world.network.faults = {
        onHttpRequest: ({ url }) => {
          asked.push(new URL(url).pathname);
          return { kind: "respond", response: { status: 404, headers: {}, text: "" } };
        },
      };
      const { error, exitCode } = await bench.run(command);
      expect(asked, "nothing but whether it is a paper venue").toEqual(["/paper/clock"]);
      expect(error).toMatch(/^perpwire: this would .* at ftx_perpetual, live, and nobody is there to be asked; --yes /);
      expect(exitCode).toBe(2);
      expect(bench.venue.truth().orders).toEqual([]);
    },
  );

  it("is sent with --yes", async () => {
    const bench = await startBench();
    asLive(bench);
    const { json } = await bench.run(`${BUY} --yes --json`);
    expect(json).toMatchObject({ accepted: true });
  });

  it("is sent after a yes on the terminal, and not after anything else", async () => {
    const bench = await startBench();
    asLive(bench);
    const refused = await bench.run(BUY, { isInputTerminal: true, input: ["y"] });
    expect(refused.error).toBe(
      "buy 0.01 BTC-USD (limit, price 15000, to open a position) at ftx_perpetual, live? Type yes: " +
        "perpwire: not confirmed; nothing was sent; --yes does not ask\n",
    );
    expect(refused.exitCode).toBe(1);
    expect(bench.venue.truth().orders).toEqual([]);
    const agreed = await bench.run(BUY, { isInputTerminal: true, input: ["yes"] });
    expect(agreed.exitCode).toBe(0);
  });
});

describe("log lines", () => {
  async function lines(flags: string, isErrorTerminal: boolean): Promise<string[]> {
    const bench = await startBench();
    bench.world.network.faults = {
      onHttpRequest: ({ method }) => (method === "POST" ? { kind: "dropResponse" } : undefined),
    };
    const { environment } = bench;
    const { error } = await bench.run(`${BUY} --log-level debug ${flags}`, { isErrorTerminal, environment });
    expect(error).not.toContain(environment.FTX_PERPETUAL_API_SECRET);
    return error.trimEnd().split("\n");
  }

  it("are text on a terminal and JSON elsewhere", async () => {
    const text = await lines("", true);
    expect(text.length).toBeGreaterThan(0);
    for (const line of text) expect(line).toMatch(/^\d\d:\d\d:\d\d\.\d{3} (debug|info |warn |error) {2}\S/);
    const json = await lines("", false);
    for (const line of json) expect(JSON.parse(line)).toHaveProperty("msg");
  });

  it("are what --log-format says", async () => {
    for (const line of await lines("--log-format json", true)) expect(JSON.parse(line)).toHaveProperty("level");
    expect((await lines("--log-format text", false))[0]).toMatch(/^\d\d:\d\d:\d\d\.\d{3} /);
  });
});

describe("a name that is nearly right", () => {
  it.each([
    ["balnce", "unknown command 'balnce'; did you mean balance?"],
    ["ticker BTC-USDT --papr", "unknown option '--papr'; did you mean --paper?"],
    ["ticker BTC-USDT -c bybit", 'there is no connector "bybit"; did you mean "bybit_perpetual"?'],
    ["ticker BCT-USDT --paper", 'bybit_perpetual has no trading pair "BCT-USDT"; did you mean BTC-USDT?'],
    ["ticker BTCUSDT --paper", '"BTCUSDT" is not a trading pair; pairs are BASE-QUOTE; did you mean BTC-USDT?'],
    [
      "ticker BTC/USDT:USDT --paper",
      '"BTC/USDT:USDT" is not a trading pair; pairs are BASE-QUOTE; did you mean BTC-USDT?',
    ],
    ["checklist bybit_perpetul", 'there is no connector "bybit_perpetul"; did you mean "bybit_perpetual"?'],
    ["leverage BTC-USDT abc --paper", 'BTC-USDT: leverage: "abc" is not a decimal number; give a number or text'],
    ["ticker eth-usdt --paper", 'bybit_perpetual has no trading pair "eth-usdt"; did you mean ETH-USDT?'],
    ["conformance binance", 'there is no connector "binance"; did you mean "binance_perpetual"?'],
  ])("is told with the right one: `%s`", async (command, text) => {
    const { error, exitCode } = await runCommand(new SimulatedWorld({ seed: 1 }), command);
    expect(error).toContain(text);
    expect(exitCode).toBe(2);
  });
});
