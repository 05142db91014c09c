import type { BookFrameBuffer } from "../../../market-data/book-frame-buffer.ts";
import type { ContinuityRule } from "../../../market-data/continuity.ts";
import type { LevelBuffer } from "../../../market-data/level-buffer.ts";
import type { BookLevel, OrderBook } from "../../../market-data/order-book.ts";
import { Decimal } from "../../../model/decimal.ts";
import { assert } from "../assertion.ts";
import { createComponents } from "../components.ts";
import type { ExpectedBook, Levels } from "../fixture-shapes.ts";
import type { Scene } from "../scene.ts";

export const UNSTARTED = { ready: false };

/** The data source with its connections up, once that many frames have subscribed. */
export async function connected(scene: Scene, subscriptions = 1) {
  const { orderBookDataSource } = createComponents(scene);
  const stop = new AbortController();
  const loop = orderBookDataSource.listenForSubscriptions(stop.signal);
  loop.catch(() => undefined);
  const received = () => scene.server.connections.flatMap((connection) => connection.received);
  await scene.until("subscribed", () => received().length >= subscriptions);
  await scene.world.advance(20);
  return { source: orderBookDataSource, stop, loop, received };
}

/** Every level of a book, best first, as the fixtures write them. */
export function levelsOf(book: OrderBook): ExpectedBook {
  const texts = (levels: readonly BookLevel[]) =>
    levels.map(({ price, amount }) => `${price.toFixed()} x ${amount.toFixed()}`).join(", ");
  return { bids: texts(book.bids()), asks: texts(book.asks()) };
}

/** The same of a fixture, however it is written. */
export function expectedLevels({ bids, asks }: ExpectedBook): ExpectedBook {
  const text = (levels: Levels) =>
    typeof levels === "string" ? levels : levels.map((level) => level.join(" x ")).join(", ");
  return { bids: text(bids), asks: text(asks) };
}

type Level = readonly [price: string, amount: string];

/** Content of one message of a book, kept beyond the next one. */
export interface ToldFrame {
  readonly kind: "snapshot" | "diff";
  readonly tradingPair: string;
  readonly timestampMs: number;
  readonly updateId: number;
  readonly firstUpdateId: number;
  readonly previousUpdateId: number;
  readonly checksum: number;
  readonly depth: number;
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export function toldFrame({ bids, asks, ...frame }: BookFrameBuffer): ToldFrame {
  const { kind, tradingPair, timestampMs, updateId, firstUpdateId, previousUpdateId, checksum, depth } = frame;
  const ids = { updateId, firstUpdateId, previousUpdateId, checksum };
  return { kind, tradingPair, timestampMs, ...ids, depth, bids: levelsIn(bids), asks: levelsIn(asks) };
}

/** Price or amount of a level that cannot be read: the engine refuses the frame. */
const NO_NUMBER = "no number";

function levelsIn(levels: LevelBuffer): readonly Level[] {
  const { priceScale, sizeScale } = levels;
  const text = (value: bigint, scale: number) =>
    new Decimal(value.toString()).div(new Decimal(10).pow(scale)).toFixed();
  return Array.from({ length: levels.count }, (_, index) => [
    Number.isNaN(levels.prices[index]) ? NO_NUMBER : text(levels.bigPriceAt(index, priceScale), priceScale),
    Number.isNaN(levels.sizes[index]) ? NO_NUMBER : text(levels.bigSizeAt(index, sizeScale), sizeScale),
  ]);
}

/** Levels of snapshots in the form in which the fixtures write a book. */
export function levelsOfFrame({ bids, asks }: ToldFrame): ExpectedBook {
  return expectedLevels({ bids, asks });
}

/** The book after the changes, made without the engine. */
export function replayed(book: ExpectedBook, diffs: readonly ToldFrame[]): ExpectedBook {
  const side = (name: "bids" | "asks", sign: 1 | -1): string => {
    const text = String(expectedLevels(book)[name]);
    const levels = new Map(text === "" ? [] : text.split(", ").map((level) => level.split(" x ") as [string, string]));
    for (const [price, amount] of diffs.flatMap((diff) => diff[name])) {
      if (new Decimal(amount).isZero()) levels.delete(price);
      else levels.set(price, amount);
    }
    const sorted = [...levels].sort(([a], [b]) => sign * new Decimal(a).cmp(b));
    return sorted.map((level) => level.join(" x ")).join(", ");
  };
  return { bids: side("bids", -1), asks: side("asks", 1) };
}

const DAY_MS = 86_400_000;

/** Market, time and ids of what the messages of a book told, each in its place. */
export function assertTold(scene: Scene, frames: readonly ToldFrame[], kind: ToldFrame["kind"]): void {
  const { tradingPair, startMs } = scene.fixtures;
  for (const frame of frames) {
    assert.deepEqual(
      [frame.kind, frame.tradingPair],
      [kind, tradingPair],
      "the kind of the frame and trading pair of the frame",
    );
    const ageMs = startMs - frame.timestampMs;
    assert.ok(Math.abs(ageMs) < DAY_MS, `the time of a ${kind} is ${frame.timestampMs}, ${ageMs} ms before the scene`);
  }
  const rule: ContinuityRule = scene.venue.manifest.continuity;
  if (rule.kind !== "sequence") return;
  const isNumbered = ({ updateId }: ToldFrame) => Number.isFinite(updateId);
  // Snapshots over REST stand for themselves where the book's snapshot comes on the stream.
  if (kind === "snapshot") assert.ok(frames.some(isNumbered), "no snapshot has an update id");
  if (kind !== "diff") return;
  assert.ok(frames.every(isNumbered), "a diff has no update id");
  for (const [index, { updateId, firstUpdateId, previousUpdateId }] of frames.entries()) {
    const before = frames[index - 1]?.updateId;
    if (before === undefined) continue;
    assert.ok(updateId > before, `update id ${updateId} after ${before}`);
    if (rule.style === "previousId") assert.equal(previousUpdateId, before, "a diff names the one before it");
    else
      assert.equal(
        Number.isNaN(firstUpdateId) ? updateId : firstUpdateId,
        before + 1,
        "the first update id of a diff, which follows the last one",
      );
  }
}
