import { statSync } from "node:fs";
import { join } from "node:path";
import { temporaryFolder } from "../../scripts/clean-up.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import type { Timers } from "../../src/runtime/runtime.ts";
import { JournalUpkeep } from "../../src/trading/journal-upkeep.ts";
import { type Cost, longestStallMs, microsecondsOf } from "./cost.ts";
import { limitBuy, PAIR, runtime, startProcess, trade } from "./process.ts";

const KEYS = [10_000, 100_000, 1_000_000];
const AT_ONCE = 10_000;
const OUTDATED = 5_000;
const FILLS = 200;
const never = new AbortController().signal;

let serial = 0;

/** A journal on disk with the keys of `size` fills, as they stay when their orders are forgotten. */
function journalFile(size: number) {
  const folder = temporaryFolder("perpwire-bench-");
  const path = join(folder.path, "journal.db");
  const store = runtime.journals.open(path);
  const started = startProcess({}, store);
  const add = (prefix: string, count: number, timestampMs: number): void => {
    for (let from = 0; from < count; from += AT_ONCE) {
      store.transaction(() => {
        for (let number = from; number < Math.min(count, from + AT_ONCE); number += 1) {
          const key = `${PAIR}|${prefix}${1_000_000 + number}|${5_000_000 + number}`;
          store.put("bench_perpetual.a1.fillKeys", key, String(timestampMs));
        }
      });
    }
  };
  add("", size, Math.floor(runtime.clock.now()));
  const bytes = (suffix: "" | "-wal") => statSync(`${path}${suffix}`, { throwIfNoEntry: false })?.size ?? 0;
  const end = (): void => {
    store.close();
    folder[Symbol.dispose]();
  };
  return { ...started, add, bytes, end };
}

type JournalFile = ReturnType<typeof journalFile>;

/** Fills of an order of any size, each a transaction of its own. */
function fillMany({ tracker }: JournalFile): number {
  const id = `w${serial++}`;
  tracker.startTracking(limitBuy(`c${id}`));
  return microsecondsOf(FILLS, () => {
    for (let fill = 0; fill < FILLS; fill += 1) tracker.apply(trade(id, `f${serial++}`, "0.001"));
  });
}

const fileCost = (what: string, unit: string, measureOf: (file: JournalFile) => () => number): Cost => ({
  what: `journal on disk, ${what}, keys of fills in it`,
  unit,
  sizes: KEYS,
  prepare(keys) {
    const file = journalFile(keys);
    return { measure: measureOf(file), end: file.end };
  },
});

/** What it takes on disk with its log, which holds up to 4 MiB before a checkpoint empties it. */
const size = fileCost("it and its log", "MB", (file) => () => (file.bytes("") + file.bytes("-wal")) / 1e6);

const fill = fileCost("one more fill", "us a fill", (file) => () => fillMany(file));

/** SQLite cuts it to 4 MiB after a checkpoint, which comes by itself with 1,000 pages. */
const log = fileCost("its log after 200 fills", "MB", (file) => () => {
  fillMany(file);
  return file.bytes("-wal") / 1e6;
});

/** The whole turn over the journal, in which 5,000 keys are outdated. */
const prune: Cost = {
  what: "journal on disk, pruned: longest stall, keys of fills in it",
  unit: "ms",
  sizes: KEYS,
  prepare(keys) {
    const file = journalFile(keys);
    const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
    const timers: Timers = { after: (ms, callback) => runtime.timers.after(ms, callback), sleep: turn };
    const horizonMs = () => runtime.clock.now() - 86_400_000;
    const upkeep = new JournalUpkeep({ journal: file.journal, timers, logger: SILENT_LOGGER, horizonMs });
    const measure = () => {
      file.add("old", OUTDATED, 0);
      return longestStallMs(() => upkeep.prune(never));
    };
    return { measure, end: file.end };
  },
};

export const journalFileCosts: readonly Cost[] = [size, fill, log, prune];
