import { readFile } from "node:fs/promises";
import "yaml";
import "zod";
import { describe, expect, it } from "vitest";
import type { Cli } from "../../packages/cli/src/cli.ts";
import { readConfigFile } from "../../packages/cli/src/config.ts";
import { readSettings, type SettingsRequest } from "../../packages/cli/src/connector-settings.ts";
import { ConfigError } from "../../src/model/error.ts";
import { credentialSuffix } from "../../src/net/auth.ts";
import { CONNECTOR_NAMES, credentialSpecsOf } from "../../src/registry.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { FakeProcess } from "./fake-process.ts";

const NAMES = ["ftx_perpetual", "bybit_perpetual"];
const FILE = "/project/conf/conf_global.yml";

interface Given {
  readonly file?: string;
  readonly path?: string;
  readonly mode?: number;
  readonly environment?: Record<string, string>;
  readonly request?: Partial<SettingsRequest>;
}

/** What the last reading wrote to standard error. */
const warnings: string[] = [];

async function settings({ file, path = FILE, mode = 0o600, environment = {}, request = {} }: Given) {
  const runtime = new SimulatedWorld({ seed: 1 }).runtime();
  if (file !== undefined) await runtime.files.writeText(path, file, mode);
  const process = new FakeProcess([], { environment });
  const cli: Cli = { process, secrets: new Set(), runtime: async () => runtime };
  const read = await readSettings(cli, { connector: "ftx_perpetual", connectorNames: NAMES, ...request });
  warnings.push(process.error);
  return { ...read, secrets: [...cli.secrets] };
}

async function refusal(given: Given): Promise<ConfigError> {
  const error = await settings(given).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ConfigError);
  return error as ConfigError;
}

const BOTH = "ftx_perpetual_api_key: file-key\nftx_perpetual_api_secret: file-secret\n";

describe("the configuration", () => {
  it("needs no file", async () => {
    expect(await settings({})).toMatchObject({ credentials: undefined, restUrl: undefined, webSocketUrl: undefined });
  });

  it("is read from the file", async () => {
    const file = `${BOTH}ftx_perpetual_sub_account: desk\nftx_perpetual_rest_url: https://a/api\nftx_perpetual_ws_url: wss://a/ws\n`;
    expect(await settings({ file })).toEqual({
      credentials: { apiKey: "file-key", apiSecret: "file-secret", subAccount: "desk" },
      restUrl: "https://a/api",
      webSocketUrl: "wss://a/ws",
      insecureUrls: false,
      riskLimits: {},
      secrets: ["file-key", "file-secret"],
    });
  });

  it("holds a passphrase for venues whose keys have one, hides it as a secret, and the environment wins", async () => {
    const both = BOTH.replaceAll("ftx_perpetual", "okx_perpetual");
    const file = `${both}okx_perpetual_passphrase: file-words\n`;
    const request = { connector: "okx_perpetual", connectorNames: [...NAMES, "okx_perpetual"] };
    const read = await settings({ file, request });
    expect(read.credentials).toMatchObject({ apiKey: "file-key", passphrase: "file-words" });
    expect(read.secrets).toContain("file-words");
    const environment = { OKX_PERPETUAL_PASSPHRASE: "environment-words" };
    const { credentials, secrets } = await settings({ file, environment, request });
    expect(credentials).toMatchObject({ apiKey: "file-key", passphrase: "environment-words" });
    expect(secrets).toContain("environment-words");
  });

  it.each(["bybit_perpetual_testnet_passphrase", "bybit_perpetual_demo_passphrase", "okx_perpetual_demo_sub_account"])(
    "proposes no other venue's key, and no other field, for %s",
    async (key) => {
      const request = { connector: "okx_perpetual", connectorNames: CONNECTOR_NAMES };
      const connector = key.replace(/_(passphrase|sub_account)$/, "");
      expect((await refusal({ file: `${key}: words\n`, request })).hint).toMatch(`keys are ${connector}_ and api_key`);
    },
  );

  it("names a credential that the keys of another venue have and these have not", async () => {
    const error = await refusal({ file: `${BOTH}ftx_perpetual_passphrase: words\n` });
    expect(error.message).toBe('conf/conf_global.yml: there is no key "ftx_perpetual_passphrase"');
    expect(error.hint).toContain("keys are ftx_perpetual_ and api_key, api_secret, sub_account, rest_url");
  });

  it("warns when others can read the secrets in it", async () => {
    await settings({ file: BOTH });
    expect(warnings.at(-1)).toBe("");
    await settings({ file: BOTH, mode: 0o644 });
    expect(warnings.at(-1)).toBe(
      "conf/conf_global.yml holds secrets and others can read it: chmod 600 conf/conf_global.yml\n",
    );
    await settings({ file: "ftx_perpetual_rest_url: https://a/api\n", mode: 0o644 });
    expect(warnings.at(-1)).toBe("");
  });

  it("lets the environment win over the file and flags win over both", async () => {
    const read = await settings({
      file: `${BOTH}ftx_perpetual_rest_url: https://file/api\nftx_perpetual_ws_url: wss://file/ws\n`,
      environment: {
        FTX_PERPETUAL_API_SECRET: "environment-secret",
        FTX_PERPETUAL_REST_URL: "https://environment/api",
        FTX_PERPETUAL_WS_URL: "wss://environment/ws",
      },
      request: { restUrl: "https://flag/api", trustedHosts: ["environment"] },
    });
    expect(read.credentials).toMatchObject({ apiKey: "file-key", apiSecret: "environment-secret" });
    expect(read.restUrl).toBe("https://flag/api");
    expect(read.webSocketUrl).toBe("wss://environment/ws");
  });

  it("takes no white space around a value for a part of it, wherever it comes from", async () => {
    const environment = { FTX_PERPETUAL_API_SECRET: " environment-secret \n" };
    const { credentials } = await settings({ file: 'ftx_perpetual_api_key: "file-key\\n"\n', environment });
    expect(credentials).toMatchObject({ apiKey: "file-key", apiSecret: "environment-secret" });
  });

  it.each([
    ["FTX_PERPETUAL_API_SECERT", "FTX_PERPETUAL_API_SECRET"],
    ["FTX_PERPETUAL_SECRET", "FTX_PERPETUAL_API_SECRET"],
    ["FTX_PERPETUAL_SUBACCOUNT", "FTX_PERPETUAL_SUB_ACCOUNT"],
    ["FTX_PERPETUAL_RESTURL", "FTX_PERPETUAL_REST_URL"],
  ])("refuses the variable %s and names %s", async (variable, meant) => {
    const error = await refusal({ environment: { [variable]: "s3cr3t" } });
    expect(error.message).toBe(`the environment variable ${variable} is none of ftx_perpetual`);
    expect(error.hint).toBe(`did you mean ${meant}?`);
  });

  it("leaves variables alone that are another connector's, or nobody's", async () => {
    const environment = { BYBIT_PERPETUAL_API_SECERT: "x", FTX_PERPETUAL_FOO: "x", OTHER_API_SECERT: "x" };
    expect((await settings({ environment })).credentials).toBeUndefined();
    const names = { connector: "bybit_perpetual", connectorNames: CONNECTOR_NAMES };
    const testnet = { BYBIT_PERPETUAL_TESTNET_API_KEY: "x" };
    expect((await settings({ environment: testnet, request: names })).credentials).toBeUndefined();
  });

  it("holds risk limits, and the environment wins for each", async () => {
    const file = 'ftx_perpetual_max_order_notional: "500"\nftx_perpetual_price_collar: "0.05"\n';
    const environment = { FTX_PERPETUAL_MAX_ORDER_NOTIONAL: "100" };
    expect((await settings({ file, environment })).riskLimits).toEqual({
      maxOrderNotional: "100",
      priceCollar: "0.05",
    });
  });

  it("takes null, an empty file and an empty variable for nothing", async () => {
    const environment = { FTX_PERPETUAL_API_KEY: "", FTX_PERPETUAL_API_SECRET: "" };
    expect((await settings({ file: "# nothing\n", environment })).credentials).toBeUndefined();
    const file = "ftx_perpetual_api_key: null\nftx_perpetual_api_secret:\n";
    expect((await settings({ file, environment })).credentials).toBeUndefined();
  });

  it("names an unknown key and the one that was meant", async () => {
    const error = await refusal({ file: `${BOTH}ftx_perpetual_api_kez: x\n` });
    expect(error.message).toBe('conf/conf_global.yml: there is no key "ftx_perpetual_api_kez"');
    expect(error.hint).toBe("did you mean ftx_perpetual_api_key?");
  });

  it.each([
    ["ftx_perpetual_secret", "ftx_perpetual_api_secret"],
    ["ftx_perpetual_subaccount", "ftx_perpetual_sub_account"],
    ["ftx_perpetaul_api_key", "ftx_perpetual_api_key"],
  ])("names for %s the key %s", async (key, meant) => {
    expect((await refusal({ file: `${key}: s3cr3t\n` })).hint).toBe(`did you mean ${meant}?`);
  });

  it("tells what keys there are when nothing is alike", async () => {
    const { hint } = await refusal({ file: "password: x\n" });
    expect(hint).toBe(
      "keys are <connector>_ and api_key, api_secret, sub_account, passphrase, user_id, private_key, account_address, vault_address, rest_url, ws_url, max_order_notional, max_market_notional, max_position, max_open_orders, price_collar, max_order_rate, max_daily_loss; connectors are ftx_perpetual, bybit_perpetual",
    );
  });

  it("refuses a key that YAML reads as a number, without showing it", async () => {
    const error = await refusal({ file: "ftx_perpetual_api_key: 123456789\n" });
    expect(error.message).toBe("conf/conf_global.yml: ftx_perpetual_api_key must be text");
    expect(`${error.message} ${error.hint}`).not.toContain("123456789");
  });

  it.each([
    ["ftx_perpetual_api_secret: *s3cr3t\n", /^conf\/conf_global.yml/],
    [
      'ftx_perpetual_api_key: a\nftx_perpetual_api_secret: "s3cr3t\n',
      /^conf\/conf_global.yml line \d+: not valid YAML/,
    ],
    [
      Array.from({ length: 100_000 }, (_, line) => `k${line}: 1\n`).join(""),
      /^conf\/conf_global.yml is longer than 131072 characters$/,
    ],
    ["ftx_perpetual_api_key: s3cr3t: more\n", /^conf\/conf_global.yml line 1: not valid YAML/],
    ["s3cr3t\n", /must hold lines of key: value$/],
    ["- s3cr3t\n", /must hold lines of key: value$/],
  ])("shows nothing of a file that it cannot read: %j", async (file, message) => {
    const error = await refusal({ file });
    expect(error.message).toMatch(message);
    expect(`${error.message} ${error.hint} ${String(error.cause)}`).not.toContain("s3cr3t");
    expect(error.message).not.toContain("\n");
  });

  it("wants the secret with the key", async () => {
    const error = await refusal({ environment: { FTX_PERPETUAL_API_KEY: "k" } });
    expect(error.message).toBe("ftx_perpetual_api_key is configured without ftx_perpetual_api_secret");
    expect(error.hint).toContain("FTX_PERPETUAL_API_SECRET");
  });

  it("wants a file that was named to be there", async () => {
    const error = await refusal({ request: { configPath: "/elsewhere.yml" } });
    expect(error.message).toBe("cannot read /elsewhere.yml: no such file");
  });

  it("reads a file that was named instead of the default one", async () => {
    const read = await settings({ file: BOTH, path: "/elsewhere.yml", request: { configPath: "/elsewhere.yml" } });
    expect(read.credentials?.apiKey).toBe("file-key");
  });

  it.each([
    [{ restUrl: "localhost:8080" }, 'the REST URL "localhost:8080" is not one', "it begins with http:// or https://"],
    [{ webSocketUrl: "http://a" }, 'the WebSocket URL "http://a" is not one', "it begins with ws:// or wss://"],
    [
      { restUrl: "http://a/api" },
      "the REST URL http://a is not encrypted and not on this machine",
      expect.stringContaining("--insecure-urls"),
    ],
  ])("refuses %j", async (request, message, hint) => {
    expect(await refusal({ request })).toMatchObject({ message, hint });
  });
});

describe("the template of the configuration", () => {
  it("has what every connector needs, and nothing that is not understood", async () => {
    const files = new SimulatedWorld({ seed: 1 }).runtime().files;
    const template = await readFile(new URL("../../conf/conf_global_TEMPLATE.yml", import.meta.url), "utf8");
    await files.writeText("/template.yml", template);
    await expect(readConfigFile(files, "/", "/template.yml", CONNECTOR_NAMES)).resolves.toEqual({});
    for (const name of CONNECTOR_NAMES) {
      const needed = credentialSpecsOf(name).filter(({ isRequired }) => isRequired);
      expect(needed.length).toBeGreaterThan(1);
      for (const spec of needed) expect(template).toMatch(new RegExp(`^${name}_${credentialSuffix(spec)}: null$`, "m"));
    }
  });
});
