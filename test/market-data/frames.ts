import type { BookChecksum } from "../../src/market-data/book-checksum.ts";
import { BookFrameBuffer } from "../../src/market-data/book-frame-buffer.ts";
import { BookSides } from "../../src/market-data/book-sides.ts";

export type LevelInput = readonly [price: number | string, size: number | string];

export interface FrameInput {
  readonly kind?: "snapshot" | "diff";
  readonly tradingPair?: string;
  readonly timestampMs?: number;
  readonly updateId?: number;
  readonly firstUpdateId?: number;
  readonly previousUpdateId?: number;
  readonly checksum?: number;
  readonly depth?: number;
  readonly isShort?: boolean;
  readonly bids?: readonly LevelInput[];
  readonly asks?: readonly LevelInput[];
}

export function frameOf(input: FrameInput, frame = new BookFrameBuffer()): BookFrameBuffer {
  frame.reset(input.kind ?? "diff");
  frame.tradingPair = input.tradingPair ?? "BTC-USD";
  frame.timestampMs = input.timestampMs ?? 0;
  frame.updateId = input.updateId ?? Number.NaN;
  frame.firstUpdateId = input.firstUpdateId ?? Number.NaN;
  frame.previousUpdateId = input.previousUpdateId ?? Number.NaN;
  frame.depth = input.depth ?? Number.NaN;
  frame.isShort = input.isShort ?? false;
  frame.checksum = input.checksum ?? Number.NaN;
  for (const [price, size] of input.bids ?? []) frame.bids.push(price, size);
  for (const [price, size] of input.asks ?? []) frame.asks.push(price, size);
  return frame;
}

export function snapshotOf(bids: readonly LevelInput[], asks: readonly LevelInput[], input: FrameInput = {}) {
  return frameOf({ ...input, kind: "snapshot", bids, asks });
}

/** Levels as plain text, best first. */
export function textOf(levels: readonly { price: { toFixed(): string }; amount: { toFixed(): string } }[]) {
  return levels.map(({ price, amount }) => [price.toFixed(), amount.toFixed()]);
}

/** The checksum of these levels, by its columns or, when wide, without them. */
export function checksumOf(
  checksum: BookChecksum,
  bids: readonly LevelInput[],
  asks: readonly LevelInput[],
  isWide = false,
): number {
  const depth = Number.POSITIVE_INFINITY;
  const sides = new BookSides({ checksum, depth, maxLevels: 10_000, follows: "book" });
  const frame = snapshotOf(bids, asks);
  const isNarrow = !frame.isWide && frame.alignTo(frame.priceScale, frame.sizeScale);
  sides.startOver(frame, isNarrow && !isWide);
  sides.change(frame, true);
  return checksum.of(sides);
}
