import { readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { benchBook } from "./book.ts";
import { benchPrivate } from "./private.ts";
import { type RatioTable, ratioFailures } from "./ratios.ts";
import { ratiosOf } from "./report.ts";
import { benchThrottler } from "./throttler.ts";

const FILE = resolve(import.meta.dirname, "ratios.json");

/** A run that is short enough for every commit. Floors and journals on disk are left out: other things than code move them. */
async function measured(): Promise<RatioTable> {
  const short = { passes: 5, messages: 4_000, isRecordedToo: false };
  const [bybit] = await benchBook({ ...short, venue: "bybit" });
  const [okx] = await benchBook({ ...short, venue: "okx" });
  const executions = await benchPrivate({ venue: "bybit", passes: 5 });
  const [throttler] = await benchThrottler({ passes: 5 });
  const results = {
    "book bybit": bybit,
    "book okx": okx,
    "private bybit": executions,
    throttler,
  };
  const peers = ["ccxt", "tardis", "jsonParse"];
  return Object.fromEntries(
    Object.entries(results).map(([name, result]) => {
      const ratios = Object.entries(ratiosOf(result)).filter(([key]) => peers.includes(key));
      return [name, Object.fromEntries(ratios.filter(([, ratio]) => ratio >= MIN_RATIO))];
    }),
  );
}

/** Below it the first digits are chance. */
const MIN_RATIO = 0.05;

/** Holds a short run against the committed ratios, or commits those of this one. Resolves with what has become slower. */
export async function checkRatios({ isWritten }: { readonly isWritten: boolean }): Promise<readonly string[]> {
  const found = await measured();
  if (isWritten) {
    writeFileSync(FILE, `${JSON.stringify(found, null, 2)}\n`);
    return [];
  }
  const committed = JSON.parse(readFileSync(FILE, "utf8")) as RatioTable;
  for (const [name, ratios] of Object.entries(found)) {
    const told = Object.entries(ratios).map(([key, ratio]) => {
      return `${key} ${ratio.toFixed(2)} (committed ${committed[name]?.[key]?.toFixed(2) ?? "nothing"})`;
    });
    console.log(`${name}: ${told.join(", ")}`);
  }
  return ratioFailures(committed, found);
}
