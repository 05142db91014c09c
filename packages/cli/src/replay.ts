import { BookReplayer } from "../../../src/market-data/book-replayer.ts";
import { snapshotSourceOf } from "../../../src/market-data/continuity.ts";
import type { OrderBook } from "../../../src/market-data/order-book.ts";
import { RecordedAnswers } from "./recorded-answers.ts";
import type { RecordedMessage } from "./recording.ts";
import { createReplaySession } from "./replay-session.ts";
import type { ReplayVenue } from "./replay-venue.ts";

const encoder = new TextEncoder();

/** A message that could not be read or not be made part of a book, by its line in the recording, counted from 1. */
export interface ReplayRejection {
  readonly line: number;
  readonly reason: string;
}

/** Findings of a replay. */
export interface ReplayReport {
  /** WebSocket messages that came in. */
  readonly frames: number;
  readonly books: number;
  /** Book messages that became part of a book. */
  readonly applied: number;
  /** Messages that are no part of a book, or of before its first snapshot, by the channel that they name. */
  readonly ignored: Readonly<Record<string, number>>;
  /** Messages of channels that the connector does not subscribe to, by channel. */
  readonly notSubscribed: Readonly<Record<string, number>>;
  /** The first thousand of them. */
  readonly rejected: readonly ReplayRejection[];
  readonly rejectedCount: number;
  readonly checksumFailures: number;
  readonly gaps: number;
  /**
   * Best prices by trading pair, or by the venue's market name where the recording does not hold the venue's list of
   * markets; null where nobody quotes or the book is not valid.
   */
  readonly top: Readonly<Record<string, { readonly bid: string | null; readonly ask: string | null }>>;
}

const MAX_REJECTIONS = 1_000;

/** Runs recorded messages through the parsers, books and continuity rule of a venue. */
export async function replay(venue: ReplayVenue, messages: AsyncIterable<RecordedMessage>): Promise<ReplayReport> {
  const { manifest, orderBookDataSource } = venue;
  const markets = createReplaySession(manifest.name, venue.domain);
  const rejected: ReplayRejection[] = [];
  const ignored = new Map<string, number>();
  const notSubscribed = new Map<string, number>();
  /** Reasons for which the message at hand was not read, by the dispatcher. */
  let unread: string[] = [];
  let line = 0;
  let rejectedCount = 0;
  const reject = (reason: string) => {
    rejectedCount += 1;
    if (rejected.length < MAX_REJECTIONS) rejected.push({ line, reason });
  };
  const replayer = new BookReplayer({
    venue: orderBookDataSource,
    markets: () => markets,
    rule: manifest.continuity,
    onRejected: (reason) => void unread.push(reason),
    onBroken: (tradingPair, reason) => {
      if (replayer.counters.rejected > booksRejected) reject(`${tradingPair}: ${reason}`);
    },
  });
  let booksRejected = 0;
  const answers = new RecordedAnswers(venue, markets);
  const needsRest = snapshotSourceOf(manifest.continuity) === "rest";
  let frames = 0;
  for await (const message of messages) {
    if (message.direction !== "in") continue;
    line = message.line;
    if (message.kind === "http") {
      if (await answers.learnMarkets(message)) continue;
      if (needsRest) await answers.applySnapshot(message, replayer, reject);
      continue;
    }
    frames += 1;
    const before = replayer.counters;
    booksRejected = before.rejected;
    unread = [];
    const kind = replayer.applyBytes(encoder.encode(message.text), message.timestampMs);
    const channel = kind === "unknown" ? channelOf(message.text) : undefined;
    if (channel !== undefined) {
      count(notSubscribed, channel);
      continue;
    }
    for (const reason of unread) reject(reason);
    const { dropped, messages: counts } = replayer.counters;
    const isBook = kind === "orderBookDiff" || kind === "orderBookSnapshot";
    const isRejected =
      kind === "malformed" || kind === "unknown" || counts.unknownMarket > before.messages.unknownMarket;
    if (dropped > before.dropped || (!isBook && !isRejected)) count(ignored, nameOf(message.text));
  }
  const { books, applied, checksumFailures, gaps } = replayer.counters;
  return {
    frames,
    books,
    applied,
    ignored: sorted(ignored),
    notSubscribed: sorted(notSubscribed),
    rejected,
    rejectedCount,
    checksumFailures,
    gaps,
    top: Object.fromEntries([...replayer.orderBooks].map(([market, book]) => [market, topOf(book)])),
  };
}

/** Tells that everything was read and at least one book was valid. */
export function isSound({ applied, rejectedCount, checksumFailures, gaps }: ReplayReport): boolean {
  return applied > 0 && rejectedCount + checksumFailures + gaps === 0;
}

function topOf(book: OrderBook): ReplayReport["top"][string] {
  if (!book.isValid) return { bid: null, ask: null };
  return { bid: book.bestBid?.price.toFixed() ?? null, ask: book.bestAsk?.price.toFixed() ?? null };
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function sorted(counts: ReadonlyMap<string, number>): Readonly<Record<string, number>> {
  return Object.fromEntries([...counts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/** The name by which venues tell their channels apart, without a market; undefined where the message names none. */
function channelOf(text: string): string | undefined {
  const message = fieldsOf(JSON.parse(text));
  const data = fieldsOf(message.data);
  const { topic } = message;
  // Bybit names the market behind the last dot of a topic; names of Gate.io's channels have dots of their own.
  const kind = typeof topic === "string" ? topic.replace(/\.[^.]*$/, "") : undefined;
  return firstName([message.channel, fieldsOf(message.arg).channel, kind, data.e, message.e]);
}

/** The message's channel, or what else it calls itself. */
function nameOf(text: string): string {
  const { event, op, type } = fieldsOf(JSON.parse(text));
  return channelOf(text) ?? firstName([event, op, type]) ?? "(no channel)";
}

function firstName(names: readonly unknown[]): string | undefined {
  const name = names.find((one) => typeof one === "string" && one !== "");
  return typeof name === "string" ? name : undefined;
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
