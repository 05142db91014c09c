import { ABSURD_FACT, ProtocolError } from "../model/error.ts";
import { absurdityOfFundingInfo } from "../model/fact-checks.ts";
import type { FundingInfoUpdate } from "../model/funding.ts";
import { LATEST_TIME_MS } from "../model/time.ts";
import type { LevelSink } from "./book-frame.ts";
import type { BookFrameBuffer } from "./book-frame-buffer.ts";
import type { LevelBuffer } from "./level-buffer.ts";
import type { SizeUnit } from "./size-unit.ts";

/** Pushes the `[price, size]` pairs of a message; a level that is none makes the frame malformed. */
export function pushLevels(sink: LevelSink, levels: readonly unknown[], unit?: SizeUnit): void {
  for (const level of levels) {
    if (Array.isArray(level)) sink.push(level[0], level[1], unit);
    else sink.push(Number.NaN, Number.NaN);
  }
}

/** Throws `ProtocolError` for what cannot be true of a market's funding. */
export function possible<Update extends FundingInfoUpdate>(update: Update): Update {
  const absurdity = absurdityOfFundingInfo(update);
  if (absurdity === undefined) return update;
  throw new ProtocolError(`the funding of ${update.tradingPair}: ${absurdity}`, { code: ABSURD_FACT });
}

/** Depths that venues have a snapshot in, or give one in where nothing is asked for. */
const USUAL_DEPTHS: readonly number[] = [5, 10, 20, 25, 50, 100, 200, 400, 500];

/**
 * Computes the most levels a side that a snapshot over REST has. One that ends at a lesser depth than was asked for, as
 * from a copy that was made for another request, is not taken for the whole book.
 */
export function depthAnswered({ bids, asks, depth }: BookFrameBuffer): number {
  const longest = Math.max(bids.count, asks.count);
  return longest < depth && USUAL_DEPTHS.includes(longest) ? longest : depth;
}

/** Epoch milliseconds; NaN is none. */
export function isTime(timestampMs: number): boolean {
  return timestampMs >= 0 && timestampMs <= LATEST_TIME_MS;
}

/** Prices above zero and sizes not below, in a snapshot above. NaN fails every test. */
export function isSound(levels: LevelBuffer, isSnapshot: boolean): boolean {
  const { prices, sizes, count, zeros } = levels;
  if (zeros >= 0) return (zeros & 1) === 0 && (!isSnapshot || zeros === 0);
  for (let index = 0; index < count; index += 1) {
    const size = sizes[index] as number;
    if (!((prices[index] as number) > 0 && size >= 0) || (isSnapshot && size === 0)) return false;
  }
  return true;
}

/** True when bids fall and asks rise, without a price twice. */
export function isBestFirst(frame: BookFrameBuffer, isNarrow: boolean): boolean {
  const { bids, asks, priceScale } = frame;
  const priceAt = (levels: LevelBuffer, index: number): number | bigint =>
    isNarrow ? (levels.prices[index] as number) : levels.bigPriceAt(index, priceScale);
  for (let index = 1; index < bids.count; index += 1) {
    if (priceAt(bids, index - 1) <= priceAt(bids, index)) return false;
  }
  for (let index = 1; index < asks.count; index += 1) {
    if (priceAt(asks, index - 1) >= priceAt(asks, index)) return false;
  }
  return true;
}
