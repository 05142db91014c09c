import type { OrderBook } from "../../../../src/market-data/order-book.ts";
import { CheckFailedError, skip } from "./checks.ts";
import type { ConformanceContext } from "./context.ts";

/** Levels a side that are compared. */
const DEPTH = 10;
const TRIES = 20;
/** The stream may tell later what REST told already. */
const STREAM_LAG_MS = 300;
const PAUSE_MS = 100;
/** A market that changes faster than frames come agrees this far at best. */
const NEARLY = 0.9;
/** Between two comparisons the stream must have had a say, or the second proves no more than the first. */
const UPDATES_BETWEEN = 5;
const MAX_BETWEEN_MS = 2_000;

/**
 * A REST snapshot is of a moment of its own: it is compared with every state that the live book has from just before it
 * was asked for until shortly after it came, and must be one of them; `times` times, with updates of the stream between.
 */
export async function compareWithSnapshot(context: ConformanceContext, times = 1): Promise<string> {
  const live = () => context.connector.orderBook(context.tradingPair);
  await context.touch();
  const firstVersion = live().version;
  let snapshots = 0;
  for (let round = 1; round <= times; round += 1) {
    if (round > 1) {
      const { version } = live();
      await context.comesTrue(() => live().version >= version + UPDATES_BETWEEN, MAX_BETWEEN_MS);
    }
    snapshots += await triesUntilEqual(context);
  }
  const { version } = live();
  const which =
    times === 1 ? "a fresh snapshot equals" : `${times} snapshots over ${version - firstVersion} updates equal`;
  const tries = snapshots === times ? "" : ` (of ${snapshots} that were fetched)`;
  return `${which} the live book in ${DEPTH} levels a side${tries}`;
}

/** Resolves with the number of snapshots that it took. */
async function triesUntilEqual(context: ConformanceContext): Promise<number> {
  let best = 0;
  let difference = "";
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const { share, missing } = await compareOnce(context);
    if (share === 1) return attempt;
    if (share >= best) [best, difference] = [share, missing];
    await context.sleep(PAUSE_MS);
  }
  const percent = Math.floor(best * 100);
  if (best >= NEARLY && context.kind !== "paper") {
    skip(`the market moves too fast to be compared: ${percent} % of the levels agreed at best`);
  }
  throw new CheckFailedError(
    `none of ${TRIES} snapshots is a state of the live book (${percent} % at best): ${difference}`,
  );
}

/** The largest share of a snapshot's levels that one state of the live book has in their places. */
async function compareOnce(context: ConformanceContext): Promise<{ readonly share: number; readonly missing: string }> {
  const { connector, tradingPair } = context;
  const live = connector.orderBook(tradingPair);
  const states = live.isValid ? [linesOf(live)] : [];
  const stop = live.onUpdate(() => states.push(linesOf(live)));
  try {
    const wanted = linesOf(await connector.fetchOrderBook(tradingPair));
    const shares = () => states.map((state) => sameShare(state, wanted));
    await context.comesTrue(() => shares().includes(1), STREAM_LAG_MS);
    const unknown = wanted.find((line) => !states.some((state) => state.includes(line)));
    return { share: Math.max(0, ...shares()), missing: `REST has ${unknown ?? wanted.join(", ")}` };
  } finally {
    stop();
  }
}

/** The best levels of both sides, best first. */
function linesOf(book: OrderBook): readonly string[] {
  const line = (name: string) => (level: ReturnType<OrderBook["bids"]>[number]) =>
    `${name} ${level.amount.toFixed()} at ${level.price.toFixed()}`;
  return [...book.bids(DEPTH).map(line("bid")), ...book.asks(DEPTH).map(line("ask"))];
}

function sameShare(left: readonly string[], right: readonly string[]): number {
  const equal = right.filter((line, index) => left[index] === line).length;
  const most = Math.max(left.length, right.length);
  return most === 0 ? 1 : equal / most;
}
