import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { BENCHMARK_NAMES, BENCHMARKS, type BenchmarkName, type BenchmarkOptions } from "./benchmarks.ts";
import { hostLine } from "./measure.ts";
import { type Result, tableOf } from "./report.ts";

const PAGE = resolve(import.meta.dirname, "../docs/benchmarks.md");

/** One benchmark of the page, with what a reader has to know of it. */
export interface Section {
  readonly name: BenchmarkName;
  readonly results: readonly Result[];
}

const TEXTS: Readonly<Record<BenchmarkName, { readonly title: string; readonly text: string }>> = {
  book: {
    title: "Books",
    text: `From the bytes of a frame, as \`ws\` hands them over, to the validated book and its best bid and ask, which are read after
every frame. Perpwire runs its whole live path: socket assistant with its heartbeat, data source, channel watch, continuity rule,
book, latency histogram. ccxt gets the same bytes through its client's \`onMessage\` and its exchange's handler; nothing is awaited,
which is to its advantage. tardis-dev gets text made of the bytes, parsed, through its mapper into its book.

The messages are those of a seeded market that goes on from pass to pass, so that no text is ever seen twice: BTC with a tick of
0.1 and a lot of 0.001, a touch that wanders and comes back, 20 level changes a message, 70 % of them 8 ticks from the touch in
the mean and 30 % anywhere in the book. Bybit, OKX and Gate.io get the changes of the best levels that they keep, with those that
leave and enter; Binance those of the whole book; Hyperliquid the best twenty. FTX's frames are those of the exchange in the box.
Recordings of real frames are used too where they lie beside the project. After the last pass the whole book of every contender
is compared with the market's, and a difference ends the run.`,
  },
  private: {
    title: "Private frames",
    text: `From the bytes of a frame of one fill to the event that tells it. Perpwire counts each fill once, in a ledger and a journal that
outlive the process, before it tells it; ccxt keeps its last thousand trades and neither.`,
  },
  orders: {
    title: "Orders",
    text: `A ready connector whose requests about orders go to a stub or to a server on loopback, and whose private stream says what
Bybit would. Rate limits are lifted for all. Before Perpwire sends the first byte of an order it checks the market's rules, budget
and limits, and writes the order's id to the journal; the clients beside it sign and send.`,
  },
  throttler: {
    title: "Rate limits",
    text: `Room for a request that need not wait. Perpwire takes it from three linked windows, ccxt from one bucket, which was filled so
that nothing waits.`,
  },
  start: {
    title: "Start",
    text: `An import in a process of its own, of files that the disk's cache holds; and from \`connect()\` until \`ready\` on the exchange in the
box over loopback sockets: server time, markets, subscriptions, first snapshots, catch-up of the account.`,
  },
  many: {
    title: "Five hundred books",
    text: `Real sockets on loopback; a server in another thread sends to all books in turn. Times go from the server's send to the
listener and are those of the clock: on a machine with two busy cores the slowest of a hundred tell more of the machine than of
the code, which is what the row of bare \`ws\` is for. What counts is the work of the thread of the program alone; \`allPercent\` is that of all
threads, the server's included, and \`busyPercent\` the share of the time in which the program's loop did not wait. With
\`bookThreads\` several messages of a book are told at once, and each counts as having waited until then. Cores are what threads
gain from: on two, the server takes one.`,
  },
  box: {
    title: "The exchange in the box",
    text: `The same orders and cancels for the book alone, the whole engine and a matching library, which have to trade the same amount.
Signed orders reach a server in the thread that is measured, from clients in another; the floor checks a signature and sends the
body back. Markets that live by themselves are a share of one core.`,
  },
};

const INTRODUCTION = `Written by \`npm run bench -- page\` from a run. Losers are shown too. Machines are noisy: quote ratios, not times.`;

const METHOD = `## How it is measured

- Each contender lives in an isolate of its own (a worker thread) from the first pass to the last, so that none runs on code that
  the engine compiled for another. The main thread asks for one pass at a time: A B C, A B C, ... Two rounds warm up.
- \`median\`, \`min\` and \`quartiles\` are of the passes. \`times\` is how many times as long as the first row a contender takes, the
  median of the ratios pass by pass: above 1 Perpwire is faster, below 1 it is slower.
- What counts is the time that the thread worked, so that other programs on the machine do not; where something is waited for it
  is the time by the clock, and the table says so.
- \`bytes\` are those that were allocated on the heap for one unit of work, collected or not.
- Peers are pinned in \`bench/package.json\`, which is a package of its own.

## Traps

- A pass over the same texts again and again is faster than life: strings and numbers are cached. Synthetic feeds never repeat; the
  recordings and FTX's frames do, and begin with a snapshot each time.
- Books are kept alive between passes. One that is collected takes compiled code with it that embeds it, and the next pass pays.
- The collector's own threads are not counted in the time that a thread worked: whoever allocates much has that for free here.
- \`JSON.parse alone\` gets strings that are ready; a library that parses pays for making them of bytes as well.
- JavaScript numbers are not exact: peers round what Perpwire keeps as it was sent. ccxt follows update ids on Binance, OKX and
  Gate.io and verifies the checksum of FTX; tardis-dev and \`orderbooks\` do neither.
- A contender that does less is faster. What each leaves out stands in its row.`;

const PROFILE = `## Where the time goes

A flame graph of each contender: every thread writes a profile of its own, numbered in the order of the rows after the main
thread's.

\`\`\`sh
npm ci --prefix bench
node --cpu-prof --cpu-prof-dir=profiles bench/run.ts book --venue bybit --passes 15
\`\`\`

Open a file in the Performance panel of Chrome's developer tools (*Load profile*), in VS Code, or in
[speedscope](https://www.speedscope.app), which keeps it in the browser. \`--cpu-prof-interval 200\` samples five times as often.
\`node --heap-prof\` does the same for what is allocated. How costs grow with the number of orders, markets and so on is
\`npm run bench -- growth\`.

\`npm run bench -- check\` holds a short run against [bench/ratios.json](../bench/ratios.json) and fails where Perpwire has become
half as fast beside its peers; each commit of main has to pass it.
`;

/** The whole page, with one line for each row of a table. */
export function pageOf(sections: readonly Section[], date: string, host: string): string {
  const parts = sections.map(({ name, results }) => {
    const { title, text } = TEXTS[name];
    return [`## ${title}`, `\`npm run bench -- ${name}\``, text, ...results.map(tableOf)].join("\n\n");
  });
  const head = ["# Benchmarks", `${INTRODUCTION} This one is of ${date}: ${host}.`];
  return [...head, ...parts, METHOD, PROFILE].join("\n\n");
}

/** Runs every benchmark, of all its venues, and writes docs/benchmarks.md. */
export async function writePage(options: BenchmarkOptions): Promise<void> {
  const sections: Section[] = [];
  for (const name of BENCHMARK_NAMES) {
    const { venues, run } = BENCHMARKS[name];
    const results: Result[] = [];
    for (const venue of venues.length === 0 ? [""] : venues) results.push(...(await run(venue, options)));
    sections.push({ name, results });
    console.log(`${name}: done`);
  }
  writeFileSync(PAGE, pageOf(sections, new Date().toISOString().slice(0, 10), hostLine()));
}
