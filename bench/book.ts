import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { BookReplayer } from "../src/market-data/book-replayer.ts";
import { marketOf } from "../src/model/venue-markets.ts";
import { createPaperVenue } from "../src/paper/index.ts";
import { SimulatedWorld } from "../src/runtime/simulated.ts";
import { venueModule } from "../src/venues/ftx/derivative.ts";
import { sessionOf } from "../test/market-data/captures.ts";
import { type Contender, type Figure, hostLine, measure } from "./measure.ts";

const require = createRequire(import.meta.url);

/** Best bid and ask as a contender gives them; text is made of them only after the pass. */
interface Touch {
  readonly bid: unknown;
  readonly ask: unknown;
}

interface Feed {
  readonly name: string;
  readonly texts: readonly string[];
  /** What `GET /markets` answered, for the contenders that need the markets. */
  readonly markets: readonly { readonly name: string }[];
}

const isBookFrame = (text: string): boolean => text.includes('"orderbook"') && text.includes('"checksum"');

/** Frames that the paper venue sent for four markets in a simulated minute. */
async function paperFeed(): Promise<Feed> {
  const world = new SimulatedWorld({ seed: 42 });
  const venue = await createPaperVenue({ api: "ftx", seed: 42 }, world.runtime("venue"));
  const client = world.runtime("client");
  const texts: string[] = [];
  const response = await world.run(
    client.http.request({ method: "GET", url: `${venue.rest}/markets`, headers: {}, timeoutMs: 10_000 }),
  );
  const markets = JSON.parse(response.text).result as { name: string }[];
  const connection = await world.run(
    client.webSocket.connect(
      venue.ws,
      { onText: (text) => void (isBookFrame(text) && texts.push(text)), onClose: () => undefined },
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
  return { name: `paper venue, ${markets.length} markets, 60 simulated seconds`, texts, markets };
}

/** The real capture, where it lies beside the project. */
function capturedFeed(): Feed | undefined {
  const path = resolve(import.meta.dirname, "../../shared/data/ftx-2021-07-22.ndjson");
  if (!existsSync(path)) return undefined;
  const lines = readFileSync(path, "utf8").trim().split("\n");
  const records = lines.map((line) => JSON.parse(line) as { kind: string; dir: string; text?: string });
  const texts = records.flatMap(({ kind, dir, text }) =>
    kind === "ws" && dir === "in" && text !== undefined && isBookFrame(text) ? [text] : [],
  );
  const names = new Set(texts.map((text) => JSON.parse(text).market as string));
  return { name: "FTX, captured on 2021-07-22, 10 markets", texts, markets: [...names].map((name) => ({ name })) };
}

function perpwire(feed: Feed): Contender {
  const { orderBookDataSource } = venueModule.createVenue({
    domain: venueModule.manifest.defaultDomain,
    restUrl: "http://127.0.0.1",
    webSocketUrl: "ws://127.0.0.1",
  });
  const markets = sessionOf(feed.markets.map(({ name }) => name));
  const replayer = new BookReplayer({
    venue: orderBookDataSource,
    markets: () => markets,
    rule: venueModule.manifest.continuity,
  });
  const pairs = feed.texts.map((text) => marketOf(markets, `${JSON.parse(text).market}-USD`).tradingPair);
  let books = replayer.orderBooks;
  return {
    name: "perpwire",
    note: "checksum of every frame, exact decimals",
    pass: () => {
      let touch: Touch | undefined;
      for (const [index, text] of feed.texts.entries()) {
        replayer.applyText(text, 0);
        const pair = pairs[index] ?? "";
        if (!books.has(pair)) books = replayer.orderBooks;
        const book = books.get(pair);
        touch = { bid: book?.bestBid?.price, ask: book?.bestAsk?.price };
      }
      const { counters } = replayer;
      if (counters.checksumFailures + counters.gaps + counters.rejected > 0) throw new Error("perpwire broke a book");
      return touch;
    },
  };
}

interface CcxtBook {
  readonly bids: readonly (readonly [number, number])[];
  readonly asks: readonly (readonly [number, number])[];
}

interface CcxtFtx {
  orderbooks: Record<string, CcxtBook>;
  client(url: string): { onMessage(message: { data: string }): void; reject(error: unknown): void };
  setMarkets(markets: readonly unknown[]): void;
}

function ccxt(feed: Feed): Contender {
  const { pro } = require("ccxt-ftx") as { pro: { ftx: new (options: object) => CcxtFtx } };
  const exchange = new pro.ftx({ enableRateLimit: false });
  exchange.setMarkets(feed.markets.map(({ name }) => ({ id: name, symbol: name, base: name, quote: "USD" })));
  const client = exchange.client("ws://127.0.0.1:1/");
  let failures = 0;
  client.reject = () => {
    failures += 1;
  };
  const symbols = feed.texts.map((text) => JSON.parse(text).market as string);
  return {
    name: "ccxt 2.1.71 (pro)",
    note: "checksum of every frame (its default), JavaScript numbers",
    pass: () => {
      let touch: Touch | undefined;
      for (const [index, text] of feed.texts.entries()) {
        client.onMessage({ data: text });
        const book = exchange.orderbooks[symbols[index] ?? ""];
        touch = { bid: book?.bids[0]?.[0], ask: book?.asks[0]?.[0] };
      }
      if (failures > 0) throw new Error(`ccxt rejected ${failures} frames`);
      return touch;
    },
  };
}

interface TardisChange {
  readonly symbol: string;
}
interface TardisBook {
  update(change: TardisChange): void;
  bestBid(): { readonly price: number } | undefined;
  bestAsk(): { readonly price: number } | undefined;
}
interface Tardis {
  OrderBook: new () => TardisBook;
  normalizeBookChanges(
    exchange: string,
    timestamp: Date,
  ): { map(message: unknown, timestamp: Date): Iterable<TardisChange> };
}

function tardis(feed: Feed): Contender {
  const { OrderBook, normalizeBookChanges } = require("tardis-dev") as Tardis;
  const mapper = normalizeBookChanges("ftx", new Date());
  const books = new Map<string, TardisBook>();
  const now = new Date();
  return {
    name: "tardis-dev 13.35.3",
    note: "no checksum: it has none, JavaScript numbers",
    pass: () => {
      let touch: Touch | undefined;
      for (const text of feed.texts) {
        for (const change of mapper.map(JSON.parse(text), now) ?? []) {
          const book = books.get(change.symbol) ?? new OrderBook();
          books.set(change.symbol, book);
          book.update(change);
          touch = { bid: book.bestBid()?.price, ask: book.bestAsk()?.price };
        }
      }
      return touch;
    },
  };
}

function jsonParse(feed: Feed): Contender {
  return {
    name: "JSON.parse alone",
    note: "no book at all: the floor of whoever uses it",
    pass: () => {
      let last: unknown;
      for (const text of feed.texts) last = JSON.parse(text);
      return last;
    },
  };
}

function table(figures: readonly Figure[]): string {
  const rows = figures.map(({ name, medianUs, bestUs, ratio, note }) =>
    [
      name.padEnd(20),
      medianUs.toFixed(2).padStart(9),
      bestUs.toFixed(2).padStart(9),
      ratio.toFixed(2).padStart(7),
      note,
    ].join("  "),
  );
  const head = [
    "contender".padEnd(20),
    "median us".padStart(9),
    "best us".padStart(9),
    "ratio".padStart(7),
    "what it does",
  ].join("  ");
  return [head, ...rows].join("\n");
}

/** WebSocket frame -> validated book -> best bid and ask, on FTX frames. */
export async function benchBook(options: { readonly passes: number; readonly json: boolean }): Promise<void> {
  const captured = capturedFeed();
  const results = [];
  for (const feed of [await paperFeed(), ...(captured === undefined ? [] : [captured])]) {
    const contenders = [perpwire(feed), ccxt(feed), tardis(feed), jsonParse(feed)];
    const touches = contenders.slice(0, 3).map(({ pass }) => pass() as Touch);
    for (const touch of touches) {
      if (Number(touch.bid) !== Number(touches[0]?.bid) || Number(touch.ask) !== Number(touches[0]?.ask)) {
        throw new Error(`the contenders end with different books: ${JSON.stringify(touches)}`);
      }
    }
    const figures = measure(contenders, "perpwire", feed.texts.length, options.passes);
    const bytes = feed.texts.reduce((total, text) => total + text.length, 0) / feed.texts.length;
    results.push({
      feed: feed.name,
      frames: feed.texts.length,
      bytesPerFrame: Math.round(bytes),
      passes: options.passes,
      figures,
    });
    if (options.json) continue;
    console.log(
      `\n${feed.name}: ${feed.texts.length} frames of ${Math.round(bytes)} bytes, ${options.passes} passes each`,
    );
    console.log(table(figures));
  }
  if (options.json) console.log(JSON.stringify({ benchmark: "book", host: hostLine(), results }));
  else console.log(`\nratio: median of this contender's time by perpwire's, pass by pass. ${hostLine()}`);
}
