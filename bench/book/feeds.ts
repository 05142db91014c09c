import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createPaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { type BookState, ReferenceBooks } from "./reference-books.ts";
import { SyntheticMarket } from "./synthetic-market.ts";
import { type BookVenue, type SyntheticVenue, WIRES } from "./venues.ts";

const RECORDINGS = resolve(import.meta.dirname, "../../../shared/data");
const SEED = 42;

/** A market of a feed, in the venue's name. */
export interface FeedMarket {
  readonly symbol: string;
  readonly contractSize: string;
}

/** All that a contender is told before the first message. */
export interface FeedSetup {
  readonly venue: BookVenue;
  readonly markets: readonly FeedMarket[];
  /** The first state, where the venue gives it over REST. */
  readonly restSnapshot?: string | undefined;
  /** Levels a side of the first state and of the stream. */
  readonly depth?: number | undefined;
}

/** One pass: all frames in one piece of memory, the place after each, and whose book each changes. */
export interface Frames {
  readonly bytes: Uint8Array;
  readonly ends: Uint32Array;
  readonly markets: Uint8Array;
}

export interface Feed {
  readonly name: string;
  readonly setup: FeedSetup;
  /** Messages of the next pass, which go on where the last one ended or begin with a snapshot. */
  next(): Frames;
  /** The books after the last pass, by market. */
  books(): readonly BookState[];
}

function framesOf(texts: readonly string[], marketOf: (text: string) => number): Frames {
  const total = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  // Shared, so that every contender gets the same bytes without a copy by the main thread.
  const bytes = new Uint8Array(new SharedArrayBuffer(total));
  const ends = new Uint32Array(texts.length);
  const markets = new Uint8Array(texts.length);
  const target = Buffer.from(bytes.buffer);
  let at = 0;
  for (const [index, text] of texts.entries()) {
    at += target.write(text, at);
    ends[index] = at;
    markets[index] = marketOf(text);
  }
  return { bytes, ends, markets };
}

/** Changes of a synthetic market, pass after pass of ever new ones. */
export function syntheticFeed(venue: SyntheticVenue, messages: number, seed = SEED): Feed {
  const wire = WIRES[venue];
  const { symbol, contractSize, view, isWhole = false } = wire;
  const market = new SyntheticMarket({ seed, view });
  const first = market.book();
  const pending = wire.snapshot === undefined ? [] : [wire.snapshot(first)];
  let sequence = 0;
  const next = (): Frames => {
    const texts = pending.splice(0);
    while (texts.length < messages) {
      sequence += 1;
      const changes = market.step();
      texts.push(wire.diff(isWhole ? market.book() : changes, sequence));
    }
    return framesOf(texts, () => 0);
  };
  const books = (): readonly BookState[] => {
    const { bids, asks } = market.book();
    const amount = (lots: number): number =>
      wire.contractsOf === undefined ? lots / 1_000 : wire.contractsOf(lots) * Number(contractSize);
    const levels = (side: typeof bids) => side.map(([ticks, lots]) => [ticks / 10, amount(lots)] as const);
    return [{ bids: levels(bids), asks: levels(asks) }];
  };
  const setup = { venue, markets: [{ symbol, contractSize }], restSnapshot: wire.restSnapshot?.(first), depth: view };
  return { name: `${venue}, synthetic, ${view ?? first.bids.length} levels a side`, setup, next, books };
}

/**
 * The same messages over and over, at least so many in a pass: they begin with a snapshot of each market. A pass of the
 * thousand messages of a recording would measure programs that are not compiled yet.
 */
function repeatedFeed(
  name: string,
  venue: "ftx" | "bybit",
  recorded: readonly string[],
  symbolOf: (text: string) => string,
  messages: number,
): Feed {
  const texts = Array.from({ length: Math.ceil(messages / recorded.length) }, () => recorded).flat();
  const symbols = [...new Set(texts.map(symbolOf))];
  const places = new Map(symbols.map((symbol, place) => [symbol, place]));
  const frames = framesOf(texts, (text) => places.get(symbolOf(text)) ?? 0);
  const reference = new ReferenceBooks(symbols);
  for (const text of texts) reference.apply(symbolOf(text), text);
  const setup = { venue, markets: symbols.map((symbol) => ({ symbol, contractSize: "1" })) };
  return { name, setup, next: () => frames, books: () => reference.states() };
}

const isFtxBook = (text: string): boolean => text.includes('"orderbook"') && text.includes('"checksum"');
const ftxSymbol = (text: string): string => JSON.parse(text).market as string;

/** Frames that the paper venue sent for four markets in a simulated minute. */
export async function paperFeed(messages: number): Promise<Feed> {
  const world = new SimulatedWorld({ seed: SEED });
  const venue = await createPaperVenue({ api: "ftx", seed: SEED }, world.runtime("venue"));
  const client = world.runtime("client");
  const texts: string[] = [];
  const response = await world.run(
    client.http.request({ method: "GET", url: `${venue.rest}/markets`, headers: {}, timeoutMs: 10_000 }),
  );
  const markets = JSON.parse(response.text).result as { name: string }[];
  const connection = await world.run(
    client.webSocket.connect(
      venue.ws,
      { onText: (text) => void (isFtxBook(text) && texts.push(text)), onClose: () => undefined },
      { handshakeTimeoutMs: 10_000 },
    ),
  );
  for (const { name } of markets)
    connection.send(JSON.stringify({ op: "subscribe", channel: "orderbook", market: name }));
  for (let second = 0; second < 60; second += 1) {
    await world.advance(1_000);
    connection.send(JSON.stringify({ op: "ping" }));
  }
  await world.run(venue.stop());
  const name = `ftx, paper venue, ${markets.length} markets, 60 simulated seconds`;
  return repeatedFeed(name, "ftx", texts, ftxSymbol, messages);
}

function recordedTexts(file: string): readonly string[] | undefined {
  const path = resolve(RECORDINGS, file);
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const records = lines.map((line) => JSON.parse(line) as { kind: string; dir: string; text?: string });
  return records.flatMap(({ kind, dir, text }) => (kind === "ws" && dir === "in" && text !== undefined ? [text] : []));
}

/** The real recordings of a venue, where they lie beside the project. */
export function recordedFeeds(venue: BookVenue, messages: number): readonly Feed[] {
  if (venue === "ftx") {
    const texts = recordedTexts("ftx-2021-07-22.ndjson")?.filter(isFtxBook);
    return texts === undefined
      ? []
      : [repeatedFeed("ftx, recorded on 2021-07-22, 10 markets", "ftx", texts, ftxSymbol, messages)];
  }
  if (venue === "bybit") {
    const texts = recordedTexts("bybit-2024-12-01-XRPUSDT-ob500.ndjson");
    const name = "bybit, XRPUSDT recorded on 2024-12-01, 500 levels a side";
    return texts === undefined ? [] : [repeatedFeed(name, "bybit", texts, () => "XRPUSDT", messages)];
  }
  return [];
}

export async function feedsOf(venue: BookVenue, messages: number, isRecordedToo: boolean): Promise<readonly Feed[]> {
  const first = venue === "ftx" ? await paperFeed(messages) : syntheticFeed(venue, messages);
  return isRecordedToo ? [first, ...recordedFeeds(venue, messages)] : [first];
}
