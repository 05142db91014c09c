import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnector } from "../../src/connect.ts";
import { createPaperVenue } from "../../src/paper/index.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { heapMb, isFlat } from "./heap.ts";

const PAIR = "BTC-USDT";
/** Half of the frames are read later than before by more than this: it falls behind. Single ones wait for the machine. */
const LAG_BORNE_MS = 100;
const SAMPLED = 20;
const MINUTE_MS = 60_000;

/** Returns whether heap and lag were at the end as they were after the first tenth. */
export async function soakSocket(minutes: number, framesPerSecond: number): Promise<boolean> {
  const box = await createPaperVenue({ api: "bybit", quiet: true });
  const feed = spawn(process.execPath, [resolve(import.meta.dirname, "feed.ts"), String(framesPerSecond)], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const port = await firstLine(feed);
  const connector = await createConnector("bybit_perpetual", {
    tradingPairs: [PAIR],
    restUrl: box.rest,
    webSocketUrl: `ws://127.0.0.1:${port}`,
    logger: SILENT_LOGGER,
  });
  let invalid = 0;
  connector.on("bookInvalid", () => {
    invalid += 1;
  });
  await connector.start({ timeoutMs: 30_000 });
  const book = connector.orderBook(PAIR);
  while (!book.isValid) await sleep(20);
  let updates = 0;
  let lags: number[] = [];
  book.onUpdate(({ timestampMs }) => {
    updates += 1;
    if (updates % SAMPLED === 0) lags.push(Date.now() - timestampMs);
  });
  const parts = 10;
  const seen: { readonly mb: number; readonly lagMs: number; readonly perSecond: number }[] = [];
  for (let part = 1; part <= parts; part += 1) {
    [updates, lags] = [0, []];
    const began = performance.now();
    await sleep((minutes * MINUTE_MS) / parts);
    const perSecond = updates / ((performance.now() - began) / 1_000);
    const lagMs = median(lags);
    lags = [];
    seen.push({ mb: heapMb(), lagMs, perSecond });
    console.log(
      `  ${part * 10} %: ${heapMb().toFixed(1)} MB, half of the frames within ${lagMs} ms, ${perSecond.toFixed(0)} frames a second`,
    );
  }
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined) throw new Error("nothing was measured");
  const isGood =
    isFlat(first.mb, last.mb) &&
    last.lagMs <= first.lagMs + LAG_BORNE_MS &&
    last.perSecond >= framesPerSecond * 0.9 &&
    invalid === 0;
  console.log(
    `book data over a real socket, ${minutes} minutes at ${framesPerSecond} frames a second: ${first.mb.toFixed(1)} MB, then ` +
      `${last.mb.toFixed(1)} MB, median lag ${first.lagMs} ms, then ${last.lagMs} ms, ${invalid} breaks: ${isGood ? "flat" : "NOT FLAT"}`,
  );
  await connector.stop();
  feed.stdin?.end();
  await once(feed, "exit");
  await box.stop();
  return isGood;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (stdout === null) throw new Error("the feed has no output");
  const [line] = await once(createInterface({ input: stdout }), "line");
  return String(line);
}
