import { spawnSync } from "node:child_process";
import { resolve } from "node:path";
import { hasWords, mistaken } from "../scripts/arguments.ts";
import { bookCosts } from "./growth/books.ts";
import { boxCosts } from "./growth/box.ts";
import type { Cost, Prepared } from "./growth/cost.ts";
import { endedOrderCosts } from "./growth/ended-orders.ts";
import { frameCosts } from "./growth/frames.ts";
import { journalCosts } from "./growth/journal.ts";
import { journalFileCosts } from "./growth/journal-files.ts";
import { orderCosts } from "./growth/orders.ts";
import { pollCosts } from "./growth/polls.ts";
import { startCosts } from "./growth/start.ts";
import { throttlerCosts } from "./growth/throttler.ts";
import { tradeCosts } from "./growth/trades.ts";
import { hostLine, median } from "./measure.ts";

const WARM_UPS = 2;

interface Row {
  readonly what: string;
  readonly unit: string;
  /** By size. */
  readonly medians: readonly (readonly [size: number, value: number])[];
  /** The median at the largest size divided by that at the smallest. */
  readonly growth: number;
}

/** Times every size in turn: A B C, A B C, ... so that a busy moment of the machine falls on all of them. */
async function rowOf(cost: Cost, passes: number): Promise<Row> {
  const prepared: (readonly [number, Prepared])[] = [];
  for (const size of cost.sizes) prepared.push([size, await cost.prepare(size)]);
  const values = new Map<number, number[]>(cost.sizes.map((size) => [size, []]));
  for (let pass = -WARM_UPS; pass < passes; pass += 1) {
    for (const [size, { measure }] of prepared) {
      const value = await measure();
      if (pass >= 0) values.get(size)?.push(value);
    }
  }
  for (const [, { end }] of prepared) await end?.();
  const medians = [...values].map(([size, all]) => [size, median(all)] as const);
  return { what: cost.what, unit: cost.unit, medians, growth: (medians.at(-1)?.[1] ?? 0) / (medians[0]?.[1] ?? 0) };
}

/** Measures a row in a process of its own: what others left on the heap would count as a stall of this one. */
function rowOfProcess({ what, nodeFlags = [] }: Cost, passes: number): Row {
  const run = resolve(import.meta.dirname, "run.ts");
  const command = [...nodeFlags, run, "growth", what, "--passes", `${passes}`, "--json"];
  const { status, stdout } = spawnSync(process.execPath, command, {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (status !== 0) throw new Error(`${what}: exit code ${status}`);
  const [row] = (JSON.parse(stdout) as { readonly rows: readonly Row[] }).rows;
  if (row === undefined) throw new Error(`${what}: nothing was measured`);
  return row;
}

function print({ what, unit, medians, growth }: Row): void {
  const cells = medians.map(([size, value]) => `${size.toLocaleString("en-US")}: ${shown(value)}`.padEnd(17));
  console.log(`${what.padEnd(58)} ${unit.padEnd(14)} ${cells.join(" ")} x${shown(growth)}`);
}

const shown = (value: number): string =>
  value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);

/** Prints what each thing costs against how much there is of what it could depend on. */
export async function benchGrowth({
  passes,
  json,
  only,
}: {
  readonly passes: number;
  readonly json: boolean;
  readonly only: string;
}): Promise<void> {
  const ofOrders = [...orderCosts, ...frameCosts, ...pollCosts, ...startCosts];
  const ofJournal = [...journalCosts, ...journalFileCosts];
  const all = [
    ...ofOrders,
    ...ofJournal,
    ...throttlerCosts,
    ...boxCosts,
    ...endedOrderCosts,
    ...bookCosts,
    ...tradeCosts,
  ];
  const one = all.find(({ what }) => what === only);
  const wanted = one === undefined ? all.filter(({ what }) => hasWords(what, only)) : [one];
  if (wanted.length === 0) {
    mistaken(
      `no row has "${only}" in its name: these are the names`,
      all.map(({ what }) => what),
    );
  }
  const rows: Row[] = [];
  if (!json) console.log(`${hostLine()}, medians of ${passes} passes, sizes in turn, time that the thread worked\n`);
  for (const cost of wanted) {
    const { nodeFlags = [] } = cost;
    const isHere = one !== undefined && nodeFlags.every((flag) => process.execArgv.includes(flag));
    const row = isHere ? await rowOf(cost, passes) : rowOfProcess(cost, passes);
    rows.push(row);
    if (!json) print(row);
  }
  if (json) console.log(JSON.stringify({ host: hostLine(), passes, rows }));
}
