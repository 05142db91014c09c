import type { PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";
import { BookFrameBuffer } from "../../../src/market-data/book-frame-buffer.ts";
import { isSound } from "../../../src/market-data/frame-checks.ts";
import { decimalOfScaled } from "../../../src/market-data/scaled.ts";
import { Decimal, ONE } from "../../../src/model/decimal.ts";
import { PerpwireError, VenueUnavailableError } from "../../../src/model/error.ts";
import { absurdityOfFundingInfo, absurdityOfPublicTrade } from "../../../src/model/fact-checks.ts";
import { parseJson } from "../../../src/net/json.ts";
import type { RestRequest, VenueContext } from "../../../src/net/venue-api.ts";
import { SeededRandom } from "../../../src/runtime/simulated-random.ts";
import { mutated, TextFields } from "./mutations.ts";
import { isSent, numbersIn } from "./numbers.ts";
import { type Seeds, seedsOf } from "./seeds.ts";

export interface FuzzVenue {
  readonly venue: PerpetualVenue;
  readonly fixtures: object;
}

export interface FuzzReport {
  readonly payloads: number;
  /** Payloads of which a fact was taken. */
  readonly taken: number;
  readonly unreadableRows: number;
  readonly refused: number;
  readonly longestMs: number;
  readonly longestText: string;
  /** What must not be: an error that is not the project's own, or a figure that was not sent. */
  readonly faults: readonly string[];
}

const NOW = Date.UTC(2026, 8, 20, 16, 0, 5);
const REQUESTS_A_CALL = 30;
/** Time of this thread alone: the machine has other work too. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
const MAX_FAULTS = 20;
type Call = (context: VenueContext) => unknown;
type Answering = (request: RestRequest) => string;
const pick = <T>(random: SeededRandom, values: readonly T[]): T => values[random.integer(values.length)] as T;

/** Mutated payloads of one venue, by seed, through each of its parsers. */
export async function fuzzParsers({ venue, fixtures }: FuzzVenue, seed: number, count: number): Promise<FuzzReport> {
  const seeds = await seedsOf(venue, fixtures, NOW);
  const fuzz = new ParserFuzz(venue, seeds, new SeededRandom(seed, "fuzz"));
  for (let at = 0; at < count && fuzz.faults.length < MAX_FAULTS; at += 1) await fuzz.step();
  return fuzz.report();
}

/** Payloads of one venue through each of its parsers, each with every distinct field of text replaced by every text. */
export async function readWithTexts({ venue, fixtures }: FuzzVenue, texts: readonly string[]): Promise<FuzzReport> {
  const seeds = await seedsOf(venue, fixtures, NOW);
  const fuzz = new ParserFuzz(venue, seeds, new SeededRandom(1, "texts"));
  await fuzz.replaceFields(texts);
  return fuzz.report();
}

class ParserFuzz {
  readonly faults: string[] = [];
  readonly #venue: PerpetualVenue;
  readonly #seeds: Seeds;
  readonly #random: SeededRandom;
  readonly #contractSizes: readonly Decimal[];
  readonly #calls: readonly Call[];
  readonly #frame = new BookFrameBuffer();
  #payloads = 0;
  #taken = 0;
  #unreadableRows = 0;
  #refused = 0;
  #longestMs = 0;
  #longestText = "";
  /** Of all checks so far: to find the figures in a text takes longer than to parse it. */
  #checkingMs = 0;

  constructor(venue: PerpetualVenue, seeds: Seeds, random: SeededRandom) {
    this.#venue = venue;
    this.#seeds = seeds;
    this.#random = random;
    this.#contractSizes = [ONE, ...[...seeds.session.markets.values()].map(({ rule }) => rule.contractSize)];
    this.#calls = callsOf(venue, seeds);
  }

  report(): FuzzReport {
    const counts = { payloads: this.#payloads, taken: this.#taken, unreadableRows: this.#unreadableRows };
    const longest = { longestMs: this.#longestMs, longestText: this.#longestText };
    return { ...counts, refused: this.#refused, ...longest, faults: this.faults };
  }

  async step(): Promise<void> {
    if (this.#seeds.frames.length > 0 && this.#random.integer(3) > 0) {
      const text = mutated(this.#random, pick(this.#random, this.#seeds.frames));
      await this.#measured(text, () => this.#readFrame(text)).catch(() => undefined);
      return;
    }
    await this.#ask(pick(this.#random, this.#calls), ({ path }) => {
      const known = this.#seeds.answers.get(path) ?? [...this.#seeds.answers.values()].flat();
      return mutated(this.#random, pick(this.#random, known));
    });
  }

  async replaceFields(replacements: readonly string[]): Promise<void> {
    const frames = new TextFields();
    for (const frame of this.#seeds.frames) {
      for (const text of frames.replaced(frame, replacements))
        await this.#measured(text, () => this.#readFrame(text)).catch(() => undefined);
    }
    const fields = new TextFields();
    for (const call of this.#calls) {
      const paths = new Set<string>();
      const first = ({ path }: RestRequest): string => {
        paths.add(path);
        return JSON.stringify(this.#seeds.answers.get(path)?.[0] ?? null);
      };
      await this.#ask(call, first);
      for (const path of paths) await this.#replaceAnswers(call, path, fields, replacements, first);
    }
  }

  async #replaceAnswers(
    call: Call,
    path: string,
    fields: TextFields,
    replacements: readonly string[],
    others: Answering,
  ): Promise<void> {
    for (const answer of this.#seeds.answers.get(path) ?? []) {
      for (const text of fields.replaced(answer, replacements))
        await this.#ask(call, (request) => (request.path === path ? text : others(request)));
    }
  }

  async #ask(call: Call, answer: Answering): Promise<void> {
    const texts: string[] = [];
    let requests = 0;
    const send = async (request: RestRequest): Promise<unknown> => {
      requests += 1;
      if (requests > REQUESTS_A_CALL) throw new VenueUnavailableError("enough");
      const text = answer(request);
      texts.push(text);
      return this.#measured(text, () =>
        this.#venue.webUtils.unwrapResponse({ status: 200, headers: {}, text }, request),
      );
    };
    const onUnreadable = (): void => {
      this.#unreadableRows += 1;
    };
    const context = { api: { send }, session: this.#seeds.session, now: () => NOW, onUnreadable };
    await this.#measured("an answer", async () => {
      const facts = await call({ ...context, onMarketFailure: () => undefined } as VenueContext);
      this.#check(facts, texts);
    });
  }

  /** Measures the work itself, and takes the project's own errors for what they are. */
  async #measured(text: string, work: () => unknown): Promise<unknown> {
    this.#payloads += 1;
    const beganMs = this.#parsingMs();
    try {
      const result = work();
      this.#noteTime(this.#parsingMs() - beganMs, text, work);
      return await result;
    } catch (error) {
      this.#noteTime(this.#parsingMs() - beganMs, text, work);
      if (!(error instanceof PerpwireError)) this.#fault(`${String((error as Error)?.stack ?? error)}`, text);
      this.#refused += 1;
      if (text === "an answer") return undefined;
      throw error instanceof PerpwireError ? error : new VenueUnavailableError("a fault");
    }
  }

  #parsingMs(): number {
    return cpuMs() - this.#checkingMs;
  }

  #checking(check: () => void): void {
    const beganMs = cpuMs();
    check();
    this.#checkingMs += cpuMs() - beganMs;
  }

  /** The machine has other work too: what took long is done again, and its shortest time counts. */
  #noteTime(ms: number, text: string, work: () => unknown): void {
    if (ms <= this.#longestMs || text === "an answer") return;
    const [payloads, taken, unreadable] = [this.#payloads, this.#taken, this.#unreadableRows];
    let shortestMs = ms;
    for (let again = 0; again < 4 && shortestMs > this.#longestMs; again += 1) {
      const beganMs = this.#parsingMs();
      try {
        work();
      } catch {
        // It failed the first time as well.
      }
      shortestMs = Math.min(shortestMs, this.#parsingMs() - beganMs);
    }
    [this.#payloads, this.#taken, this.#unreadableRows] = [payloads, taken, unreadable];
    if (shortestMs <= this.#longestMs) return;
    this.#longestMs = shortestMs;
    this.#longestText = text.slice(0, 200);
  }

  #fault(what: string, text: string): void {
    if (this.faults.length < MAX_FAULTS) this.faults.push(`${what.slice(0, 600)}\n  of ${text.slice(0, 600)}`);
  }

  #readFrame(text: string): void {
    const { orderBookDataSource: books, userStreamDataSource: stream } = this.#venue;
    const { session } = this.#seeds;
    const onUnreadable = (): void => {
      this.#unreadableRows += 1;
    };
    const message = parseJson(text);
    const kind = books.channelOriginatingMessage(message);
    books.tradingPairOf(session, message);
    books.subscriptionAnswer?.(session, message);
    if (kind === "orderBookDiff" || kind === "orderBookSnapshot") this.#readBook(kind, message, text);
    else if (kind === "trade") {
      const trades = books.parseTradeMessage(session, message, onUnreadable);
      this.#check(
        trades.filter((trade) => absurdityOfPublicTrade(trade) === undefined),
        [text],
      );
    } else if (kind === "fundingInfo") {
      const info = books.parseFundingInfoMessage(session, message);
      if (info !== undefined && absurdityOfFundingInfo(info) === undefined) this.#check(info, [text]);
    }
    stream.channelOf?.(message);
    stream.subscriptionAnswer?.(message);
    if (stream.channelOriginatingMessage(message) === "update")
      this.#check(stream.parseUserStreamMessage(session, message, onUnreadable), [text]);
  }

  #readBook(kind: "orderBookDiff" | "orderBookSnapshot", message: unknown, text: string): void {
    const { orderBookDataSource: books } = this.#venue;
    const frame = this.#frame;
    frame.reset(kind === "orderBookDiff" ? "diff" : "snapshot");
    const { session } = this.#seeds;
    const isKnown =
      kind === "orderBookDiff"
        ? books.parseOrderBookDiffMessage(session, message, frame)
        : books.parseOrderBookSnapshotMessage(session, message, frame);
    if (isKnown) this.#checking(() => this.#checkLevels(text));
  }

  #checkLevels(text: string): void {
    const frame = this.#frame;
    const sent = numbersIn(text);
    for (const side of [frame.bids, frame.asks]) {
      if (!isSound(side, false)) continue;
      for (let index = 0; index < side.count; index += 1) {
        const price = decimalOfScaled(side.bigPriceAt(index, side.priceScale), side.priceScale);
        const size = decimalOfScaled(side.bigSizeAt(index, side.sizeScale), side.sizeScale);
        this.#taken += 1;
        for (const figure of [price, size]) this.#expectSent("a level", figure, sent, text);
      }
    }
  }

  /** Every figure that is told, and not worked out from others, was sent. */
  #check(facts: unknown, texts: readonly string[]): void {
    this.#checking(() => this.#checkFacts(facts, texts));
  }

  #checkFacts(facts: unknown, texts: readonly string[]): void {
    const list = Array.isArray(facts) ? facts : facts instanceof Map ? [...facts.values()] : [facts];
    const sent = texts.flatMap(numbersIn);
    for (const fact of list) {
      if (typeof fact !== "object" || fact === null) continue;
      this.#taken += 1;
      for (const name of TOLD) {
        const figure: unknown = Reflect.get(fact, name);
        if (figure instanceof Decimal) this.#expectSent(name, figure, sent, texts.join("\n"));
      }
    }
  }

  #expectSent(name: string, figure: Decimal, sent: readonly Decimal[], text: string): void {
    if (!figure.isFinite() || !isSent(figure, sent, this.#contractSizes))
      this.#fault(`${name} is told as ${figure.toString().slice(0, 120)}, which was not sent`, text);
  }
}

/** Figures that no parser works out; balances, margin and profits are sums of what was sent. */
const TOLD = ["price", "amount", "executedAmount", "averagePrice", "entryPrice", "rate", "indexPrice", "leverage"];

/** What asks the venue, each by its answers. */
function callsOf(venue: PerpetualVenue, { session }: Seeds): readonly Call[] {
  const { derivative, orderBookDataSource: books, webUtils } = venue;
  const [tradingPair = ""] = session.markets.keys();
  const order = { clientOrderId: "pw-1", exchangeOrderId: "91000001", tradingPair, side: "buy", amount: ONE } as const;
  const terms = { ...order, type: "limit", price: new Decimal(5_000), timeInForce: "GTC", reduceOnly: false } as const;
  const toPlace = { ...terms, positionAction: "open", positionMode: "oneWay", createdAtMs: NOW };
  const answered = (request: { readonly kind: string } | undefined) => async (context: VenueContext) => {
    const rest = request as unknown as { readonly request: RestRequest; parse(payload: unknown): unknown } | undefined;
    return rest?.parse(await context.api.send(rest.request));
  };
  const since = NOW - 3_600_000;
  return [
    (context) => derivative.openOrders(context, [tradingPair]),
    (context) => derivative.tradesSince(context, since, [tradingPair]),
    (context) => derivative.fetchBalances(context),
    (context) => derivative.fetchPositions(context, [tradingPair]),
    (context) => derivative.fetchFundingPayments(context, since, [tradingPair]),
    (context) => derivative.fetchCashFlows?.(context, since),
    (context) => derivative.fetchRemainder?.(context),
    async (context) => void (await derivative.tradingFees(context, [tradingPair])),
    (context) => derivative.requestOrderStatus(context, toPlace as never),
    (context) => derivative.allTradeUpdatesForOrder(context, toPlace as never),
    (context) => derivative.getPositionMode?.(context, [tradingPair]),
    async (context) => void derivative.parseExchangeInfo(await derivative.requestExchangeInfo(context)),
    (context) => books.getFundingInfo(context, tradingPair),
    async (context) => void (await books.getLastTradedPrices(context, [tradingPair])),
    (context) => books.requestOrderBookSnapshot(context, tradingPair, new BookFrameBuffer(), 1),
    async (context) => void (await webUtils.getCurrentServerTime?.(context)),
    async (context) => void (await answered(derivative.placeOrder(session, toPlace as never))(context)),
    async (context) => void (await answered(derivative.placeCancel(session, toPlace as never))(context)),
    async (context) => void (await answered(derivative.placeOrders?.(session, [toPlace as never]))(context)),
  ];
}
