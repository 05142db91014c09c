import "./conformance-scene.ts";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ROWS } from "../../packages/cli/src/conformance/rows.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { type Bench, runCommand, startBench } from "./bench.ts";

/** The venue behind a line that hides that it is a paper one: it could be real. */
function hidePaper({ world }: Bench): void {
  world.network.faults = {
    onHttpRequest: ({ url }) =>
      url.includes("/paper/")
        ? { kind: "respond", response: { status: 404, headers: {}, text: "Not found" } }
        : undefined,
  };
}

const leftAt = ({ venue }: Bench) => ({
  orders: venue.truth().orders.filter(({ status }) => status !== "closed").length,
  positions: venue.truth().positions.filter(({ size }) => Number(size) !== 0).length,
});

describe("perpwire conformance, without a server named", () => {
  it("starts a paper venue, passes, prints a table and writes a report", async () => {
    const world = new SimulatedWorld({ seed: 3 });
    const args = "conformance bybit_perpetual --seed 7 --report /project/report.md";
    const process = await runCommand(world, args);
    expect(process.error.split("\n").filter((line) => !line.startsWith("{"))).toEqual([""]);
    expect(process.exitCode).toBe(0);
    expect(process.out).toContain("orders.cancel-only-ours");
    expect(process.outLines.at(-1)).toMatch(
      /^bybit_perpetual conforms on paper venue, seed 7: \d+ passed, 0 failed, 0 skipped in \d+\.\d s$/,
    );
    const { files } = world.runtime("main");
    const markdown = await world.run(files.readText("/project/report.md"));
    expect(await world.run(files.mode("/project/report.md"))).toBe(0o600);
    expect(markdown).toMatch(/^# Conformance of bybit\\_perpetual|^# Conformance of bybit_perpetual/);
    for (const { id } of ROWS) expect(markdown).toContain(`\`${id}\``);
    expect(markdown).toContain("- market: BTC-USDT, at most 50000 at a time");
  });

  it("tells programs everything in one line, and leaves no journal", async () => {
    const world = new SimulatedWorld({ seed: 3 });
    const process = await runCommand(world, "conformance ftx_perpetual --seed 7 --json --pair ETH-USD");
    expect(process.outLines).toHaveLength(1);
    expect(process.json).toMatchObject({
      connector: "ftx_perpetual",
      venueKind: "paper",
      tradingPair: "ETH-USD",
      passed: true,
      stopped: false,
      counts: { failed: 0, skipped: 1 },
      cleanup: { canceledOrders: 0, closingOrders: 0, problems: [] },
    });
    expect(process.json.rows.map(({ id }: { id: string }) => id)).toEqual(ROWS.map(({ id }) => id));
    expect(process.json.rows.find(({ id }: { id: string }) => id === "account.position-mode")).toMatchObject({
      status: "skipped",
      detail: "not offered: the venue knows oneWay only",
    });
  });

  it("does not take configured keys for the wish to use them", async () => {
    const world = new SimulatedWorld({ seed: 3 });
    const environment = { BYBIT_PERPETUAL_API_KEY: "real-key-of-mine", BYBIT_PERPETUAL_API_SECRET: "real-secret" };
    const process = await runCommand(world, "conformance bybit_perpetual --json --dry-run", { environment });
    expect(process.exitCode).toBe(0);
    const run = await runCommand(world, "conformance bybit_perpetual --json --only orders.place", { environment });
    expect(run.json).toMatchObject({ venueKind: "paper", passed: true, counts: { passed: 4 } });
    expect(run.out + run.error).not.toContain("real-");
  });

  it.each([
    ["--paper --rest-url https://host.example", "--paper and the address of a server exclude each other"],
    ["--live --seed 7", "--seed decides the market of a paper venue that the run starts"],
  ])("refuses %s, of which a part would change nothing", async (flags, message) => {
    const process = await runCommand(new SimulatedWorld({ seed: 3 }), `conformance bybit_perpetual --json ${flags}`);
    expect([process.exitCode, process.json.error.message]).toEqual([2, message]);
  });

  it("shows how far it is on a terminal", async () => {
    const world = new SimulatedWorld({ seed: 3 });
    const process = await runCommand(world, "conformance bybit_perpetual --only orders", { isTerminal: true });
    expect(process.out).toContain("0/9  connects and gets ready");
    expect(process.out).toContain("█");
    expect(process.outLines.at(-1)).toContain("bybit_perpetual conforms");
    expect(process.outLines.at(-2)).toMatch(/^made by the venue's documents of \d{4}-\d\d-\d\d$/);
  });

  it("cleans up on Ctrl-C, says what it did, and ends as stopped", async () => {
    const world = new SimulatedWorld({ seed: 3 });
    const process = await runCommand(world, "conformance bybit_perpetual --seed 7", {
      isTerminal: true,
      meanwhile: async (running) => {
        await running.until(({ out }) => out.includes("funding is booked at settlement"));
        running.signal("SIGINT");
      },
    });
    expect(process.out).toContain("bybit_perpetual stopped before the end on paper venue, seed 7");
    expect(process.out).toMatch(
      /^cleaned up: (nothing was left open|\d+ orders canceled, \d+ closing orders; BTC-USDT is flat)$/m,
    );
    expect(process.error).toContain("perpwire: stopped by SIGINT\n");
    expect(process.exitCode).toBe(130);
  });
});

describe("perpwire conformance --dry-run", () => {
  it("lists every row and what it would do, and talks to nobody", async () => {
    const bench = await startBench();
    let requests = 0;
    const count = (): undefined => {
      requests += 1;
    };
    bench.world.network.faults = { onHttpRequest: count, onConnect: count };
    const process = await bench.run("conformance ftx_perpetual --dry-run --json");
    expect(process.json.map((row: Record<string, unknown>) => row.id)).toEqual(ROWS.map(({ id }) => id));
    expect(process.json.find(({ id }: { id: string }) => id === "orders.amend")).toEqual({
      id: "orders.amend",
      name: "an order is amended and stays one order",
      does: "places one resting order, changes its price and its amount, cancels it",
      trades: true,
      skipped: null,
    });
    const table = await bench.run("conformance ftx_perpetual --dry-run");
    expect(table.out).toContain("skipped: not offered: the venue knows oneWay only");
    expect(table.outLines.at(-1)).toMatch(
      /^ftx_perpetual: \d+ rows, \d+ of them trade or change settings; nothing was sent$/,
    );
    expect(requests).toBe(0);
  });
});

describe("perpwire conformance, on a server that the user names", () => {
  it("uses a paper venue that runs already, and gives it its faults back", async () => {
    const faults = { latencyMs: [1, 3] } as const;
    const bench = await startBench({ quiet: false, rateLimits: "strict", fundingIntervalMs: 4_000, faults });
    const process = await bench.run("conformance ftx_perpetual --json --log-level silent");
    const { rows, passed } = process.json;
    expect(rows.filter(({ status }: { status: string }) => status === "failed")).toEqual([]);
    expect(passed).toBe(true);
    expect(process.json.venue).toBe(`paper venue at ${bench.venue.rest}`);
    expect(bench.venue.faults.config).toEqual(faults);
    expect(leftAt(bench)).toEqual({ orders: 0, positions: 0 });
  });

  it("asks before it trades on what may be real, and does nothing without a yes", async () => {
    const bench = await startBench();
    hidePaper(bench);
    const { environment } = bench;
    const options = { environment, isInputTerminal: true };
    const refused = await bench.run("conformance ftx_perpetual --max-notional 300", { ...options, input: ["no"] });
    expect(refused.error).toBe(
      `trade BTC-USD at ftx_perpetual (live at ${bench.venue.rest}), at most 300 at a time? Type yes: ` +
        "perpwire: not confirmed; nothing was done; --yes does not ask\n",
    );
    expect(refused.exitCode).toBe(1);
    expect(bench.venue.truth().orders).toEqual([]);
  });

  it.each(["", "--json"])("refuses where nobody can be asked, and sends nothing %s", async (flag) => {
    const bench = await startBench();
    hidePaper(bench);
    const process = await bench.run(`conformance ftx_perpetual ${flag}`);
    expect(process.error).toMatch(/^perpwire: this would trade BTC-USD .* nobody is there to be asked; --yes agrees/);
    expect(process.exitCode).toBe(2);
    expect(bench.venue.truth().orders).toEqual([]);
  });

  it("trades with --yes, within the budget, and calls skipped what it cannot provoke", async () => {
    const bench = await startBench({ quiet: false, rateLimits: "strict" });
    hidePaper(bench);
    const process = await bench.run("conformance ftx_perpetual --yes --json --log-level silent --max-notional 200");
    const { rows, passed, venueKind } = process.json;
    expect(rows.filter(({ status }: { status: string }) => status === "failed")).toEqual([]);
    expect({ passed, venueKind }).toEqual({ passed: true, venueKind: "live" });
    const skipped = rows.filter(({ status }: { status: string }) => status === "skipped");
    expect(skipped.map(({ id }: { id: string }) => id)).toEqual(
      expect.arrayContaining(["fills.partial", "account.funding", "recovery.broken-book"]),
    );
    const notionals = bench.venue.truth().orders.map(({ size, price }) => Number(size) * Number(price ?? 20_000));
    expect(Math.max(...notionals)).toBeLessThanOrEqual(200);
    expect(leftAt(bench)).toEqual({ orders: 0, positions: 0 });
  });

  it("leaves an account alone that trades on the market already", async () => {
    const bench = await startBench();
    await bench.run("buy BTC-USD 0.02 --type market --position open --wait");
    const process = await bench.run("conformance ftx_perpetual --json --log-level silent");
    expect(process.json.error).toMatchObject({
      code: "NOT_FLAT",
      message: "the account has a position of 0.02 and 0 orders on BTC-USD",
    });
    expect(process.exitCode).toBe(2);
    expect(leftAt(bench)).toEqual({ orders: 0, positions: 1 });
    expect(bench.venue.truth().orders).toHaveLength(1);
  });

  it("fails, and says why, when the venue cannot be reached", async () => {
    const bench = await startBench();
    await bench.venue.stop();
    const process = await bench.run("conformance ftx_perpetual --yes --json --log-level silent --timeout 5");
    expect(process.json.rows[0]).toMatchObject({ status: "failed" });
    expect(process.json.rows.slice(1).every(({ status }: { status: string }) => status === "skipped")).toBe(true);
    expect(process.exitCode).toBe(1);
  });
});

describe("perpwire conformance, in a process of its own", () => {
  it("passes over real sockets and leaves no journal behind", { timeout: 90_000 }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "perpwire-conformance-"));
    try {
      const script = resolve(import.meta.dirname, "../../bin/perpwire.js");
      const args = [script, "conformance", "bybit_perpetual", "--seed", "7", "--funding-interval", "2", "--json"];
      const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: folder });
      const report = JSON.parse(stdout);
      expect(report.rows.filter(({ status }: { status: string }) => status !== "passed")).toEqual([]);
      expect(report.passed).toBe(true);
      expect(await readdir(join(folder, ".perpwire"))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

describe("the page about conformance", () => {
  it("has every row", async () => {
    const page = await readFile(resolve(import.meta.dirname, "../../docs/conformance.md"), "utf8");
    for (const { id, name } of ROWS) expect(page).toContain(`| \`${id}\` | ${name} |`);
  });
});

describe("perpwire conformance, asked for what cannot be", () => {
  it.each([
    ["conformance nowhere_perpetual", 'there is no connector "nowhere_perpetual"'],
    ["conformance ftx_perpetual --paper --live", "--paper and --live exclude each other"],
    ["conformance ftx_perpetual --pair BTC", '"BTC" is not a trading pair'],
    ["conformance ftx_perpetual --only orders,fillets", 'there is no row "fillets"; there are connection, markets,'],
    ["conformance ftx_perpetual --max-notional lots", "argument 'lots' is invalid. It is an amount above zero"],
    ["conformance ftx_perpetual --max-notional 0", "argument '0' is invalid. It is an amount above zero"],
    ["conformance", "missing required argument"],
  ])("%s", async (args, message) => {
    const process = await runCommand(new SimulatedWorld({ seed: 1 }), args);
    expect(process.error).toContain(message);
    expect(process.error.trimEnd().split("\n")).toHaveLength(1);
    expect(process.exitCode).toBe(2);
  });

  it("needs keys for a venue that is named", async () => {
    const process = await runCommand(new SimulatedWorld({ seed: 1 }), "conformance bybit_perpetual_testnet");
    expect(process.error).toMatch(/^perpwire: bybit_perpetual_testnet has no credentials; run perpwire connect/);
    expect(process.exitCode).toBe(3);
  });
});
