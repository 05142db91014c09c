import { describe, expect, it } from "vitest";
import { type ConnectOptions, connect, createConnector } from "../src/connect.ts";
import { AuthError } from "../src/model/error.ts";
import type { Runtime } from "../src/runtime/runtime.ts";
import { SimulatedWorld } from "../src/runtime/simulated.ts";
import { venueModule } from "../src/venues/bybit/derivative.ts";

const runtime = (): Runtime => new SimulatedWorld({ seed: 1 }).runtime("connector");
/** One whose bytes leave this process, as far as a connector can tell. */
const openNetwork = (): Runtime => ({ ...runtime(), isNetworkSimulated: undefined });

describe("a venue from outside of the package", () => {
  it("is opened by its module, on its default domain or on another of its own", async () => {
    const options = { runtime: runtime(), tradingPairs: ["BTC-USDT"] };
    const connector = await createConnector(venueModule, options);
    expect([connector.name, connector.domain]).toEqual(["bybit_perpetual", "bybit_perpetual"]);
    const other = await createConnector(venueModule, { ...options, domain: "bybit_perpetual_testnet" });
    expect(other.domain).toBe("bybit_perpetual_testnet");
  });

  it("is refused a domain that it does not have", async () => {
    const opening = createConnector(venueModule, { runtime: runtime(), tradingPairs: [], domain: "elsewhere" });
    await expect(opening).rejects.toMatchObject({
      code: "CONFIG",
      message: 'bybit_perpetual has no domain "elsewhere"',
      hint: expect.stringContaining("bybit_perpetual_testnet"),
    });
  });
});

describe("credentials", () => {
  it("may come with what else a program keeps of its account", async () => {
    const credentials = { apiKey: "k", apiSecret: "s", startingBalance: "1000", label: "main" };
    const options = { runtime: runtime(), tradingPairs: ["BTC-USDT"], credentials };
    const connector = await createConnector("bybit_perpetual", options);
    expect(connector.isTradingRequired).toBe(true);
  });
});

describe("a server that the user names", () => {
  const open = (options: object) =>
    createConnector("ftx_perpetual", { runtime: openNetwork(), tradingPairs: [], ...options });
  const plain = { restUrl: "http://api.example.com/api", webSocketUrl: "wss://api.example.com/ws" };

  it("is refused without encryption off this machine, unless the option takes it", async () => {
    const webSocketUrl = "ws://api.example.com/ws";
    for (const urls of [plain, { ...plain, restUrl: "https://api.example.com/api", webSocketUrl }]) {
      await expect(open(urls)).rejects.toMatchObject({ name: "ConfigError", code: "INSECURE_URL" });
      expect((await open({ ...urls, insecureUrls: true })).name).toBe("ftx_perpetual");
    }
    await expect(open({ ...plain, insecureUrls: "yes" })).rejects.toMatchObject({
      code: "CONFIG",
      message: 'insecureUrls is "yes"',
    });
  });

  it("needs no encryption in a simulated network, which nothing leaves", async () => {
    expect((await open({ ...plain, runtime: runtime() })).name).toBe("ftx_perpetual");
  });

  it("gets no connection with a password in its URL", async () => {
    const restUrl = "https://user:s3cr3t@api.example.com/api";
    const error: unknown = await open({ ...plain, restUrl }).catch((reason: unknown) => reason);
    expect(String(error)).toMatch(/the REST URL of api\.example\.com has a user name or a password in it/);
    expect(String(error)).not.toContain("s3cr3t");
  });
});

describe("a credential that is missing", () => {
  it.each([
    ["bybit_perpetual", { apiKey: undefined, apiSecret: "s" }, "credentials.apiKey is undefined"],
    ["bybit_perpetual", { apiKey: "k", apiSecret: "" }, "credentials.apiSecret is empty"],
    ["bybit_perpetual", { apiKey: "k", apiSecret: 5 }, "credentials.apiSecret is no text"],
    ["okx_perpetual", { apiKey: "k", apiSecret: "s" }, "credentials.passphrase is undefined"],
  ])("is an AuthError before anything is sent: %s %j", async (name, credentials, message) => {
    const options = { runtime: runtime(), tradingPairs: ["BTC-USDT"], credentials } as unknown as ConnectOptions;
    const opening = connect(name, options);
    await expect(opening).rejects.toBeInstanceOf(AuthError);
    await expect(opening).rejects.toMatchObject({
      code: "CREDENTIALS_MISSING",
      message,
      hint: expect.stringContaining("variable of the environment"),
    });
  });
});

describe("a connector's name", () => {
  it.each([
    ["bybit", '"bybit_perpetual"'],
    ["binance_perpetul", '"binance_perpetual"'],
    ["kraken_perpetual", "there are ftx_perpetual"],
  ])("that there is not is refused with the nearest: %s", async (name, hint) => {
    await expect(createConnector(name, { tradingPairs: [] })).rejects.toMatchObject({
      code: "CONFIG",
      hint: expect.stringContaining(hint),
    });
  });

  it("is asked for where it is missing", async () => {
    const opening = createConnector(undefined as unknown as string, { tradingPairs: [] });
    await expect(opening).rejects.toMatchObject({ code: "CONFIG", hint: expect.stringContaining("bybit_perpetual") });
  });
});

describe("options that make no sense", () => {
  const open = (options: unknown) => createConnector("bybit_perpetual", options as ConnectOptions);
  const good = () => ({ runtime: runtime(), tradingPairs: ["BTC-USDT"] });

  it.each([
    ["no options at all", (): unknown => undefined, "connect() needs options", "tradingPairs"],
    ["no trading pairs", () => ({ runtime: runtime() }), "tradingPairs is missing", "BTC-USDT"],
    [
      "a pair instead of a list",
      () => ({ ...good(), tradingPairs: "BTC-USDT" }),
      "tradingPairs is no list",
      "BTC-USDT",
    ],
    ["a misspelt option", () => ({ ...good(), resturl: "http://127.0.0.1:1" }), 'no option "resturl"', '"restUrl"'],
    ["a misspelt timing", () => ({ ...good(), timings: { lostAfter: 1 } }), 'no timing "lostAfter"', '"lostAfterMs"'],
    [
      "a time below zero",
      () => ({ ...good(), timings: { maxRequestAgeMs: -3 } }),
      "maxRequestAgeMs is -3",
      "from 0 up",
    ],
    ["a time that is text", () => ({ ...good(), readyTimeoutMs: "5000" }), 'readyTimeoutMs is "5000"', "milliseconds"],
    [
      "a back-off without a number",
      () => ({ ...good(), timings: { resolutionBackOffMs: [250, Number.NaN] } }),
      "resolutionBackOffMs is [250, NaN]",
      "milliseconds",
    ],
    [
      "a misspelt risk limit",
      () => ({ ...good(), riskLimits: { maxOrderNotionl: "5" } }),
      'no risk limit "maxOrderNotionl"',
      '"maxOrderNotional"',
    ],
    [
      "a durability that there is not",
      () => ({ ...good(), journalDurability: "disk" }),
      '"disk"',
      '"process" or "power"',
    ],
    ["no ended orders", () => ({ ...good(), doneOrdersKept: 0 }), "doneOrdersKept is 0", "from 1 to 100000"],
    ["half an ended order", () => ({ ...good(), doneOrdersKept: 1.5 }), "doneOrdersKept is 1.5", "whole number"],
    [
      "endless ended orders",
      () => ({ ...good(), doneOrdersKept: 1e9 }),
      "doneOrdersKept is 1000000000",
      "whole number",
    ],
    ["a flag that is text", () => ({ ...good(), cancelOnStop: "yes" }), 'cancelOnStop is "yes"', "true or false"],
    ["another flag that is text", () => ({ ...good(), budgetCheck: "no" }), 'budgetCheck is "no"', "true or false"],
    ["a share that is text", () => ({ ...good(), rateLimitsSharePercentage: "50" }), 'is "50"', "up to 100"],
    ["a share above all", () => ({ ...good(), rateLimitsSharePercentage: 101 }), "is 101", "up to 100"],
    [
      "limits to share that are a number",
      () => ({ ...good(), sharedRateLimits: 50 }),
      "sharedRateLimits is 50",
      "new SharedRateLimits()",
    ],
    ["a logger without methods", () => ({ ...good(), logger: {} }), "logger is an object", "debug, info, warn, error"],
    [
      "a URL of a page as a socket's",
      () => ({ ...good(), webSocketUrl: "http://127.0.0.1" }),
      "the WebSocket URL",
      "wss://",
    ],
    ["text instead of timings", () => ({ ...good(), timings: "fast" }), 'timings is "fast"', "an object"],
    ["a time that is NaN", () => ({ ...good(), timings: { lostAfterMs: Number.NaN } }), "is NaN", "milliseconds"],
    ["null for a file", () => ({ ...good(), journalPath: null }), "journalPath is null", "text"],
    ["a collar of 500 %", () => ({ ...good(), riskLimits: { priceCollar: "5" } }), "priceCollar is 5", "0.05 is 5 %"],
    ["paper and a server", () => ({ ...good(), paper: true, restUrl: "http://127.0.0.1:1" }), "exclude", "leave one"],
    ["text for paper", () => ({ ...good(), paper: "yes" }), 'paper is "yes"', "true, false"],
    [
      "a misspelt credential",
      () => ({ ...good(), credentials: { apikey: "k", apiSecret: "s" } }),
      'no credential "apikey"',
      '"apiKey"',
    ],
  ] as const)("are a ConfigError that says what would be right: %s", async (_, options, message, hint) => {
    await expect(open(options())).rejects.toMatchObject({
      code: "CONFIG",
      message: expect.stringContaining(message),
      hint: expect.stringContaining(hint),
    });
  });
});
