import { describe, expect, it, vi } from "vitest";
import { main } from "../../packages/cli/src/main.ts";
import { JournalError } from "../../src/model/error.ts";
import { originOf } from "../../src/net/server-urls.ts";
import type { PaperVenue } from "../../src/paper/index.ts";
import { type Bench, type RunOptions, startBench } from "./bench.ts";
import { FakeProcess } from "./fake-process.ts";
import { PASSWORD, storeText } from "./key-store-file.ts";

const STORE = "/project/conf/keys.enc.json";

/** Where the venue is, without its key. */
function urls({ venue }: Bench): Record<string, string> {
  return { PERPWIRE_CONNECTOR: "ftx_perpetual", FTX_PERPETUAL_REST_URL: venue.rest, FTX_PERPETUAL_WS_URL: venue.ws };
}

/** A store with a key that was verified at the venue of the bench. */
async function writeStore(bench: Bench, { apiKey, apiSecret }: Pick<PaperVenue, "apiKey" | "apiSecret">) {
  const servers = { rest: originOf(bench.venue.rest), webSocket: originOf(bench.venue.ws) };
  const text = storeText({ ftx_perpetual: { credentials: { apiKey, apiSecret }, servers } });
  await bench.writeFile(STORE, text, 0o600);
  return text;
}

async function readStore({ world }: Bench, path = STORE): Promise<string> {
  return world.run(world.runtime("main").files.readText(path));
}

function connect(bench: Bench, input: readonly string[], options: RunOptions = {}, args = "--json") {
  return bench.run(`connect ftx_perpetual ${args}`, { environment: urls(bench), input, ...options });
}

describe("perpwire connect", () => {
  it("says which variables win over what was stored, whatever the venue's keys consist of", async () => {
    const bench = await startBench();
    const { apiKey, apiSecret } = bench.venue;
    const environment = { ...urls(bench), FTX_PERPETUAL_API_SECRET: "another" };
    const process = await connect(bench, [PASSWORD, apiKey, apiSecret], { environment });
    expect(process.exitCode).toBe(0);
    expect(process.error).toContain("FTX_PERPETUAL_API_SECRET is set and wins over what was stored");
    expect(process.error).not.toContain("FTX_PERPETUAL_API_KEY");
  });

  it("tries the keys, stores them encrypted, and other commands use them", async () => {
    const bench = await startBench({ startingBalance: "5000" });
    const { apiKey, apiSecret } = bench.venue;
    const process = await connect(bench, [PASSWORD, apiKey, apiSecret]);
    expect(process.json).toEqual({
      connector: "ftx_perpetual",
      verified: true,
      balances: [{ asset: "USD", total: "5000" }],
      openPositions: 0,
      stored: "conf/keys.enc.json",
    });
    expect(process.exitCode).toBe(0);
    expect(process.secretPrompts).toEqual([
      "new password for conf/keys.enc.json: ",
      "API key of ftx_perpetual: ",
      "API secret of ftx_perpetual: ",
    ]);
    const text = await readStore(bench);
    expect(JSON.parse(text)).toMatchObject({ kdf: { N: 131_072 }, connectors: ["ftx_perpetual"] });
    expect(await bench.world.run(bench.world.runtime("main").files.mode(STORE))).toBe(0o600);
    for (const secret of [apiKey, apiSecret, PASSWORD]) {
      expect(process.out + process.error + text).not.toContain(secret);
    }
    const balance = await bench.run("balance --json", { environment: urls(bench), input: [PASSWORD] });
    expect(balance.json).toMatchObject([{ asset: "USD", cash: "5000", equity: "5000" }]);
    expect(balance.secretPrompts).toEqual(["password of conf/keys.enc.json: "]);
  });

  it("asks for a passphrase where the venue's keys have one, stores it with them and shows it nowhere", async () => {
    const bench = await startBench({ api: "okx" });
    const { apiKey, apiSecret, passphrase, rest, ws } = bench.venue;
    const environment = { OKX_PERPETUAL_REST_URL: rest, OKX_PERPETUAL_WS_URL: ws };
    const run = (args: string, input: readonly string[]) => bench.run(args, { environment, input });
    const wrong = await run("connect okx_perpetual --json", [PASSWORD, apiKey, apiSecret, "Other-Words-1"]);
    expect([wrong.json.error.code, wrong.exitCode]).toEqual(["AUTH", 3]);
    const process = await run("connect okx_perpetual --json", [PASSWORD, apiKey, apiSecret, passphrase]);
    expect([process.exitCode, process.json.verified]).toEqual([0, true]);
    expect(process.secretPrompts.slice(1)).toEqual([
      ...["API key of okx_perpetual: ", "API secret of okx_perpetual: ", "passphrase of okx_perpetual: "],
    ]);
    const text = await readStore(bench);
    expect(process.out + process.error + wrong.out + wrong.error + text).not.toContain(passphrase);
    const balance = await run("balance -c okx_perpetual --json", [PASSWORD]);
    expect(balance.json).toMatchObject([{ asset: "USDT" }]);
  });

  it("keeps the keys that work when the venue does not accept the new ones", async () => {
    const bench = await startBench();
    const before = await writeStore(bench, bench.venue);
    const process = await connect(bench, [PASSWORD, bench.venue.apiKey, "a-mistyped-secret"]);
    expect(process.json.error.code).toBe("AUTH");
    expect(process.exitCode).toBe(3);
    expect(process.out + process.error).not.toContain("a-mistyped-secret");
    expect(await readStore(bench)).toBe(before);
  });

  it("keeps the keys that work when the venue cannot be reached", async () => {
    const bench = await startBench();
    const before = await writeStore(bench, bench.venue);
    await bench.venue.stop();
    const process = await connect(bench, [PASSWORD, "new-key", "new-secret"]);
    expect(process.exitCode).toBe(4);
    expect(await readStore(bench)).toBe(before);
  });

  it("adds a connector to those that are stored", async () => {
    const bench = await startBench();
    const { apiKey, apiSecret } = bench.venue;
    const credentials = { apiKey: "other-key", apiSecret: "other-secret" };
    await bench.writeFile(STORE, storeText({ other_perpetual: { credentials, servers: {} } }), 0o600);
    expect((await connect(bench, [PASSWORD, apiKey, apiSecret])).exitCode).toBe(0);
    expect(JSON.parse(await readStore(bench)).connectors).toEqual(["ftx_perpetual", "other_perpetual"]);
  });

  it("stores nothing with a wrong password", async () => {
    const bench = await startBench();
    const before = await writeStore(bench, bench.venue);
    const process = await connect(bench, ["wrong horse", bench.venue.apiKey, bench.venue.apiSecret]);
    expect(process.json.error).toMatchObject({
      code: "WRONG_PASSWORD",
      message: "the password does not open conf/keys.enc.json",
    });
    expect(process.exitCode).toBe(3);
    expect(await readStore(bench)).toBe(before);
  });

  it("asks a terminal three times for the password, and drops what was typed after a wrong one", async () => {
    const bench = await startBench();
    const { apiKey, apiSecret } = bench.venue;
    const before = await writeStore(bench, bench.venue);
    const wrong = ["wrong horse", "wrong cow", "wrong cat"];
    const refused = await connect(bench, [...wrong, apiKey, apiSecret], { isInputTerminal: true });
    expect(refused.json.error.code).toBe("WRONG_PASSWORD");
    expect([refused.exitCode, refused.secretPrompts.length, refused.timesDropped]).toEqual([3, 3, 2]);
    expect(refused.hasEndedInput).toBe(true);
    expect(await readStore(bench)).toBe(before);
    const third = [...wrong.slice(1), PASSWORD, apiKey, apiSecret];
    const accepted = await connect(bench, third, { isInputTerminal: true });
    expect(accepted.exitCode).toBe(0);
    for (const secret of [...wrong, apiSecret, PASSWORD]) {
      expect(refused.out + refused.error + accepted.out + accepted.error).not.toContain(secret);
    }
  });

  it("takes no white space around a password for a part of it, typed or of the environment", async () => {
    const bench = await startBench();
    const { apiKey, apiSecret } = bench.venue;
    const environment = { ...urls(bench), PERPWIRE_PASSWORD: `${PASSWORD} \n` };
    expect((await connect(bench, [apiKey, apiSecret], { environment })).exitCode).toBe(0);
    const balance = (options: RunOptions) => bench.run("balance --json", { environment: urls(bench), ...options });
    expect((await balance({ input: [` ${PASSWORD}`] })).exitCode).toBe(0);
    expect((await balance({ environment: { ...environment, PERPWIRE_PASSWORD: PASSWORD } })).exitCode).toBe(0);
  });

  it("keeps both keys when two of them end at once", async () => {
    const bench = await startBench({ api: "all" });
    const { apiKey, apiSecret, urls: servers } = bench.venue;
    const names = ["ftx", "bybit"] as const;
    const environment = Object.fromEntries(
      names.flatMap((name) => [
        [`${name.toUpperCase()}_PERPETUAL_REST_URL`, servers[name]?.rest ?? ""],
        [`${name.toUpperCase()}_PERPETUAL_WS_URL`, servers[name]?.ws ?? ""],
      ]),
    );
    const run = async (name: string) => {
      const input = [PASSWORD, apiKey, apiSecret];
      const process = new FakeProcess(["connect", `${name}_perpetual`, "--json"], { environment, input });
      await main({ process, runtime: bench.world.runtime("main") });
      return process;
    };
    const ended = await bench.world.run(Promise.all(names.map(run)));
    expect(ended.map(({ exitCode, error }) => [exitCode, error.includes("locked")])).toEqual([
      [0, false],
      [0, false],
    ]);
    expect(JSON.parse(await readStore(bench)).connectors).toEqual(["bybit_perpetual", "ftx_perpetual"]);
  });

  it("says so when another process keeps the store", async () => {
    const bench = await startBench();
    const before = await writeStore(bench, bench.venue);
    const lock = bench.world.runtime("main").journals.open(`${STORE}.lock`);
    const process = await connect(bench, [PASSWORD, bench.venue.apiKey, bench.venue.apiSecret]);
    lock.close();
    expect(process.json.error).toMatchObject({ code: "KEY_STORE_LOCKED" });
    expect(process.exitCode).toBe(2);
    expect(await readStore(bench)).toBe(before);
  });

  it("says what is wrong with the lock of the store, and what mends it", async () => {
    const bench = await startBench();
    const before = await writeStore(bench, bench.venue);
    const { journals } = bench.world.runtime("main");
    const open = journals.open.bind(journals);
    vi.spyOn(journals, "open").mockImplementation((path, options) => {
      if (!path.endsWith(".lock")) return open(path, options);
      throw new JournalError(`cannot open the journal ${path}: the file is not a journal`);
    });
    const process = await connect(bench, [PASSWORD, bench.venue.apiKey, bench.venue.apiSecret]);
    expect(process.json.error).toEqual({
      code: "KEY_STORE_LOCK",
      message: `conf/keys.enc.json cannot be locked by ${STORE}.lock: the file is not a journal`,
      hint: "nothing was stored; its folder must be writable, and the lock, which holds nothing, may be removed",
    });
    expect(process.exitCode).toBe(2);
    expect(await readStore(bench)).toBe(before);
  });

  it("asks for the password of a new store twice on a terminal, never for one of the environment", async () => {
    const bench = await startBench();
    const typed = await connect(bench, [PASSWORD, "another horse", "short", PASSWORD, "a third horse"], {
      isInputTerminal: true,
    });
    expect(typed.json.error.message).toBe("the two passwords are not the same");
    expect(typed.exitCode).toBe(2);
    expect(typed.error).toContain("perpwire: the two passwords are not the same; try again\n");
    expect(typed.error).toContain("perpwire: the password is too short, 8 characters are the least; try again\n");
    const environment = { ...urls(bench), PERPWIRE_PASSWORD: "hunter2" };
    const short = await connect(bench, [], { environment, isInputTerminal: true });
    expect(short.json.error.message).toBe("the password is too short, 8 characters are the least");
    expect(short.secretPrompts).toEqual([]);
    const latin1 = await connect(bench, [Buffer.from("äöüßäöüß", "latin1").toString("utf8")]);
    expect(latin1.json.error).toMatchObject({ message: "the password is not UTF-8", code: "PASSWORD_REFUSED" });
    const blank = { ...urls(bench), PERPWIRE_PASSWORD: " " };
    const mistyped = await connect(bench, [PASSWORD], { environment: blank, isInputTerminal: true });
    expect(mistyped.secretPrompts.slice(0, 2)).toEqual(["new password for conf/keys.enc.json: ", "the same again: "]);
  });

  it.each([
    [[], "the key store needs its password"],
    [[PASSWORD], "no API key was given"],
    [[PASSWORD, "key", " "], "no API secret was given"],
  ])("says what is missing of %j", async (input, message) => {
    const bench = await startBench();
    const process = await connect(bench, input);
    expect(process.json.error.message).toBe(message);
    expect(process.exitCode).toBe(2);
  });

  it("takes another file and a sub-account, and refuses a connector that there is not", async () => {
    const bench = await startBench();
    const { apiKey, apiSecret } = bench.venue;
    const process = await connect(bench, [PASSWORD, apiKey, apiSecret], {}, "--keys /safe/keys.json --json");
    expect(process.json.stored).toBe("/safe/keys.json");
    const balance = await bench.run("balance --json --keys /safe/keys.json", {
      environment: { ...urls(bench), PERPWIRE_PASSWORD: PASSWORD },
    });
    expect(balance.exitCode).toBe(0);
    const unknown = await bench.run("connect nowhere_perpetual");
    expect(unknown.error).toMatch(/^perpwire: there is no connector "nowhere_perpetual"/);
    expect(unknown.exitCode).toBe(2);
  });
});

describe("stored keys", () => {
  it("that there are none of are named one by one, the passphrase too where there is one", async () => {
    const bench = await startBench();
    const hint = async (connector: string) => (await bench.run(`balance -c ${connector}`, { environment: {} })).error;
    expect(await hint("okx_perpetual")).toContain(
      "put okx_perpetual_api_key, okx_perpetual_api_secret and okx_perpetual_passphrase into conf/conf_global.yml, or set " +
        "OKX_PERPETUAL_API_KEY and the others",
    );
    expect(await hint("ftx_perpetual")).toContain(
      "put ftx_perpetual_api_key and ftx_perpetual_api_secret into conf/conf_global.yml, or set FTX_PERPETUAL_API_KEY and " +
        "the secret",
    );
  });

  it("that are missing under their name are told from variables that look like them", async () => {
    const bench = await startBench();
    const environment = {
      BYBIT_API_KEY: "k",
      BYBIT_PERPETAUL_API_SECRET: "s3cr3t",
      OKX_PERPETUAL_API_KEY: "k",
      API_KEY: "k",
    };
    const { error, exitCode } = await bench.run("balance -c bybit_perpetual", { environment });
    expect(error).toMatch(/; BYBIT_API_KEY and BYBIT_PERPETAUL_API_SECRET are not read\n$/);
    expect(error).not.toContain("s3cr3t");
    expect(exitCode).toBe(3);
  });

  it("that a venue's keys do not have are refused", async () => {
    const bench = await startBench();
    const environment = { ...bench.environment, FTX_PERPETUAL_PASSPHRASE: "words" };
    const { error, exitCode } = await bench.run("balance -c ftx_perpetual", { environment });
    expect(error).toContain(
      "the environment variable FTX_PERPETUAL_PASSPHRASE is none of ftx_perpetual; its keys have",
    );
    expect(error).not.toContain("words");
    expect(exitCode).toBe(2);
  });

  it("from before passphrases are read; a venue that needs one says so in a line", async () => {
    const bench = await startBench({ api: "okx" });
    const { apiKey, apiSecret, rest, ws } = bench.venue;
    const keys = { okx_perpetual: { credentials: { apiKey, apiSecret }, servers: undefined } };
    await bench.writeFile(STORE, storeText(keys), 0o600);
    const urlsOfOkx = { OKX_PERPETUAL_REST_URL: rest, OKX_PERPETUAL_WS_URL: ws };
    const run = (environment: Record<string, string>) =>
      bench.run("balance -c okx_perpetual --trust-host 127.0.0.1", {
        environment: { ...urlsOfOkx, ...environment },
        input: [PASSWORD],
      });
    const without = await run({});
    expect(without.error).toMatch(
      /perpwire: okx_perpetual_api_key is configured without okx_perpetual_passphrase; set .+\n$/,
    );
    expect(without.exitCode).toBe(2);
    expect((await run({ OKX_PERPETUAL_PASSPHRASE: bench.venue.passphrase })).exitCode).toBe(0);
  });

  it("give way to the environment, and then no password is asked for", async () => {
    const bench = await startBench();
    await writeStore(bench, { apiKey: "stale-key", apiSecret: "stale-secret" });
    const process = await bench.run("balance --json");
    expect(process.exitCode).toBe(0);
    expect(process.secretPrompts).toEqual([]);
  });

  it("win over the configuration file", async () => {
    const bench = await startBench();
    await writeStore(bench, bench.venue);
    await bench.writeFile(
      "/project/conf/conf_global.yml",
      "ftx_perpetual_api_key: stale-key\nftx_perpetual_api_secret: stale-secret\n",
    );
    const environment = { ...urls(bench), PERPWIRE_PASSWORD: PASSWORD };
    expect((await bench.run("balance --json", { environment })).exitCode).toBe(0);
  });

  it("are left closed by commands that need no key, and by connectors that have none in it", async () => {
    const bench = await startBench();
    await writeStore(bench, bench.venue);
    const markets = await bench.run("markets --json", { environment: urls(bench) });
    expect(markets.exitCode).toBe(0);
    expect(markets.secretPrompts).toEqual([]);
    const other = await bench.run("balance -c ftx_us_perpetual --json", { environment: urls(bench) });
    expect(other.json.error.code).toBe("CREDENTIALS_MISSING");
    expect(other.secretPrompts).toEqual([]);
  });

  it.each([
    ["another password", (text: string) => text, "wrong horse", "WRONG_PASSWORD", 3],
    ["a changed file", (text: string) => text.replace(/"tag": "\w/, '"tag": "x'), PASSWORD, "KEY_STORE", 2],
    [
      "a changed content",
      (text: string) => JSON.stringify({ ...JSON.parse(text), data: "AAAA" }),
      PASSWORD,
      "KEY_STORE_CHANGED",
      2,
    ],
    ["no password", (text: string) => text, "", "CONFIG", 2],
  ])("are refused with %s", async (_, change, password, code, exitCode) => {
    const bench = await startBench();
    await bench.writeFile(STORE, change(await writeStore(bench, bench.venue)), 0o600);
    const process = await bench.run("balance --json", { environment: urls(bench), input: [password] });
    expect(process.json.error.code).toBe(code);
    expect(process.exitCode).toBe(exitCode);
    expect(process.out + process.error).not.toContain(bench.venue.apiSecret);
  });

  it("must be there when they are named", async () => {
    const bench = await startBench();
    const process = await bench.run("balance --keys /nowhere.json", { environment: urls(bench) });
    expect(process.error).toBe("perpwire: cannot read /nowhere.json: no such file\n");
    expect(process.exitCode).toBe(2);
  });
});
