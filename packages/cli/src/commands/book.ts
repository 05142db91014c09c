import { type Command, Option } from "commander";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { BookLevel, OrderBook } from "../../../../src/market-data/order-book.ts";
import { ConfigError } from "../../../../src/model/error.ts";
import type { Timer } from "../../../../src/runtime/runtime.ts";
import { secondsToMs, wholeNumber } from "../arguments.ts";
import type { Cli } from "../cli.ts";
import { addConnectionOptions, type ConnectionFlags, withConnector } from "../connection.ts";
import { isoTime, Output } from "../output.ts";
import { plain } from "../plain.ts";
import { createScreen } from "../screen.ts";
import { renderTable } from "../table.ts";

interface BookFlags extends ConnectionFlags {
  readonly depth: number;
  readonly live?: boolean | undefined;
  /** Milliseconds. */
  readonly duration?: number | undefined;
}

/** A book as it is printed. `bids` and `asks` are pairs of price and amount, best first, and empty while not valid. */
interface BookView {
  readonly tradingPair: string;
  readonly time: string | undefined;
  readonly valid: boolean;
  /** Reason why it is not valid. */
  readonly reason?: string | undefined;
  readonly bids: readonly (readonly [string, string])[];
  readonly asks: readonly (readonly [string, string])[];
}

const REDRAW_INTERVAL_MS = 100;
const EXAMPLES = `
With --live a terminal is redrawn; a pipe gets a line, with --json a JSON line, for every change of what is shown.

Examples:
  perpwire book BTC-USDT --depth 5
  perpwire book BTC-USDT --live
  perpwire book BTC-USDT --live --json --depth 1 --duration 60 > touch.ndjson`;

export function registerBook(program: Command, cli: Cli): void {
  const command = program.command("book").description("a market's order book, proven equal to the venue's");
  addConnectionOptions(command.argument("<pair>", "for example BTC-USDT"), cli)
    .option("--depth <levels>", "levels a side", wholeNumber(1, 10_000), 10)
    .option("--live", "go on until SIGINT, or for --duration")
    .addOption(new Option("--duration <seconds>", "how long --live goes on").argParser(secondsToMs))
    .addHelpText("after", EXAMPLES)
    .action((pair: string, flags: BookFlags) => {
      if (flags.duration !== undefined && flags.live !== true) {
        throw new ConfigError("--duration is how long --live goes on", { hint: "give --live too, or neither" });
      }
      return withConnector(cli, flags, { tradingPairs: [pair], access: "public" }, (connector, signal) =>
        flags.live === true ? showLive(cli, flags, connector, pair, signal) : showOnce(cli, flags, connector, pair),
      );
    });
}

async function showOnce(cli: Cli, flags: BookFlags, connector: PerpetualConnector, pair: string): Promise<void> {
  const output = new Output(cli, flags);
  const view = viewOf(connector.orderBook(pair), flags.depth);
  output.json(view);
  if (!output.isJson) output.line(await render(view));
}

async function showLive(
  cli: Cli,
  flags: BookFlags,
  connector: PerpetualConnector,
  pair: string,
  signal: AbortSignal,
): Promise<void> {
  const { timers } = await cli.runtime();
  const book = connector.orderBook(pair);
  const ended = Promise.withResolvers<void>();
  const timer = flags.duration === undefined ? undefined : timers.after(flags.duration, () => ended.resolve());
  signal.addEventListener("abort", () => ended.resolve(), { once: true });
  const follow = flags.json === true || !cli.process.isTerminal ? followLines : followScreen;
  const follower = await follow(cli, flags, book);
  const removers = [
    book.onUpdate(() => follower.changed()),
    connector.on("bookInvalid", ({ tradingPair }) => tradingPair === pair && follower.changed()),
  ];
  try {
    await ended.promise;
  } finally {
    for (const remove of removers) remove();
    timer?.cancel();
    follower.end();
  }
}

interface Follower {
  changed(): void;
  end(): void;
}

async function followLines(cli: Cli, flags: BookFlags, book: OrderBook): Promise<Follower> {
  const output = new Output(cli, flags);
  let shown = "";
  const changed = () => {
    const view = viewOf(book, flags.depth);
    const { time: _, ...levels } = view;
    const text = JSON.stringify(levels);
    if (text === shown) return;
    shown = text;
    output.json(view);
    output.line(lineOf(view));
  };
  changed();
  return { changed, end: () => undefined };
}

async function followScreen(cli: Cli, flags: BookFlags, book: OrderBook): Promise<Follower> {
  const { timers } = await cli.runtime();
  const screen = await createScreen(cli.process);
  const draw = async () => screen.show(await render(viewOf(book, flags.depth)));
  await draw();
  let due: Timer | undefined;
  const changed = () => {
    due ??= timers.after(REDRAW_INTERVAL_MS, () => {
      due = undefined;
      void draw();
    });
  };
  const end = () => {
    due?.cancel();
    screen.end();
  };
  return { changed, end };
}

function viewOf(book: OrderBook, depth: number): BookView {
  const { tradingPair, timestampMs, isValid: valid, invalidReason: reason } = book;
  const time = isoTime(timestampMs);
  if (!valid) return { tradingPair, time, valid, reason, bids: [], asks: [] };
  return { tradingPair, time, valid, bids: book.bids(depth).map(pairOf), asks: book.asks(depth).map(pairOf) };
}

function pairOf({ price, amount }: BookLevel): readonly [string, string] {
  return [price.toFixed(), amount.toFixed()];
}

function lineOf({ time, valid, reason, bids, asks }: BookView): string {
  if (!valid) return `${time}  not valid: ${reason}`;
  const side = (levels: BookView["bids"]) => levels.map(([price, amount]) => `${amount}@${price}`).join(" ") || "-";
  return `${time}  ${side(bids)} | ${side(asks)}`;
}

async function render(view: BookView): Promise<string> {
  const { tradingPair, time, valid, reason, bids, asks } = view;
  const title = `${tradingPair}  ${String(plain(time))}`;
  if (!valid) return `${title}  not valid: ${reason}`;
  const ranks = Array.from({ length: Math.max(bids.length, asks.length) }, (_, rank) => rank);
  const table = await renderTable(
    [
      { name: "bid amount", value: (rank) => bids[rank]?.[1], align: "right" },
      { name: "bid", value: (rank) => bids[rank]?.[0], align: "right" },
      { name: "ask", value: (rank) => asks[rank]?.[0], align: "right" },
      { name: "ask amount", value: (rank) => asks[rank]?.[1], align: "right" },
    ],
    ranks,
  );
  return `${title}\n${table}`;
}
