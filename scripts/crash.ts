/**
 * Ends a bot without a warning, again and again, and looks whether it still knows all that it did. A process of its own
 * trades over real sockets on the box in another process, which does everything wrong that venues do, through a proxy
 * that breaks the line; it is ended by SIGKILL at random moments and started again on the same journal. At last it
 * closes everything, and must agree with the box on every order, fill, payment and balance to the last digit. Then its
 * disk is full for a while, where a small file system can be mounted.
 *
 *   npm run crash [-- --kills 200] [--connector bybit_perpetual] [--seed 1] [--trace <folder>]
 *
 * With `--trace` each process writes its history to `<folder>/<connector>/NNNN.ndjson`, by the number of the process, and
 * `perpwire check` reads them at the end; what an earlier run left in `<folder>/<connector>` is removed first. `--kills` is
 * how many in all, shared out among the connectors. Exit code 1 on any difference; a run that this machine cannot do is
 * counted as skipped. SIGINT and SIGTERM end it with 130 and 143, and it leaves neither folders nor file systems behind.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { wholeNumber } from "../packages/cli/src/arguments.ts";
import { SeededRandom } from "../src/runtime/simulated-random.ts";
import type { BoxConnector } from "../src/simulation/box-protocols.ts";
import { type ConnectionFault, TcpProxy } from "../test/support/tcp-proxy.ts";
import { argumentsOf, chosenOf, folderToWrite, readFlag } from "./arguments.ts";
import { cleanUp, temporaryFolder, tied } from "./clean-up.ts";
import { APIS, type BotTask, type BotVerdict, TASK_VARIABLE, type VenueLine } from "./crash/task.ts";

const values = argumentsOf(import.meta.filename, {
  kills: { type: "string", default: "200" },
  connector: { type: "string", multiple: true, default: Object.keys(APIS) },
  seed: { type: "string", default: "1" },
  trace: { type: "string" },
});
const connectors = chosenOf("connector", values.connector, Object.keys(APIS) as BoxConnector[]);
const killsEach = Math.ceil(readFlag("kills", values.kills, wholeNumber(1)) / connectors.length);
const seed = readFlag("seed", values.seed, wholeNumber(0));
const traceFolder = values.trace === undefined ? undefined : resolve(folderToWrite("trace", values.trace));
const program = resolve(import.meta.dirname, "../bin/perpwire.js");
const botScript = resolve(import.meta.dirname, "crash/bot.ts");

type Result = "passed" | "failed" | "skipped";

const DIES_AT_START = 0.2;
const MAX_START_MS = 60_000;
const MAX_LIFE_MS = 2_500;
const LAST_LIFE_MS = 300_000;
/** The journal's write-ahead log alone takes four megabytes before its first checkpoint. */
const DISK = "size=16m";
/** How often a connection that is new meets a fault of the line. */
const FAULT_RATE = 0.15;

const LINE_FAULTS: readonly ConnectionFault[] = [
  { pieces: [1, 9] },
  { delayMs: { up: 30, down: 60 } },
  { bytesPerMs: 64 },
  { resetAt: { direction: "down", after: "start", bytes: 25 } },
  { resetAt: { direction: "up", after: "start", bytes: 25 } },
  { resetAt: { direction: "down", after: "head", bytes: 1 } },
  { resetAt: { direction: "down", after: "head", bytes: 3_000 } },
  { resetAt: { direction: "up", after: "head", bytes: 3 } },
  { swallow: "atOnce" },
];

/** Everything of one connector: its box, the line to it, and the folder of its bot. */
class Crash implements AsyncDisposable {
  readonly connector: BoxConnector;
  readonly venue: VenueLine;
  readonly proxy: TcpProxy;
  readonly folder: string;
  readonly #kept: ReturnType<typeof temporaryFolder>;
  readonly #box: ChildProcess;
  readonly #startMs = Date.now();
  #life = 0;

  private constructor(connector: BoxConnector, venue: VenueLine, proxy: TcpProxy, box: ChildProcess) {
    this.connector = connector;
    this.venue = venue;
    this.proxy = proxy;
    this.#kept = temporaryFolder("perpwire-crash-");
    this.folder = this.#kept.path;
    this.#box = box;
    mkdirSync(join(this.folder, "told"));
  }

  static async open(connector: BoxConnector, flags: readonly string[]): Promise<Crash> {
    const api = APIS[connector];
    const args = ["venue", "--json", "--api", String(api), "--seed", String(seed), "--funding-interval", "7", ...flags];
    const box = tied(
      spawn(process.execPath, [program, ...args, "--stop-with-input"], { stdio: ["pipe", "pipe", "inherit"] }),
    );
    const venue: VenueLine = JSON.parse(await firstLine(box));
    const proxy = await TcpProxy.start(Number(new URL(venue.rest).port), seed);
    return new Crash(connector, venue, proxy, box);
  }

  /** Begins a process of the bot. */
  begin(mode: BotTask["mode"], journalPath = join(this.folder, "bot.journal"), traces?: string): ChildProcess {
    this.#life += 1;
    const task: BotTask = {
      mode,
      connector: this.connector,
      venue: this.venue,
      restUrl: this.proxy.through(this.venue.rest),
      webSocketUrl: this.proxy.through(this.venue.ws),
      journalPath,
      toldFolder: join(this.folder, "told"),
      traceFolder: traces,
      life: this.#life,
      runStartMs: this.#startMs,
      seed,
    };
    const env = { ...process.env, [TASK_VARIABLE]: JSON.stringify(task) };
    return tied(spawn(process.execPath, [botScript], { env, stdio: ["ignore", "pipe", "pipe"] }), "SIGKILL");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#box.stdin?.end();
    await once(this.#box, "exit");
    await this.proxy[Symbol.asyncDispose]();
    this.#kept[Symbol.dispose]();
  }
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("the process has no output");
  const lines = createInterface({ input: stdout });
  const [line] = await once(lines, "line");
  lines.close();
  stdout.resume();
  return String(line);
}

/** What the last process of the bot found, or why there is nothing. */
async function verdictOf(bot: ChildProcess): Promise<BotVerdict | string> {
  let [out, error] = ["", ""];
  bot.stdout?.on("data", (chunk) => {
    out += chunk;
  });
  bot.stderr?.on("data", (chunk) => {
    error += chunk;
  });
  const timer = setTimeout(() => bot.kill("SIGKILL"), LAST_LIFE_MS);
  await once(bot, "exit");
  clearTimeout(timer);
  const line = out.trimEnd().split("\n").at(-1) ?? "";
  return line.startsWith("{") ? JSON.parse(line) : `the last process ended without a word: ${error.slice(-500)}`;
}

async function crash(connector: BoxConnector): Promise<Result> {
  await using run = await Crash.open(connector, ["--chaos"]);
  const traces = traceFolder === undefined ? undefined : join(traceFolder, connector);
  if (traces !== undefined) {
    rmSync(traces, { recursive: true, force: true });
    mkdirSync(traces, { recursive: true });
  }
  const random = new SeededRandom(seed, `kills ${connector}`);
  run.proxy.chance = { rate: FAULT_RATE, faults: LINE_FAULTS };
  let reachedReady = 0;
  let failed = "";
  for (let kill = 0; kill < killsEach; kill += 1) {
    const bot = run.begin("trade", undefined, traces);
    const isReady = new Promise<void>((resolveReady) => bot.stdout?.once("data", () => resolveReady()));
    void isReady.then(() => {
      reachedReady += 1;
    });
    let error = "";
    bot.stderr?.on("data", (chunk) => {
      error += chunk;
    });
    const exited = once(bot, "exit");
    // Some die while they start, most while they trade.
    if (random.float() >= DIES_AT_START) await Promise.race([isReady, sleep(MAX_START_MS), exited]);
    await Promise.race([sleep(Math.round(random.float() * MAX_LIFE_MS)), exited]);
    if (bot.exitCode !== null && !isOfBadLine(error)) failed = error.slice(-500);
    bot.kill("SIGKILL");
    await exited;
  }
  run.proxy.chance = undefined;
  run.proxy.resetAll();
  const verdict = await verdictOf(run.begin("settle", undefined, traces));
  const { resets, swallowed } = run.proxy;
  const line = `${killsEach} kills, ${reachedReady} of processes that traded, ${resets} resets, ${swallowed} connections swallowed`;
  const isGood = report(connector, failed === "" ? verdict : `a process ended by itself: ${failed}`, line);
  return (traces === undefined || hasGoodHistory(traces)) && isGood ? "passed" : "failed";
}

/** The second opinion of what all processes wrote. */
function hasGoodHistory(folder: string): boolean {
  const files = readdirSync(folder).map((name) => join(folder, name));
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, "check", ...files], { encoding: "utf8" });
  console.log(`${stdout}${stderr}`.replaceAll(`${folder}/`, "").trimEnd());
  return status === 0;
}

/** A start that the venue or the line does not let through for two minutes may end by itself; no other error may. */
function isOfBadLine(error: string): boolean {
  return /VenueUnavailableError|TransportError|RateLimitError/.test(error);
}

/** The bot's disk has no room for a while. */
async function fullDisk(connector: BoxConnector): Promise<Result> {
  using folder = temporaryFolder("perpwire-disk-");
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", DISK, "tmpfs", folder.path], { encoding: "utf8" });
  if (mounted.status !== 0) {
    const why = (mounted.stderr ?? String(mounted.error)).trim();
    console.log(`${connector} full disk: skipped, no small file system can be mounted here: ${why}`);
    return "skipped";
  }
  // A process that was just killed may still have a file open on it, which `-l` waits out.
  using _disk = cleanUp(() => void spawnSync("umount", ["-l", folder.path]));
  await using run = await Crash.open(connector, []);
  const verdict = await verdictOf(run.begin("fill", join(folder.path, "bot.journal")));
  const note = typeof verdict === "string" ? "" : (verdict.refusedWhileFull ?? "");
  return report(connector, verdict, `full disk: ${note}`) ? "passed" : "failed";
}

function report(connector: BoxConnector, verdict: BotVerdict | string, what: string): boolean {
  const isGood = typeof verdict !== "string" && verdict.differences.length === 0;
  if (typeof verdict === "string") console.log(`${connector} ${what}: FAILED: ${verdict}`);
  else {
    const { orders, fills, fundingPayments, differences } = verdict;
    const counts = `${orders} orders, ${fills} fills, ${fundingPayments} funding payments`;
    console.log(`${connector} ${what}: ${isGood ? "reconciled" : `${differences.length} DIFFERENCES`}, ${counts}`);
    for (const difference of differences.slice(0, 20)) console.log(`  ${difference}`);
  }
  return isGood;
}

const results = await Promise.all(connectors.map(crash));
for (const connector of connectors) results.push(await fullDisk(connector));
const count = (result: Result) => results.filter((each) => each === result).length;
console.log(
  `seed ${seed}: ${killsEach * connectors.length} kills, ${count("passed")} runs passed, ${count("failed")} failed, ` +
    `${count("skipped")} skipped`,
);
process.exitCode = count("failed") === 0 ? 0 : 1;
