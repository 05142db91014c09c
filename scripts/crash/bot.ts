/** A process of the bot of `npm run crash`, which ends it without a warning. */
import { rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { demoMarkets, Quoter } from "../../packages/cli/src/demo/strategy.ts";
import { createConnector } from "../../src/connect.ts";
import type { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { describeError, PerpwireError } from "../../src/model/error.ts";
import { PaperControl } from "../../src/paper/control-client.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";
import { differencesOf, ordersOf } from "../../src/simulation/agreement.ts";
import { BOX_PROTOCOLS, translated } from "../../src/simulation/box-protocols.ts";
import type { ToldLedger } from "../../src/simulation/ledger.ts";
import { withWholeAmends } from "../../src/simulation/whole-amends.ts";
import { type BotTask, type BotVerdict, TASK_VARIABLE } from "./task.ts";
import { readTold, writeTold } from "./told.ts";
import { openTrace } from "./trace.ts";

const STEP_MS = 100;
const DAY_MS = 86_400_000;
/** What was sent and never arrived is proven so half a minute later at the latest. */
const SETTLE_MS = 120_000;
const FILLER_BYTES = 65_536;
const BEFORE_FULL_MS = 4_000;
const FULL_MS = 6_000;

const task: BotTask = JSON.parse(process.env[TASK_VARIABLE] ?? "");
const protocol = BOX_PROTOCOLS[task.connector];
const runtime = nodeRuntime();

const { apiKey, credentials } = task.venue;
const trace = openTrace(task, protocol.token, runtime);
const connector = await createConnector(task.connector, {
  runtime: trace?.recorder.runtime(runtime) ?? runtime,
  tradingPairs: demoMarkets(protocol.quote).map(({ tradingPair }) => tradingPair),
  credentials: credentials[protocol.name],
  restUrl: task.restUrl,
  webSocketUrl: task.webSocketUrl,
  journalPath: task.journalPath,
  logger: SILENT_LOGGER,
  doneOrdersKept: 100_000,
  timings: { doneOrdersKeptMs: DAY_MS, lostAfterMs: 10 * 60_000, requestTimeoutMs: 3_000 },
});
trace?.recorder.watch(connector);
const ledger = writeTold(connector, protocol.token, task.toldFolder, task.life);
const faults: string[] = [];
connector.on("error", ({ error }) => void faults.push(describeError(error)));
await connector.start({ timeoutMs: SETTLE_MS });
await connector.waitUntilReady({ timeoutMs: SETTLE_MS });
process.stdout.write("ready\n");

if (task.mode === "trade") await trade(Number.POSITIVE_INFINITY);
else {
  const refusedWhileFull = task.mode === "fill" ? await tradeOnFullDisk() : undefined;
  const verdict = await settle();
  process.stdout.write(`${JSON.stringify({ ...verdict, refusedWhileFull })}\n`);
  await connector.stop();
  await runtime.http.close();
}

async function trade(forMs: number): Promise<void> {
  const quoters = quotersOf(connector, ledger);
  const untilMs = runtime.clock.monotonic() + forMs;
  while (runtime.clock.monotonic() < untilMs) {
    for (const quoter of quoters) quoter.step();
    await sleep(STEP_MS);
  }
}

function quotersOf(own: PerpetualConnector, told: ToldLedger): readonly Quoter[] {
  return demoMarkets(protocol.quote).map((market) => {
    const random = new SeededRandom(task.seed, `bot ${task.life} ${market.tradingPair}`);
    return new Quoter({ connector: own, ledger: told, market, random, clock: runtime.clock, isRestless: true });
  });
}

/** Trades while the journal's disk has no room, and goes on when it has; what was said about it while it had none. */
async function tradeOnFullDisk(): Promise<string> {
  await trade(BEFORE_FULL_MS);
  const filler = join(dirname(task.journalPath), "filler");
  try {
    for (let number = 0; ; number += 1) writeFileSync(`${filler}${number}`, Buffer.alloc(FILLER_BYTES));
  } catch {
    await trade(FULL_MS);
  }
  const refusals = ledger.counters.ordersRefusedLocally;
  const told = faults.find((text) => text.includes("journal"));
  for (let number = 0; number < 10_000; number += 1) rmSync(`${filler}${number}`, { force: true });
  const before = ledger.counters.ordersPlaced;
  await trade(BEFORE_FULL_MS);
  if (told === undefined || refusals === 0) throw new Error("the full disk was told by nobody");
  if (ledger.counters.ordersPlaced === before) throw new Error("no order was placed after room was made");
  return `${refusals} orders refused, told: ${told}`;
}

/** Ends every order and position and compares all that was ever told with the venue's own record. */
async function settle(): Promise<BotVerdict> {
  const control = new PaperControl(runtime.http, task.venue.control, apiKey);
  await control.setFaults({});
  const problems = await flat();
  await again(() => connector.refresh());
  await trace?.agree();
  const truth = withWholeAmends(translated(await control.truth(), protocol), protocol);
  const ledgers = readTold(task.toldFolder) as readonly ToldLedger[];
  const differences = differencesOf({
    ...{ connector, ledgers, truth, protocol, token: protocol.token },
    startingCash: "100000",
  });
  const { length: fills } = truth.fills;
  const { length: fundingPayments } = truth.fundingPayments;
  const texts = differences.map((difference) => JSON.stringify(difference));
  return { differences: [...problems, ...texts], orders: ordersOf(connector).length, fills, fundingPayments };
}

async function flat(): Promise<readonly string[]> {
  const untilMs = runtime.clock.monotonic() + SETTLE_MS;
  for (;;) {
    const report = await connector.flatten({ timeoutMs: SETTLE_MS });
    if (report.isFlat && report.problems.length === 0) return [];
    if (runtime.clock.monotonic() > untilMs) return report.problems.map((problem) => `not flat: ${String(problem)}`);
  }
}

async function again(work: () => Promise<void>): Promise<void> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (!(error instanceof PerpwireError) || attempt > 100) throw error;
      await sleep(STEP_MS * 5);
    }
  }
}
