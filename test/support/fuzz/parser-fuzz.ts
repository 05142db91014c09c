import type { PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { PerpwireError, VenueUnavailableError } from "../../../src/model/error.ts";
import { absurdityOfFundingInfo, absurdityOfPublicTrade } from "../../../src/model/fact-checks.ts";
import { parseJson } from "../../../src/net/json.ts";
import type { RestRequest, VenueContext } from "../../../src/net/venue-api.ts";
import { SeededRandom } from "../../../src/runtime/simulated-random.ts";
import type { PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { mutated, TextFields, withFullPages } from "./mutations.ts";
import { callsOf, KIND_OF_CALL, type ParserCall } from "./parser-calls.ts";
import { type Payloads, type Seeds, seedsOf } from "./seeds.ts";
import { ToldFigures } from "./told-figures.ts";
import { WorkWatch } from "./work-watch.ts";

export interface FuzzVenue {
  /** Name of the venue's folder. */
  readonly folder: string;
  readonly venue: PerpetualVenue;
  readonly fixtures: PerpetualConnectorFixtures;
}

export interface FuzzReport {
  /** Frames and answers that were read. */
  readonly payloads: number;
  /** Facts and levels that came out of them. */
  readonly taken: number;
  readonly unreadableRows: number;
  readonly refused: number;
  readonly longestMs: number;
  readonly longestText: string;
  /** Payloads that each parser has read, by its name. */
  readonly reached: ReadonlyMap<string, number>;
  /** What must not be: an error that is not the project's own, or a figure that was not sent. */
  readonly faults: readonly string[];
}

/** After the start of the fixtures' scene, so that what they tell has happened. */
const NOW_AFTER_START_MS = 60_000;
const nowOf = ({ startMs }: PerpetualConnectorFixtures): number => startMs + NOW_AFTER_START_MS;
const REQUESTS_A_CALL = 30;
const MAX_FAULTS = 20;
/** Answers before the only mutated one of a call, at most. */
const MAX_BEFORE = 5;
/** Statuses of answers that are no success, mostly with a body that says so. */
const STATUSES = [200, 400, 401, 403, 404, 418, 429, 500, 502, 503, 504];
/** What the venues tell of their rate limits. */
const HEADERS = [
  ...["retry-after", "x-mbx-used-weight-1m", "x-mbx-order-count-10s", "x-mbx-order-count-1m", "x-bapi-limit"],
  ...["x-bapi-limit-status", "x-bapi-limit-reset-timestamp"],
];
const HEADER_LENGTH = 200;
const PAGES = ["", "<html><h1>403 Forbidden</h1></html>", "error code: 1015", "null", "[]", "upstream connect error"];

type Answer = Readonly<Record<"text", string> & Record<"status", number>>;
type Answering = (request: RestRequest) => Answer;
const pick = <T>(random: SeededRandom, values: readonly T[]): T => values[random.integer(values.length)] as T;
/** Rather one of the last ones: an empty list says little. */
const pickLate = <T>(random: SeededRandom, values: readonly T[]): T =>
  values[Math.max(random.integer(values.length), random.integer(values.length))] as T;
const good = (text: string): Answer => ({ status: 200, text });

/**
 * Mutated payloads of one venue, by seed, through each of its parsers; `others` are mutated beside those of the fixtures.
 * It ends early with `mostFaults`.
 */
export async function fuzzParsers(
  { venue, fixtures }: FuzzVenue,
  seed: number,
  count: number,
  others: readonly Payloads[] = [],
  mostFaults = MAX_FAULTS,
): Promise<FuzzReport> {
  const seeds = await seedsOf(venue, fixtures, nowOf(fixtures), others);
  const fuzz = new ParserFuzz(venue, seeds, new SeededRandom(seed, "fuzz"));
  while (fuzz.payloads < count && fuzz.faults.length < mostFaults) await fuzz.step();
  return fuzz.report();
}

/** Payloads of one venue through each of its parsers, each with every distinct field of text replaced by every text. */
export async function readWithTexts({ venue, fixtures }: FuzzVenue, texts: readonly string[]): Promise<FuzzReport> {
  const seeds = await seedsOf(venue, fixtures, nowOf(fixtures));
  const fuzz = new ParserFuzz(venue, seeds, new SeededRandom(1, "texts"));
  await fuzz.replaceFields(texts);
  return fuzz.report();
}

class ParserFuzz {
  readonly faults: string[] = [];
  payloads = 0;
  readonly #venue: PerpetualVenue;
  readonly #seeds: Seeds;
  readonly #random: SeededRandom;
  readonly #calls: readonly ParserCall[];
  readonly #told: ToldFigures;
  readonly #watch = new WorkWatch();
  readonly #frame = new BookFrameBuffer();
  readonly #reached = new Map<string, number>();
  #unreadableRows = 0;
  #refused = 0;
  readonly #onUnreadable = (): void => {
    this.#unreadableRows += 1;
  };

  constructor(venue: PerpetualVenue, seeds: Seeds, random: SeededRandom) {
    this.#venue = venue;
    this.#seeds = seeds;
    this.#random = random;
    this.#calls = callsOf(venue, seeds);
    this.#told = new ToldFigures(venue.manifest.name, seeds.markets, seeds.nowMs);
  }

  report(): FuzzReport {
    const { payloads, faults } = this;
    const { longestMs, longestText } = this.#watch;
    const counts = { payloads, taken: this.#told.looked, unreadableRows: this.#unreadableRows, refused: this.#refused };
    return { ...counts, longestMs, longestText, reached: this.#reached, faults };
  }

  async step(): Promise<void> {
    if (this.#random.integer(3) > 0) {
      const text = mutated(this.#random, pick(this.#random, this.#seeds.frames));
      this.payloads += 1;
      await this.#measured(text, () => this.#readFrame(text)).catch(() => undefined);
      if (this.#random.integer(10) === 0) await this.#measured(text, () => this.#misread(text)).catch(() => undefined);
    } else await this.#ask(pick(this.#random, this.#calls), this.#answering());
  }

  async replaceFields(replacements: readonly string[]): Promise<void> {
    const frames = new TextFields();
    for (const frame of this.#seeds.frames) {
      for (const text of frames.replaced(frame, replacements)) {
        this.payloads += 1;
        await this.#measured(text, () => this.#readFrame(text)).catch(() => undefined);
      }
    }
    const fields = new TextFields();
    for (const call of this.#calls) {
      const paths = new Set<string>();
      const first = (request: RestRequest): Answer => {
        const path = this.#seeds.pathOf(request);
        paths.add(path);
        return good(JSON.stringify(this.#seeds.answers.get(path)?.[0] ?? null));
      };
      await this.#ask(call, first);
      for (const path of paths) {
        for (const answer of this.#seeds.answers.get(path) ?? [])
          for (const text of fields.replaced(answer, replacements))
            await this.#ask(call, (request) => (this.#seeds.pathOf(request) === path ? good(text) : first(request)));
      }
    }
  }

  /** Every answer is mutated, or one alone: what asks several times gets further then. */
  #answering(): Answering {
    const random = this.#random;
    if (random.integer(2) === 0) return (request) => this.#answer(request);
    let left = random.integer(MAX_BEFORE);
    return (request) => {
      left -= 1;
      const known = this.#seeds.answers.get(this.#seeds.pathOf(request));
      return left === -1 || known === undefined ? this.#answer(request) : good(JSON.stringify(pickLate(random, known)));
    };
  }

  /** Mostly what the path is answered with; now and then a refusal, or what stands in front of the venue. */
  #answer(request: RestRequest): Answer {
    const random = this.#random;
    const kind = random.integer(40);
    if (kind === 0) return { status: pick(random, STATUSES), text: pick(random, PAGES) };
    if (kind <= 3 && this.#seeds.refusals.length > 0) {
      const { status, body } = pick(random, this.#seeds.refusals);
      return { status: random.integer(3) > 0 ? status : pick(random, STATUSES), text: mutated(random, body) };
    }
    // Now and then the answer to something else.
    const own = kind === 5 ? undefined : this.#seeds.answers.get(this.#seeds.pathOf(request));
    const known = own ?? [...this.#seeds.answers.values()].flat();
    const body = pickLate(random, known);
    return good(mutated(random, kind === 4 ? withFullPages(body) : body));
  }

  async #ask(call: ParserCall, answer: Answering): Promise<void> {
    const texts: string[] = [];
    const send = async (request: RestRequest): Promise<unknown> => {
      if (texts.length >= REQUESTS_A_CALL) throw new VenueUnavailableError("enough");
      const { status, text } = answer(request);
      texts.push(text);
      this.payloads += 1;
      this.#reach("webUtils.unwrapResponse");
      const response = { status, headers: this.#headers(), text };
      const { webUtils } = this.#venue;
      this.#reach("webUtils.rateLimitFeedback");
      await this.#measured(text, () => webUtils.rateLimitFeedback?.(response, request)).catch(() => undefined);
      return this.#measured(text, () => webUtils.unwrapResponse(response, request));
    };
    const context = { api: { send }, markets: this.#seeds.markets, now: () => this.#seeds.nowMs };
    const heard = { ...context, onUnreadable: this.#onUnreadable, onMarketFailure: () => undefined };
    try {
      const facts = await call.run(heard as VenueContext);
      this.#check(texts, () =>
        facts instanceof BookFrameBuffer
          ? this.#told.faultOfBook(facts, texts.join("\n"))
          : this.#told.faultOf(facts, KIND_OF_CALL[call.name] ?? "placed", texts),
      );
    } catch (error) {
      this.#judge(error, texts.join("\n"));
    }
    this.#reach(call.name, texts.length);
  }

  /** Reads one payload: measures the work, and takes the project's own errors for what they are. */
  async #measured(text: string, work: () => unknown): Promise<unknown> {
    try {
      return this.#watch.timed(text, work);
    } catch (error) {
      this.#judge(error, text);
      throw error instanceof PerpwireError ? error : new VenueUnavailableError("a fault");
    }
  }

  #judge(error: unknown, text: string): void {
    this.#refused += 1;
    const isOwn = error instanceof PerpwireError;
    if (!isOwn) this.#fault(`${String((error as Error)?.stack ?? error)}`, text);
    this.#venue.webUtils.isRequestExceptionRelatedToTimeSynchronizer(error);
    this.#reach("webUtils.isRequestExceptionRelatedToTimeSynchronizer");
    for (const name of ["isOrderNotFoundDuringStatusUpdateError", "isOrderNotFoundDuringCancelationError"] as const) {
      this.#venue[name](error);
      this.#reach(`venue.${name}`);
    }
  }

  #check(texts: readonly string[], look: () => string | undefined): void {
    this.#watch.aside(() => {
      const fault = look();
      if (fault !== undefined) this.#fault(fault, texts.join("\n"));
    });
  }

  #fault(what: string, text: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(`${what.slice(0, 600)}\n  of ${text.slice(0, 1_500)}`);
  }

  /** Of the rate limits, mostly none, or of any text. */
  #headers(): Readonly<Record<string, string>> {
    const random = this.#random;
    if (random.integer(4) > 0) return {};
    return Object.fromEntries(
      HEADERS.map((name) => [name, mutated(random, "1").replaceAll('"', "").slice(0, HEADER_LENGTH)]),
    );
  }

  #reach(name: string, payloads = 1): void {
    this.#reached.set(name, (this.#reached.get(name) ?? 0) + payloads);
  }

  /** Gives the parsers of one kind of frame whatever came. */
  #misread(text: string): void {
    const { orderBookDataSource: books, userStreamDataSource: stream } = this.#venue;
    const { markets } = this.#seeds;
    const message = parseJson(text);
    const parsers = [
      ["orderBookDataSource.parseTradeMessage", () => books.parseTradeMessage(markets, message, this.#onUnreadable)],
      [
        "orderBookDataSource.parseFundingInfoMessage",
        () => books.parseFundingInfoMessage(markets, message, this.#onUnreadable),
      ],
      [
        "orderBookDataSource.parseOrderBookDiffMessage",
        () => books.parseOrderBookDiffMessage(markets, message, this.#frame),
      ],
      [
        "orderBookDataSource.parseOrderBookSnapshotMessage",
        () => books.parseOrderBookSnapshotMessage(markets, message, this.#frame),
      ],
      [
        "userStreamDataSource.parseUserStreamMessage",
        () => stream.parseUserStreamMessage(markets, message, this.#onUnreadable),
      ],
    ] as const;
    const [name, read] = pick(this.#random, parsers);
    this.#frame.reset("diff");
    this.#reading<unknown>(name, read);
  }

  /** As the engine reads it: books by plain numbers, trades and the account's rows by exact ones. */
  #readFrame(text: string): void {
    const exact = parseJson(text);
    const message: unknown = JSON.parse(text);
    this.#readPublic(message, exact, text);
    this.#readPrivate(exact, text);
  }

  #readPublic(message: unknown, exact: unknown, text: string): void {
    const { orderBookDataSource: books } = this.#venue;
    const { markets } = this.#seeds;
    const told = this.#told;
    const kind = this.#reading("orderBookDataSource.channelOriginatingMessage", () =>
      books.channelOriginatingMessage(message),
    );
    this.#reading("orderBookDataSource.tradingPairOf", () => books.tradingPairOf(markets, message));
    if (books.subscriptionAnswer !== undefined)
      this.#reading("orderBookDataSource.subscriptionAnswer", () => books.subscriptionAnswer?.(markets, message));
    if (kind === "orderBookDiff" || kind === "orderBookSnapshot") {
      this.#frame.reset(kind === "orderBookDiff" ? "diff" : "snapshot");
      const name = kind === "orderBookDiff" ? "parseOrderBookDiffMessage" : "parseOrderBookSnapshotMessage";
      const isKnown = this.#reading(`orderBookDataSource.${name}`, () => books[name](markets, message, this.#frame));
      if (isKnown) this.#check([text], () => told.faultOfBook(this.#frame, text));
    } else if (kind === "trade") {
      const trades = this.#reading("orderBookDataSource.parseTradeMessage", () =>
        books.parseTradeMessage(markets, exact, this.#onUnreadable),
      );
      const possible = trades.filter((trade) => absurdityOfPublicTrade(trade) === undefined);
      this.#check([text], () => told.faultOf(possible, "publicTrade", [text]));
    } else if (kind === "fundingInfo") {
      const info = this.#reading("orderBookDataSource.parseFundingInfoMessage", () =>
        books.parseFundingInfoMessage(markets, message, this.#onUnreadable),
      );
      const possible = [info ?? []]
        .flat()
        .filter((each) => absurdityOfFundingInfo({ timestampMs: 0, ...each }) === undefined);
      this.#check([text], () => told.faultOf(possible, "fundingInfo", [text]));
    }
  }

  #readPrivate(message: unknown, text: string): void {
    const { userStreamDataSource: stream } = this.#venue;
    const kind = this.#reading("userStreamDataSource.channelOriginatingMessage", () =>
      stream.channelOriginatingMessage(message),
    );
    if (stream.channelOf !== undefined)
      this.#reading("userStreamDataSource.channelOf", () => stream.channelOf?.(message));
    if (stream.subscriptionAnswer !== undefined)
      this.#reading("userStreamDataSource.subscriptionAnswer", () => stream.subscriptionAnswer?.(message));
    if (kind !== "update") return;
    const facts = this.#reading("userStreamDataSource.parseUserStreamMessage", () =>
      stream.parseUserStreamMessage(this.#seeds.markets, message, this.#onUnreadable),
    );
    this.#check([text], () => this.#told.faultOf(facts, "update", [text]));
  }

  #reading<T>(name: string, read: () => T): T {
    this.#reach(name);
    return read();
  }
}
