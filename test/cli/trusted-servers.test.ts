import { describe, expect, it } from "vitest";
import { originOf } from "../../src/net/server-urls.ts";
import { type Bench, type RunOptions, startBench } from "./bench.ts";
import type { FakeProcess } from "./fake-process.ts";
import { PASSWORD, storeText } from "./key-store-file.ts";

const CONFIG = "/project/conf/conf_global.yml";
const STORE = "/project/conf/keys.enc.json";

/** A folder whose file says where the keys of the environment go. */
async function hostileFolder(options: { readonly host?: string } = {}) {
  const bench = await startBench({ api: "okx", ...options });
  const { rest, ws, apiKey, apiSecret, passphrase } = bench.venue;
  await bench.writeFile(CONFIG, `okx_perpetual_rest_url: "${rest}"\nokx_perpetual_ws_url: "${ws}"\n`, 0o600);
  const keys = { OKX_PERPETUAL_API_KEY: apiKey, OKX_PERPETUAL_API_SECRET: apiSecret };
  const environment = { ...keys, OKX_PERPETUAL_PASSPHRASE: passphrase };
  const run = (args: string, run: RunOptions = {}) => bench.run(args, { environment, ...run });
  return { bench, environment, run, origins: [originOf(rest), originOf(ws)] as const, host: new URL(rest).host };
}

/** Runs a command that is refused before anything happens in the world: no byte travels, no time passes. */
async function expectNothingSent(
  bench: Bench,
  code: string,
  command: () => Promise<FakeProcess>,
): Promise<FakeProcess> {
  const before = bench.world.trace();
  const process = await command();
  expect(process.json.error.code).toBe(code);
  expect(process.exitCode).toBe(2);
  expect(bench.world.trace()).toBe(before);
  return process;
}

describe("keys of the environment and a server that the folder's file names", () => {
  it("do not meet where nobody can be asked", async () => {
    const { bench, run, origins, host } = await hostileFolder();
    for (const command of ["balance", "status", "orders", "cancel-all", "flatten okx_perpetual"]) {
      const connector = command.startsWith("flatten") ? "" : " -c okx_perpetual";
      const process = await expectNothingSent(bench, "HOST_NOT_TRUSTED", () => run(`${command}${connector} --json`));
      const { message, hint } = process.json.error;
      expect(message).toBe(
        "the keys of okx_perpetual come from the environment, the REST server " +
          `${origins[0]} from conf/conf_global.yml and the WebSocket server ${origins[1]} from conf/conf_global.yml, ` +
          "and nobody is there to be asked",
      );
      expect(hint).toBe(`--trust-host ${host} sends them there`);
    }
  });

  it("meet when a terminal is asked and says yes", async () => {
    const { bench, run, origins } = await hostileFolder();
    const before = bench.world.trace();
    const no = await run("balance -c okx_perpetual", { isInputTerminal: true, input: ["y"] });
    expect(no.exitCode).toBe(1);
    expect(no.error).toContain(`the REST server ${origins[0]} from conf/conf_global.yml`);
    expect(bench.world.trace()).toBe(before);
    const yes = await run("balance -c okx_perpetual --json", { isInputTerminal: true, input: ["yes"] });
    expect(yes.exitCode).toBe(0);
  });

  it("meet when flags name the host, and no other flag does", async () => {
    const { bench, run, host } = await hostileFolder();
    const { rest, ws } = bench.venue;
    await expectNothingSent(bench, "HOST_NOT_TRUSTED", () =>
      run("balance -c okx_perpetual --json --trust-host 127.0.0.1.example.com"),
    );
    for (const flags of [`--trust-host ${host}`, "--trust-host 127.0.0.1", `--rest-url ${rest} --ws-url ${ws}`]) {
      expect((await run(`balance -c okx_perpetual --json ${flags}`)).exitCode).toBe(0);
    }
    const half = await run(`balance -c okx_perpetual --json --rest-url ${rest}`);
    expect(half.json.error.message).not.toContain("REST server");
    expect(half.json.error.message).toContain("WebSocket server");
  });

  it("do not meet either when only the passphrase is the environment's", async () => {
    const { bench, environment, run } = await hostileFolder();
    const { rest, ws } = bench.venue;
    const keys = "okx_perpetual_api_key: k\nokx_perpetual_api_secret: s\n";
    await bench.writeFile(CONFIG, `${keys}okx_perpetual_rest_url: "${rest}"\nokx_perpetual_ws_url: "${ws}"\n`, 0o600);
    const passphrase = { OKX_PERPETUAL_PASSPHRASE: environment.OKX_PERPETUAL_PASSPHRASE };
    const process = await expectNothingSent(bench, "HOST_NOT_TRUSTED", () =>
      run("balance -c okx_perpetual --json", { environment: passphrase }),
    );
    expect(process.json.error.message).toContain("come from conf/conf_global.yml and the environment");
  });

  it("are not needed for public data, which is fetched without a question", async () => {
    const { run } = await hostileFolder();
    expect((await run("markets -c okx_perpetual --json")).exitCode).toBe(0);
  });

  it("do not meet in `connect`, where keys are typed", async () => {
    const { bench, environment, run } = await hostileFolder();
    const input = [PASSWORD, ...Object.values(environment)];
    await expectNothingSent(bench, "HOST_NOT_TRUSTED", () =>
      run("connect okx_perpetual --json", { input, environment: {} }),
    );
    const asked = await run("connect okx_perpetual", { input: ["no", ...input], isInputTerminal: true });
    expect([asked.exitCode, asked.secretPrompts]).toEqual([1, []]);
  });
});

describe("a stored key", () => {
  const keysFor = (bench: Bench) => ({
    apiKey: bench.venue.apiKey,
    apiSecret: bench.venue.apiSecret,
    passphrase: bench.venue.passphrase,
  });

  it("goes to the server that it was verified at without a question, and to no other", async () => {
    const { bench, run, origins } = await hostileFolder();
    const servers = { rest: origins[0], webSocket: origins[1] };
    const balance = (flags = "") =>
      run(`balance -c okx_perpetual --json${flags}`, { environment: {}, input: [PASSWORD], isInputTerminal: true });
    await bench.writeFile(STORE, storeText({ okx_perpetual: { credentials: keysFor(bench), servers } }), 0o600);
    expect((await balance()).exitCode).toBe(0);
    const elsewhere = { ...servers, rest: "https://okx.example.com" };
    for (const [verified, text] of [
      [elsewhere, "https://okx.example.com"],
      [{ ...servers, webSocket: undefined }, "the venue's own WebSocket server"],
      [{}, "the venue's own REST server"],
    ] as const) {
      await bench.writeFile(
        STORE,
        storeText({ okx_perpetual: { credentials: keysFor(bench), servers: verified } }),
        0o600,
      );
      const process = await expectNothingSent(bench, "KEY_OF_ANOTHER_SERVER", () =>
        balance(` --trust-host 127.0.0.1 --rest-url ${bench.venue.rest}`),
      );
      expect(process.json.error.message).toContain(`were verified at ${text} and are not sent to`);
    }
  });

  it("does not go to the venue itself when it was verified elsewhere", async () => {
    const bench = await startBench();
    const credentials = keysFor(bench);
    const servers = { rest: originOf(bench.venue.rest), webSocket: originOf(bench.venue.ws) };
    await bench.writeFile(STORE, storeText({ okx_perpetual: { credentials, servers } }), 0o600);
    await expectNothingSent(bench, "KEY_OF_ANOTHER_SERVER", () =>
      bench.run("balance -c okx_perpetual --json", { environment: {}, input: [PASSWORD] }),
    );
  });

  it("of before servers were stored is asked about once, and remembers the answer", async () => {
    const { bench, run } = await hostileFolder();
    const text = storeText({ okx_perpetual: { credentials: keysFor(bench), servers: undefined } });
    await bench.writeFile(STORE, text, 0o600);
    const balance = (options: RunOptions) => run("balance -c okx_perpetual --json", { environment: {}, ...options });
    await expectNothingSent(bench, "HOST_NOT_TRUSTED", () => balance({ input: [PASSWORD] }));
    const asked = await balance({ input: [PASSWORD, "yes"], isInputTerminal: true });
    expect([asked.exitCode, asked.error.includes("Type yes")]).toEqual([0, true]);
    const again = await balance({ input: [PASSWORD] });
    expect([again.exitCode, again.error.includes("Type yes")]).toEqual([0, false]);
  });

  it("is warned about in a file that others can read", async () => {
    const { bench, run, origins } = await hostileFolder();
    const servers = { rest: origins[0], webSocket: origins[1] };
    await bench.writeFile(STORE, storeText({ okx_perpetual: { credentials: keysFor(bench), servers } }), 0o640);
    const process = await run("balance -c okx_perpetual", { environment: {}, input: [PASSWORD] });
    expect(process.error).toContain(
      "conf/keys.enc.json holds secrets and others can read it: chmod 600 conf/keys.enc.json\n",
    );
  });
});

describe("a server without encryption", () => {
  it("is refused off this machine, for public data too, unless a flag takes it", async () => {
    const { bench, run } = await hostileFolder({ host: "10.0.0.7" });
    await expectNothingSent(bench, "INSECURE_URL", () => run("markets -c okx_perpetual --json"));
    expect((await run("markets -c okx_perpetual --json --insecure-urls")).exitCode).toBe(0);
    const flags = "--insecure-urls --trust-host 10.0.0.7";
    expect((await run(`balance -c okx_perpetual --json ${flags}`)).exitCode).toBe(0);
  });

  it("gets no key with a password in its URL, and nothing shows it", async () => {
    const { run } = await hostileFolder();
    const process = await run("balance -c okx_perpetual --json --rest-url https://me:s3cr3t@127.0.0.1:8080");
    expect(process.exitCode).toBe(2);
    expect(process.out + process.error).not.toContain("s3cr3t");
  });
});
