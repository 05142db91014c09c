import { type BookMark, bookMarkOf } from "../book-marks.ts";
import type { BookShown, HeadLine, HistoryLine, Level, StateLine, VenueBookLine } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { At, Findings, Rule } from "../rule.ts";
import { VenueBook } from "../venue-book.ts";

/** A book may be behind by what a silent channel takes to be noticed, and no further. */
const OLDEST_MS = 90_000;
/** Numbers of updates that are remembered, a market. */
const MARKS_KEPT = 4_000;
const ANY_TIME = "any time";

/**
 * A valid book is the venue's own at the number of its last update, level by level, as deep as it claims: the frames tell
 * when the venue made each update, and its engine what the book was then. A snapshot may be of earlier.
 */
export class BooksRule implements Rule {
  readonly #head: HeadLine;
  readonly #names: VenueNames;
  readonly #findings: Findings;
  readonly #books = new Map<string, VenueBook>();
  /** Times of the updates, by market and number. */
  readonly #marks = new Map<string, Map<number, BookMark[]>>();
  readonly #urls = new Map<string, string>();

  constructor(head: HeadLine, names: VenueNames, findings: Findings) {
    this.#head = head;
    this.#names = names;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    if (line.kind === "venue" && line.type === "book") this.#onBook(line);
    else if (line.kind === "frame" && line.dir === "in") this.#onText(line.text, "");
    else if (line.kind === "request") this.#urls.set(`${line.host} ${line.life} ${line.id}`, line.url);
    else if (line.kind === "answer") {
      const key = `${line.host} ${line.life} ${line.id}`;
      if (line.text !== undefined) this.#onText(line.text, this.#urls.get(key) ?? "");
      this.#urls.delete(key);
    } else if (line.kind === "state") for (const book of line.books) this.#check(line, book, at);
  }

  #onBook(line: VenueBookLine): void {
    const pair = this.#names.pairOf(line.market);
    const book = this.#books.get(pair) ?? new VenueBook();
    this.#books.set(pair, book);
    book.apply(line);
  }

  #onText(text: string, url: string): void {
    const mark = bookMarkOf(this.#head.connector, text, url);
    if (mark === undefined) return;
    this.#findings.count("messages of books");
    const marks = this.#marks.get(mark.pair) ?? new Map<number, BookMark[]>();
    this.#marks.set(mark.pair, marks);
    const known = marks.get(mark.updateId) ?? [];
    marks.set(mark.updateId, [...known, mark]);
    const [oldest] = marks.keys();
    if (marks.size > MARKS_KEPT && oldest !== undefined) marks.delete(oldest);
  }

  #check({ host, t }: StateLine, shown: BookShown, at: At): void {
    const venue = this.#books.get(shown.pair);
    if (!shown.isValid || venue === undefined) return;
    const [bids, asks] = [claimOf(shown.bids, shown.bidHorizon), claimOf(shown.asks, shown.askHorizon)];
    const spans = this.#spansOf(shown);
    const state = venue.find((book) => isClaimed(bids, book.bids) && isClaimed(asks, book.asks), spans);
    this.#findings.count("books");
    if (spans !== ANY_TIME) this.#findings.count("books at their own update");
    const name = `${host} ${shown.pair} ${shown.updateId ?? `of ${shown.timestampMs}`}`;
    if (state === undefined) {
      const text = `${name}: ${bids.text} | ${asks.text}; the venue's at that update: ${venue.textAt(spans)}`;
      this.#findings.breach("a valid book is the venue's", text, at);
    } else if (state.untilT !== undefined && t - state.untilT > OLDEST_MS) {
      this.#findings.breach("a valid book is not old", `${name} is ${Math.round(t - state.untilT)} ms behind`, at);
    }
  }

  /** Spans in which the venue had the book that the number names: first to last millisecond. */
  #spansOf({ pair, updateId, timestampMs }: BookShown): readonly (readonly [number, number])[] | typeof ANY_TIME {
    // FTX does not number: a message is known by its time, to the microsecond.
    const marks = this.#marks.get(pair)?.get(updateId ?? timestampMs) ?? [];
    const isExact = marks.length > 0 && marks.every(({ isWhole }) => !isWhole);
    const earlierMs = updateId === null ? 1 : 0;
    return isExact ? marks.map(({ venueMs }) => [venueMs - earlierMs, venueMs + 1] as const) : ANY_TIME;
  }
}

interface Claim {
  readonly text: string;
  /** All levels of the side that are shown; else nothing is claimed beyond the last. */
  readonly isWhole: boolean;
}

function claimOf(levels: readonly Level[], horizon: string | null): Claim {
  return { text: levels.map(([price, amount]) => `${price}x${amount}`).join(","), isWhole: horizon === null };
}

function isClaimed({ text, isWhole }: Claim, side: string): boolean {
  if (text === side) return true;
  return !isWhole && (text === "" || side.startsWith(`${text},`));
}
