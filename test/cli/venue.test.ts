import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { PROTOCOL_NAMES } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { type RunOptions, runCommand } from "./bench.ts";
import type { FakeProcess } from "./fake-process.ts";

/** Runs the venue until it is ready and `look` has looked, then stops it. */
async function venue(
  args: string,
  look: (process: FakeProcess, world: SimulatedWorld) => Promise<void> = async () => undefined,
  signal: "SIGINT" | "SIGTERM" = "SIGINT",
) {
  const world = new SimulatedWorld({ seed: 1 });
  const meanwhile: NonNullable<RunOptions["meanwhile"]> = async (process) => {
    await process.until(({ out }) => out.includes("\n"));
    await look(process, world);
    process.signal(signal);
  };
  return { world, process: await runCommand(world, args, { meanwhile }) };
}

describe("perpwire venue", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("prints one line when it is ready and ends cleanly at %s", async (signal) => {
    const { process, world } = await venue("venue --api ftx", undefined, signal);
    expect(process.outLines).toHaveLength(1);
    expect(process.out).toMatch(
      /^paper venue \(ftx\) is ready; FTX_PERPETUAL_REST_URL=http:\/\/127\.0\.0\.1:\d+\/api FTX_PERPETUAL_WS_URL=ws:\/\/127\.0\.0\.1:\d+\/ws FTX_PERPETUAL_API_KEY=\w{40} FTX_PERPETUAL_API_SECRET=\w{40}\n$/,
    );
    expect(process.error).toBe("");
    expect(process.exitCode).toBe(0);
    expect(process.listensToSignals).toBe(false);
    const url = /REST_URL=(\S+)/.exec(process.out)?.[1];
    const request = { method: "GET", url: `${url}/markets`, headers: {}, timeoutMs: 1_000 };
    await expect(world.run(world.runtime("other").http.request(request))).rejects.toThrow();
  });

  it("tells URLs and key as one JSON object and answers there", async () => {
    const { process } = await venue("venue --api ftx --json --port 8123 --seed 5", async (running, world) => {
      const { rest } = running.json;
      const request = { method: "GET", url: `${rest}/markets`, headers: {}, timeoutMs: 1_000 };
      const { status, text } = await world.runtime("other").http.request(request);
      expect(status).toBe(200);
      expect(text).toContain('"BTC-PERP"');
    });
    expect(process.json).toMatchObject({
      rest: "http://127.0.0.1:8123/api",
      ws: "ws://127.0.0.1:8123/ws",
      host: "127.0.0.1",
      port: 8123,
      urls: { ftx: { rest: "http://127.0.0.1:8123/api", ws: "ws://127.0.0.1:8123/ws" } },
    });
    expect(process.json.apiKey).toMatch(/^\w{40}$/);
  });

  it("speaks https with a certificate that it writes for clients when told so", async () => {
    const { process, world } = await venue("venue --json --api okx --port 8125 --tls --tls-ca /certificates/ca.pem");
    const { rest, ws, control, urls, tls } = process.json;
    expect([rest, ws, control]).toEqual([
      "https://127.0.0.1:8125",
      "wss://127.0.0.1:8125",
      "https://127.0.0.1:8125/paper",
    ]);
    expect(urls.okx).toEqual({ rest, ws });
    const certificate = new X509Certificate(await world.runtime("main").files.readText("/certificates/ca.pem"));
    expect(tls).toEqual({ ca: "/certificates/ca.pem", fingerprint: certificate.fingerprint256 });
    expect(certificate.checkHost("localhost")).toBe("localhost");
  });

  it("refuses a place for a certificate where it makes none", async () => {
    const process = await runCommand(new SimulatedWorld({ seed: 3 }), "venue --json --tls-ca /certificates/ca.pem");
    expect([process.exitCode, process.json.error.message]).toEqual([
      2,
      "--tls-ca is where --tls writes its certificate",
    ]);
  });

  it("speaks every protocol on one port when told so", async () => {
    const { process } = await venue("venue --json --api all --port 8124");
    const { urls } = process.json;
    expect(Object.keys(urls)).toEqual(PROTOCOL_NAMES);
    expect(urls.bybit).toEqual({ rest: "http://127.0.0.1:8124", ws: "ws://127.0.0.1:8124" });
    expect(process.json.rest).toBe(urls.ftx.rest);
  });

  it.each(PROTOCOL_NAMES)("names the variables of %s when it speaks that", async (api) => {
    const { process } = await venue(`venue --api ${api}`);
    const prefix = `${api.toUpperCase()}_PERPETUAL`;
    expect(process.out).toMatch(
      new RegExp(
        `^paper venue \\(${api}\\) is ready; ${prefix}_REST_URL=http\\S+ ${prefix}_WS_URL=ws\\S+ ${prefix}_(API_KEY|ACCOUNT_ADDRESS|PRIVATE_KEY)=`,
      ),
    );
  });

  it("prints the passphrase where the protocol's keys have one", async () => {
    const { process } = await venue("venue --api okx --seed 5");
    expect(process.out).toMatch(/ OKX_PERPETUAL_API_SECRET=\w+ OKX_PERPETUAL_PASSPHRASE=\S+\n$/);
    expect((await venue("venue --json --seed 5")).process.json.passphrase).toBeTypeOf("string");
  });

  it("makes the same key from the same seed", async () => {
    const keys = await Promise.all(
      ["5", "5", "6"].map(async (seed) => (await venue(`venue --json --seed ${seed}`)).process.json.apiKey),
    );
    expect(keys[0]).toBe(keys[1]);
    expect(keys[0]).not.toBe(keys[2]);
  });

  it("takes a paper key that it is given", async () => {
    const { process } = await venue("venue --json --api-key mine --api-secret paper-only");
    expect(process.json).toMatchObject({ apiKey: "mine", apiSecret: "paper-only" });
  });

  it("turns chaos on, and --faults overrides it", async () => {
    await venue("venue --json --chaos --faults dropFrame=0.5,error429=0,error5xx=0", async (process, world) => {
      const { control, apiKey } = process.json;
      const request = { method: "GET", url: `${control}/faults`, headers: { "paper-key": apiKey }, timeoutMs: 1_000 };
      const { text } = await world.runtime("other").http.request(request);
      expect(JSON.parse(text)).toMatchObject({ dropFrame: 0.5, error429: 0, repeatFrame: 0.005 });
    });
  });

  it("settles funding as often as it is told and starts the account with what it is told", async () => {
    await venue("venue --api ftx --json --funding-interval 5 --balance 123.45", async (process, world) => {
      const { control, apiKey, rest } = process.json;
      const { http } = world.runtime("other");
      const truth = { method: "GET", url: `${control}/truth`, headers: { "paper-key": apiKey }, timeoutMs: 1_000 };
      expect(JSON.parse((await http.request(truth)).text)).toMatchObject({ cash: "123.45" });
      const stats = { method: "GET", url: `${rest}/futures/BTC-PERP/stats`, headers: {}, timeoutMs: 1_000 };
      const { result } = JSON.parse((await http.request(stats)).text);
      expect(Date.parse(result.nextFundingTime) - world.now()).toBeLessThanOrEqual(5_000);
    });
  });

  it.each([
    ["--faults nonsense=1", 'perpwire: there is no fault "nonsense"; known are latency'],
    ["--api-key alone", "perpwire: a paper key needs its secret; give both --api-key and --api-secret, or neither"],
    ["--balance much", "perpwire: option '--balance <usd>' argument 'much' is invalid. It is an amount from zero up"],
    ["--balance -5", "perpwire: option '--balance <usd>' argument '-5' is invalid. It is an amount from zero up"],
    ["--balance 1e9", "perpwire: option '--balance <usd>' argument '1e9' is invalid"],
    ["--funding-interval -1", "perpwire: option '--funding-interval <seconds>' argument '-1' is invalid"],
    ["--funding-interval 1e300", "perpwire: option '--funding-interval <seconds>' argument '1e300' is invalid"],
    ["--port -1", "perpwire: option '--port <number>' argument '-1' is invalid"],
    ["--funding-interval 0", "perpwire: option '--funding-interval <seconds>' argument '0' is invalid"],
    ["--api kraken", "perpwire: option '--api <protocol>' argument 'kraken' is invalid"],
  ])("refuses %s with one line", async (args, line) => {
    const { error, out, exitCode } = await runCommand(new SimulatedWorld({ seed: 1 }), `venue ${args}`);
    expect(error.startsWith(line)).toBe(true);
    expect(error.split("\n")).toHaveLength(2);
    expect(out).toBe("");
    expect(exitCode).toBe(2);
  });
});
