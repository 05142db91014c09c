import { type LevelColumns, moved } from "./level-columns.ts";

const INITIAL_CAPACITY = 64;
/** Length below which a loop beats the fixed cost of `copyWithin`. */
const SHORT_MOVE = 24;

/**
 * Levels in ascending order of their keys, in the middle of arrays with room at both ends, so that an edit moves the
 * levels between it and the nearer end.
 */
export class SortedLevels {
  keys: Float64Array = new Float64Array(INITIAL_CAPACITY);
  sizes: Float64Array = new Float64Array(INITIAL_CAPACITY);
  start = INITIAL_CAPACITY / 2;
  end = INITIAL_CAPACITY / 2;
  readonly #columns: LevelColumns | undefined;
  /** Place of index 0 in the columns. */
  readonly #offset: number;

  constructor(columns: LevelColumns | undefined, offset: number) {
    this.#columns = columns;
    this.#offset = offset;
    columns?.resize(offset + INITIAL_CAPACITY);
  }

  get count(): number {
    return this.end - this.start;
  }

  clear(): void {
    this.start = this.keys.length >>> 1;
    this.end = this.start;
  }

  /** First index whose key is at least `key`, galloping from the best level, where most edits are. */
  find(key: number): number {
    const { keys, start } = this;
    let high = this.end;
    let probe = high - 1;
    let step = 1;
    while (probe >= start && (keys[probe] as number) >= key) {
      high = probe;
      probe -= step;
      step *= 2;
    }
    let low = probe < start ? start : probe + 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((keys[middle] as number) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Changes the size of the level at an index. */
  resize(at: number, size: number): void {
    this.sizes[at] = size;
    this.#columns?.forget(this.#offset + at);
  }

  insert(found: number, key: number, size: number): void {
    let at = found;
    if (this.end === this.keys.length || this.start === 0) at += this.#makeRoom();
    if (this.end - at <= at - this.start) {
      this.#move(at, this.end, at + 1);
      this.end += 1;
    } else {
      this.#move(this.start, at, this.start - 1);
      this.start -= 1;
      at -= 1;
    }
    this.keys[at] = key;
    this.resize(at, size);
  }

  remove(at: number): void {
    if (this.end - at <= at - this.start) {
      this.#move(at + 1, this.end, at);
      this.end -= 1;
    } else {
      this.#move(this.start, at, this.start + 1);
      this.start += 1;
    }
  }

  /** Moves levels `[from, to)` to `target`, one place up or down. */
  #move(from: number, to: number, target: number): void {
    if (from === to) return;
    const { keys, sizes } = this;
    if (to - from > SHORT_MOVE || this.#columns !== undefined) {
      keys.copyWithin(target, from, to);
      sizes.copyWithin(target, from, to);
      this.#columns?.move(this.#offset + from, this.#offset + to, this.#offset + target);
    } else if (target < from) {
      for (let at = from; at < to; at += 1) {
        keys[at - 1] = keys[at] as number;
        sizes[at - 1] = sizes[at] as number;
      }
    } else {
      for (let at = to - 1; at >= from; at -= 1) {
        keys[at + 1] = keys[at] as number;
        sizes[at + 1] = sizes[at] as number;
      }
    }
  }

  /** Centres the levels, in arrays twice as long when they are more than half full; returns how far they moved. */
  #makeRoom(): number {
    const { count, start, end } = this;
    const capacity = count * 2 > this.keys.length ? this.keys.length * 2 : this.keys.length;
    const target = (capacity - count) >>> 1;
    this.keys = moved(this.keys, new Float64Array(capacity), start, end, target);
    this.sizes = moved(this.sizes, new Float64Array(capacity), start, end, target);
    this.#columns?.resize(this.#offset + capacity);
    this.#columns?.move(this.#offset + start, this.#offset + end, this.#offset + target);
    this.start = target;
    this.end = target + count;
    return target - start;
  }
}
