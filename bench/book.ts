import { type Feed, feedsOf } from "./book/feeds.ts";
import { type BookState, differenceOf } from "./book/reference-books.ts";
import { TARDIS_NAMES } from "./book/tardis.ts";
import type { BookVenue } from "./book/venues.ts";
import type { Result } from "./report.ts";
import { type Contender, inTurn } from "./rounds.ts";

export interface BookOptions {
  readonly venue: BookVenue;
  readonly passes: number;
  /** Messages of a pass. */
  readonly messages: number;
  /** Also the recordings that lie beside the project. Default true. */
  readonly isRecordedToo?: boolean;
}

const JSON_PARSE = "no book: each frame as a ready string is parsed and dropped";

function contendersOf(venue: BookVenue, setup: unknown): readonly Contender[] {
  const isFtx = venue === "ftx";
  const own = isFtx
    ? "checksum of every frame, exact decimals"
    : "update ids followed, exact decimals, whole live path";
  const ofCcxt = isFtx
    ? "onMessage with its handlers, checksum of every frame (its default), JavaScript numbers"
    : "onMessage with its handlers, nothing awaited, JavaScript numbers";
  const ofTardis = isFtx
    ? "no checksum: it has none, JavaScript numbers"
    : "mapper and book, no ids followed, JavaScript numbers";
  return [
    { name: "perpwire", key: "perpwire", arm: "perpwire", note: own, setup },
    { name: isFtx ? "ccxt 2.1.71 (pro)" : "ccxt 4.5.84 (pro)", key: "ccxt", arm: "ccxt", note: ofCcxt, setup },
    ...(TARDIS_NAMES[venue] === undefined
      ? []
      : [{ name: "tardis-dev 13.35.3", key: "tardis", arm: "tardis", note: ofTardis, setup }]),
    ...(venue === "bybit"
      ? [{ name: "orderbooks 1.1.14", key: "orderbooks", arm: "orderbooks", note: "JSON.parse and its store", setup }]
      : []),
    { name: "JSON.parse alone", key: "jsonParse", arm: "jsonParse", note: JSON_PARSE },
    { name: "scan alone", key: "scan", arm: "scan", note: "no book: a loop over the bytes that reads each number" },
    { name: "memcpy", key: "memcpy", arm: "memcpy", note: "each frame is copied once" },
  ];
}

async function resultOf(feed: Feed, { venue, passes }: BookOptions): Promise<Result> {
  let frames = feed.next();
  let bytes = frames.bytes.length;
  const units = frames.ends.length;
  let isFirst = true;
  const figures = await inTurn({
    module: new URL("./book/arms.ts", import.meta.url).href,
    contenders: contendersOf(venue, feed.setup),
    ...{ passes, units },
    input() {
      if (!isFirst) frames = feed.next();
      isFirst = false;
      bytes = frames.bytes.length;
      return frames;
    },
    check(name, state) {
      if (state === undefined) return;
      const difference = differenceOf(state as readonly BookState[], feed.books());
      if (difference !== undefined) throw new Error(`${name} ends with another book than was sent: ${difference}`);
    },
  });
  const work = `${units} frames of ${Math.round(bytes / units)} bytes a pass`;
  return { name: feed.name, work, unit: "us a frame", passes, figures };
}

/** From the bytes of a frame to the validated book and its best bid and ask. */
export async function benchBook(options: BookOptions): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const feed of await feedsOf(options.venue, options.messages, options.isRecordedToo ?? true))
    results.push(await resultOf(feed, options));
  return results;
}
