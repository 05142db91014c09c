import { z } from "zod";
import type { BookFrame, LevelSink } from "../../market-data/book-frame.ts";
import { type SizeUnit, sizeUnitOf } from "../../market-data/size-unit.ts";
import { ProtocolError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { wireText } from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { wireList } from "./requests.ts";
import { isFrame, isObject, read, wireSeconds } from "./web-utils.ts";

type Levels = readonly unknown[];

/** Rows are `{"p": price, "s": contracts}`, 0 where the level is gone; one that is none makes the frame malformed. */
function pushRows(sink: LevelSink, rows: Levels, unit: SizeUnit | undefined): void {
  for (const row of rows) {
    const { p, s } = isObject(row) ? row : {};
    const isLevel =
      (typeof p === "string" || typeof p === "number") && (typeof s === "string" || typeof s === "number");
    if (isLevel) sink.push(p, s, unit);
    else sink.push(Number.NaN, Number.NaN);
  }
}

function fillFrame(market: Market, frame: BookFrame, bids: Levels, asks: Levels): void {
  frame.tradingPair = market.tradingPair;
  // The wire counts contracts; the book holds base units.
  const unit = sizeUnitOf(market.rule.contractSize);
  pushRows(frame.bids, bids, unit);
  pushRows(frame.asks, asks, unit);
}

interface BookUpdate {
  readonly s: string;
  readonly t: number;
  readonly U: number;
  readonly u: number;
  readonly b: Levels;
  readonly a: Levels;
  readonly l?: unknown;
}

function isBookUpdate(result: unknown): result is BookUpdate {
  if (!isObject(result) || typeof result.s !== "string" || typeof result.t !== "number") return false;
  // Neighbours from 2^53 on are one number: a missing frame would not be noticed.
  return (
    Number.isSafeInteger(result.U) &&
    Number.isSafeInteger(result.u) &&
    Array.isArray(result.b) &&
    Array.isArray(result.a)
  );
}

/** A message of the book's channel: the changes of ids `U` to `u`, or the whole book at `u`. */
export function parseBook(markets: VenueMarkets, message: unknown, frame: BookFrame, kind: BookFrame["kind"]): boolean {
  const result = isFrame(message) ? message.result : undefined;
  if (!isBookUpdate(result))
    throw new ProtocolError("an order book without time, contract, levels or update ids", { venue: constants.VENUE });
  const market = markets.bySymbol.get(result.s);
  if (market === undefined) return false;
  frame.kind = kind;
  frame.timestampMs = result.t;
  frame.updateId = result.u;
  if (kind === "diff") frame.firstUpdateId = result.U;
  // A recording may be of another level than ours.
  else if (result.l !== undefined) frame.depth = Number(wireText(result.l) || Number.NaN);
  fillFrame(market, frame, result.b, result.a);
  return true;
}

const wireSnapshot = z.object({
  /** Id of the last update that is in the book, told where `with_id` is asked for. */
  id: z.int(),
  /** Time of the last change. */
  update: wireSeconds,
  bids: wireList,
  asks: wireList,
});

/** An answer of `ORDER_BOOK_PATH_URL`, which does not name its contract. */
export function parseSnapshot(market: Market, payload: unknown, frame: BookFrame): void {
  const book = read(`GET ${constants.ORDER_BOOK_PATH_URL}`, wireSnapshot, payload);
  frame.kind = "snapshot";
  frame.timestampMs = book.update;
  frame.updateId = book.id;
  frame.depth = constants.ORDER_BOOK_DEPTH;
  fillFrame(market, frame, book.bids, book.asks);
}
