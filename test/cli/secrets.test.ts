import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Cli } from "../../packages/cli/src/cli.ts";
import { reportError } from "../../packages/cli/src/errors.ts";
import { createLogger } from "../../packages/cli/src/logging.ts";
import { withoutSecrets } from "../../packages/cli/src/secrets.ts";
import { ConfigError } from "../../src/model/error.ts";
import { originOf } from "../../src/net/server-urls.ts";
import { createPaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { startBench } from "./bench.ts";
import { FakeProcess } from "./fake-process.ts";
import { PASSWORD, storeText } from "./key-store-file.ts";

const SCRIPT = resolve(import.meta.dirname, "../../bin/perpwire.js");
const CONFIG = "/project/conf/conf_global.yml";
const STORE = "/project/conf/keys.enc.json";

/** What is planted, with letters that URLs and JSON write otherwise. */
const planted = (source: string) => ({
  apiKey: `planted-key-of-${source}`,
  apiSecret: `planted+secret/of=${source}&"x"`,
  passphrase: `Planted words of ${source}: 1&"2"`,
});
type Planted = ReturnType<typeof planted>;

/** A text as it is, and as it would be in a URL, in JSON, in hexadecimal digits or in base64 at any offset. */
function forms(secret: string): readonly string[] {
  const base64 = [0, 1, 2].map((offset) =>
    Buffer.from(" ".repeat(offset) + secret)
      .toString("base64")
      .slice(4, -4),
  );
  const hex = Buffer.from(secret).toString("hex");
  return [secret, encodeURIComponent(secret), JSON.stringify(secret).slice(1, -1), hex, ...base64];
}

function expectNone(text: string, secrets: readonly string[], where: string): void {
  for (const secret of secrets) {
    for (const form of forms(secret)) expect(text.includes(form), `${where} holds ${form} of ${secret}`).toBe(false);
  }
}

const secretsOf = (keys: Planted) => [keys.apiSecret, keys.passphrase];

const environmentOf = ({ apiKey, apiSecret, passphrase }: Planted) => ({
  OKX_PERPETUAL_API_KEY: apiKey,
  OKX_PERPETUAL_API_SECRET: apiSecret,
  OKX_PERPETUAL_PASSPHRASE: passphrase,
});

const fileOf = ({ apiKey, apiSecret, passphrase }: Planted, rest: string, ws: string) =>
  Object.entries({ api_key: apiKey, api_secret: apiSecret, passphrase, rest_url: rest, ws_url: ws })
    .map(([suffix, value]) => `okx_perpetual_${suffix}: ${JSON.stringify(value)}\n`)
    .join("");

const COMMANDS = [
  "status BTC-USDT",
  "balance",
  "positions",
  "orders",
  "history BTC-USDT",
  "leverage BTC-USDT 7",
  "buy BTC-USDT 0.01 20000 --position open",
  "buy BTC-USDT 1000000 20000 --position open",
  "cancel-all",
  "balance --timeout 0.001",
  "balance --nonsense",
  "buy BTC-USDT x y --position open",
];

describe("a secret", () => {
  it("is found in every form that a text may hold it in", () => {
    const { apiSecret } = planted("nobody");
    for (const text of [
      apiSecret,
      `https://127.0.0.1/?sign=${encodeURIComponent(apiSecret)}`,
      JSON.stringify({ body: apiSecret }),
      Buffer.from(`key:${apiSecret}`).toString("base64"),
      Buffer.from(`k:${apiSecret}`).toString("base64"),
      Buffer.from(apiSecret).toString("hex"),
    ]) {
      expect(() => expectNone(text, [apiSecret], "the text"), text).toThrow("the text holds");
    }
  });

  it.each(["environment", "file", "store"])(
    "of the %s is in no output of any command, at any log level",
    async (source) => {
      const keys = planted(source);
      const bench = await startBench({ api: "okx", accounts: [keys] });
      const { rest, ws } = bench.venue;
      const urls = { OKX_PERPETUAL_REST_URL: rest, OKX_PERPETUAL_WS_URL: ws };
      const environment = { ...urls, ...(source === "environment" ? environmentOf(keys) : {}) };
      if (source === "file") await bench.writeFile(CONFIG, fileOf(keys, rest, ws), 0o600);
      const servers = { rest: originOf(rest), webSocket: originOf(ws) };
      if (source === "store")
        await bench.writeFile(STORE, storeText({ okx_perpetual: { credentials: keys, servers } }));
      const run = async (command: string) => {
        const trust = source === "file" ? " --trust-host 127.0.0.1" : "";
        const flags = ` -c okx_perpetual --log-level debug${trust}`;
        const process = await bench.run(command + flags, { environment, input: [PASSWORD] });
        expectNone(process.out + process.error, [...secretsOf(keys), keys.apiKey, PASSWORD], command);
        return process.exitCode;
      };
      const codes: number[] = [];
      for (const command of COMMANDS) codes.push(await run(command));
      expect(codes.slice(0, 3)).toEqual([0, 0, 0]);
      await bench.venue.stop();
      expect(await run("balance")).toBe(4);
    },
  );

  it("that the venue does not accept is in no error, and neither is one of `connect`", async () => {
    const bench = await startBench({ api: "okx", accounts: [planted("venue")] });
    const { rest, ws } = bench.venue;
    const urls = { OKX_PERPETUAL_REST_URL: rest, OKX_PERPETUAL_WS_URL: ws };
    const right = planted("venue");
    for (const wrong of [
      planted("nobody"),
      { ...right, apiSecret: "planted-but-wrong" },
      { ...right, passphrase: "planted-but-wrong" },
      { ...right, apiSecret: "planted\twith\u0000bytes" },
      { ...right, passphrase: "planted\u00fc\u20acwith letters" },
    ]) {
      for (const command of ["balance", "status", "orders"]) {
        const environment = { ...urls, ...environmentOf(wrong) };
        const process = await bench.run(`${command} -c okx_perpetual --json --log-level debug`, { environment });
        expectNone(process.out + process.error, secretsOf(wrong), command);
      }
      const input = [PASSWORD, wrong.apiKey, wrong.apiSecret, wrong.passphrase];
      const process = await bench.run("connect okx_perpetual --log-level debug", { environment: urls, input });
      expect(process.exitCode).not.toBe(0);
      expectNone(process.out + process.error, [...secretsOf(wrong), PASSWORD], "connect");
    }
  });

  it("in a file that is not what it should be is in no error", async () => {
    const bench = await startBench();
    const secret = planted("file").apiSecret;
    for (const text of [
      `okx_perpetual_api_secret: ${secret}: "\n`,
      `okx_perpetual_api_secret: [${JSON.stringify(secret)}]\n`,
      `- ${JSON.stringify(secret)}\n`,
      `okx_perpetual_rest_url: ${JSON.stringify(`https://me:${secret}@127.0.0.1`)}\n`,
      `okx_perpetual_rest_url: ${JSON.stringify(`nonsense:${secret}@`)}\n`,
      `okx_perpetual_ws_url: "wss://127.0.0.1\\\\${secret.slice(0, 14)}@127.0.0.1"\n`,
    ]) {
      await bench.writeFile(CONFIG, text, 0o600);
      const process = await bench.run("balance -c okx_perpetual --json --log-level debug", { environment: {} });
      expect(process.exitCode).toBe(2);
      expectNone(process.out + process.error, [secret, "secret/of"], text);
    }
  });
});

describe("what takes secrets out of texts", () => {
  it.each(["text", "json"] as const)("finds them in a log line as %s, however it writes them", async (format) => {
    const runtime = new SimulatedWorld({ seed: 1 }).runtime();
    const process = new FakeProcess([]);
    const { apiSecret } = planted("log");
    const cli: Cli = { process, secrets: new Set(["log", apiSecret]), runtime: async () => runtime };
    const logger = await createLogger(cli, "debug", format);
    const url = `https://127.0.0.1/?sign=${encodeURIComponent(apiSecret)}`;
    logger.warn(`refused ${apiSecret}`, { body: { apiSecret }, error: `with ${apiSecret}`, url });
    expectNone(process.error, [apiSecret], "the line");
    expect(process.error).toContain("[redacted]");
  });

  it("finds them in an error and its causes", () => {
    const process = new FakeProcess(["--json"]);
    const { apiSecret } = planted("error");
    const cli = { process, secrets: new Set([apiSecret]), runtime: () => Promise.reject(new Error("none is needed")) };
    const body = JSON.stringify({ apiSecret });
    reportError(cli, new ConfigError(`not ${body}`, { hint: encodeURIComponent(apiSecret), cause: new Error(body) }));
    expectNone(process.out + process.error, [apiSecret], "what is printed");
  });
});

describe("a secret of a command that is run for real", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "perpwire-secrets-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it("is in nothing that is printed, and in no file but the one that it was put into", async () => {
    const keys = planted("file");
    await using venue = await createPaperVenue({ api: "okx", seed: 1, quiet: true, accounts: [keys] });
    await mkdir(join(folder, "conf"));
    await writeFile(join(folder, "conf", "conf_global.yml"), fileOf(keys, venue.rest, venue.ws), { mode: 0o600 });
    const run = (args: string) =>
      new Promise<{ code: number; text: string }>((done) => {
        const command = [SCRIPT, ...args.split(" "), "-c", "okx_perpetual", "--log-level", "debug"];
        execFile(process.execPath, command, { cwd: folder, maxBuffer: 2 ** 26 }, (error, stdout, stderr) =>
          done({ code: Number(error?.code ?? 0), text: stdout + stderr }),
        );
      });
    const { code, text } = await run("buy BTC-USDT 0.01 20000 --position open");
    expect(code, text).toBe(0);
    expectNone(text, [...secretsOf(keys), keys.apiKey], "what is printed");
    const files = await readdir(folder, { recursive: true, withFileTypes: true });
    const names = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
    expect(names.length).toBeGreaterThan(1);
    for (const name of names.filter((path) => !path.endsWith("conf_global.yml"))) {
      expectNone(await readFile(name, "latin1"), secretsOf(keys), name);
    }
  }, 60_000);
});

describe("a secret of a few letters", () => {
  it("is taken out where it stands as a word, and leaves the words around it readable", () => {
    const cli = { secrets: new Set(["k", "s", "a+b"]) };
    expect(withoutSecrets(cli, '{"level":40,"key":"k","msg":"GET https://x/market?passphrase=a%2Bb (s)"}')).toBe(
      '{"level":40,"key":"[redacted]","msg":"GET https://x/market?passphrase=[redacted] ([redacted])"}',
    );
  });
});
