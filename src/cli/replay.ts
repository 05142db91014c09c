import type { PerpetualVenue } from "../connector/perpetual-venue.ts";
import { BookFrameBuffer } from "../market-data/book-frame-buffer.ts";
import { BookReplayer } from "../market-data/book-replayer.ts";
import { snapshotSourceOf } from "../market-data/continuity.ts";
import type { OrderBook } from "../market-data/order-book.ts";
import type { VenueSession } from "../model/venue-session.ts";
import type { RestRequest } from "../net/venue-api.ts";
import type { RecordedMessage } from "./recording.ts";
import { createReplaySession } from "./replay-session.ts";

/** What a replay found. */
export interface ReplayReport {
  /** WebSocket messages that came in. */
  readonly frames: number;
  readonly books: number;
  /** Book messages that became part of a book. */
  readonly applied: number;
  /** Messages that could not be read, or not be made part of a book. */
  readonly rejected: number;
  readonly checksumFailures: number;
  readonly gaps: number;
  /** By the venue's market name; null where nobody quotes or the book is not valid. */
  readonly top: Readonly<Record<string, { readonly bid: string | null; readonly ask: string | null }>>;
}

export type ReplayVenue = Pick<PerpetualVenue, "manifest" | "domain" | "orderBookDataSource" | "webUtils">;

/** Runs recorded messages through the parsers, books and continuity rule of a venue. */
export async function replay(venue: ReplayVenue, messages: AsyncIterable<RecordedMessage>): Promise<ReplayReport> {
  const { manifest, orderBookDataSource } = venue;
  const session = createReplaySession(manifest.name, venue.domain);
  const replayer = new BookReplayer({ venue: orderBookDataSource, session: () => session, rule: manifest.continuity });
  const needsRest = snapshotSourceOf(manifest.continuity) === "rest";
  let frames = 0;
  let unreadableSnapshots = 0;
  for await (const message of messages) {
    if (message.direction !== "in") continue;
    if (message.kind === "ws") {
      frames += 1;
      replayer.applyText(message.text, message.timestampMs);
    } else if (needsRest && !(await applySnapshot(venue, session, replayer, message))) {
      unreadableSnapshots += 1;
    }
  }
  const { books, applied, rejected, checksumFailures, gaps, messages: kinds } = replayer.counters;
  return {
    frames,
    books,
    applied,
    rejected: rejected + kinds.malformed + kinds.unknown + kinds.unknownMarket + unreadableSnapshots,
    checksumFailures,
    gaps,
    top: Object.fromEntries([...replayer.orderBooks].map(([market, book]) => [market, topOf(book)])),
  };
}

function topOf(book: OrderBook): ReplayReport["top"][string] {
  if (!book.isValid) return { bid: null, ask: null };
  return { bid: book.bestBid?.price.toFixed() ?? null, ask: book.bestAsk?.price.toFixed() ?? null };
}

/** Answers the venue's own snapshot request with the recorded response that it would have got; false if unreadable. */
async function applySnapshot(
  venue: ReplayVenue,
  session: VenueSession,
  replayer: BookReplayer,
  message: RecordedMessage,
): Promise<boolean> {
  const url = URL.canParse(message.url) ? new URL(message.url) : undefined;
  const market = url === undefined ? undefined : session.marketsBySymbol.get(url.searchParams.get("symbol") ?? "");
  if (url === undefined || market === undefined) return true;
  const frame = new BookFrameBuffer();
  frame.reset("snapshot");
  let isSnapshot = false;
  const send = async (request: RestRequest): Promise<unknown> => {
    isSnapshot = url.pathname.endsWith(request.path);
    if (!isSnapshot) throw new TypeError(`${message.url} is no snapshot`);
    return venue.webUtils.unwrapResponse({ status: 200, headers: {}, text: message.text }, request);
  };
  const context = { api: { send }, session, now: () => message.timestampMs };
  try {
    await venue.orderBookDataSource.requestOrderBookSnapshot(context, market.tradingPair, frame);
  } catch {
    return !isSnapshot;
  }
  replayer.applyFrame(frame, message.timestampMs);
  return true;
}
