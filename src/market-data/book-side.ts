import type { LevelBuffer } from "./level-buffer.ts";
import type { LevelColumns } from "./level-columns.ts";
import { RankCursor } from "./rank-cursor.ts";
import { greatestStep, MAX_SCALED, powerOfTen } from "./scaled.ts";
import { type AscendingLevels, ascendingLevels } from "./side-levels.ts";
import { NO_LEVEL, type SideView } from "./side-view.ts";
import { leastSlot, slotBelow, slotsFrom } from "./slot-bits.ts";
import { SortedLevels } from "./sorted-levels.ts";

const SLOTS = 4_096;
/** Slot of the best level when the ladder is placed: prices may get better by a quarter of it, and worse by the rest. */
const PLACED_AT = 3_072;
/** Greatest step with exact keys in all slots. Few levels lie farther apart: their step is 1, which divides any. */
const MAX_STEP = Math.floor((Number.MAX_SAFE_INTEGER - MAX_SCALED) / SLOTS);
/** Levels that lie in no slot are taken in when the best one is below this. */
const LOWEST_BEST = 512;

/**
 * One side of a book. Its near levels are a ladder: a slot for each multiple of the step between prices, and a bit for each
 * slot that has a level, so that an edit costs the same wherever it is. Levels below the ladder are in sorted arrays,
 * and the ladder is placed anew when the best price leaves it. Keys are prices for bids and negated prices for asks: the
 * best level has the greatest. A cursor names a level until the side changes.
 */
export class BookSide implements SideView {
  #maxLevels: number;
  /** Number of levels known when the side was last cut off at a depth; NaN when the whole side is known. */
  knownCount = Number.NaN;
  /** Levels with lesser keys are unknown and are dropped: a single one would look as if it were the next level. */
  #horizonKey = Number.NEGATIVE_INFINITY;
  readonly #sizes = new Float64Array(SLOTS);
  readonly #bits: Int32Array;
  readonly #far: SortedLevels;
  /** Key of slot 0; NaN before the ladder is placed. */
  #base = Number.NaN;
  /** Difference of the keys of two neighbouring slots. */
  #step = 1;
  #perStep = 1;
  /** Difference of the keys of the lowest slot and the highest. */
  #reach = SLOTS - 1;
  #nearCount = 0;
  /** Most levels that the ladder may have: those that are allowed less those below it. */
  #room: number;
  /** Slot of the best level; the ladder is empty only when the side is. */
  #best = NO_LEVEL;
  /** No slot below this one has a level. */
  #lowest = SLOTS;
  readonly #ranks = new RankCursor(this);
  readonly #sign: 1 | -1;
  readonly #columns: LevelColumns | undefined;

  constructor(side: "bid" | "ask", maxLevels: number, columns?: LevelColumns) {
    this.#sign = side === "bid" ? 1 : -1;
    this.#maxLevels = maxLevels;
    this.#room = maxLevels;
    this.#columns = columns;
    this.#bits = columns?.bits ?? new Int32Array(SLOTS / 32);
    columns?.resize(SLOTS);
    this.#far = new SortedLevels(columns, SLOTS);
  }

  /** The worst levels beyond this many are let go. */
  get maxLevels(): number {
    return this.#maxLevels;
  }

  get count(): number {
    return this.#nearCount + this.#far.count;
  }

  /** Number of levels in the ladder. */
  get nearCount(): number {
    return this.#nearCount;
  }

  /** The best price, scaled; NaN when there is none. */
  get bestPrice(): number {
    return this.#best < 0 ? Number.NaN : (this.#base + this.#best * this.#step) * this.#sign;
  }

  get bestSize(): number {
    return this.#best < 0 ? Number.NaN : (this.#sizes[this.#best] as number);
  }

  /** Cursor of the best level; `NO_LEVEL` when there is none. */
  get best(): number {
    return this.#best;
  }

  /** Cursor of the next worse level; `NO_LEVEL` when there is none. */
  worse(cursor: number): number {
    const far = this.#far;
    if (cursor >= SLOTS) return cursor - 1 >= SLOTS + far.start ? cursor - 1 : NO_LEVEL;
    const slot = slotBelow(this.#bits, cursor);
    return slot >= 0 || far.end === far.start ? slot : SLOTS + far.end - 1;
  }

  /** Writes the cursors of the best levels, as many as there is room for; returns how many. */
  cursors(into: Int32Array): number {
    let count = slotsFrom(this.#bits, this.#best, into);
    const far = this.#far;
    for (let at = far.end - 1; at >= far.start && count < into.length; at -= 1) {
      into[count] = SLOTS + at;
      count += 1;
    }
    return count;
  }

  /** The price of a cursor's level, scaled. */
  priceOf(cursor: number): number {
    return this.#keyOf(cursor) * this.#sign;
  }

  sizeOf(cursor: number): number {
    return (cursor < SLOTS ? this.#sizes[cursor] : this.#far.sizes[cursor - SLOTS]) as number;
  }

  priceAt(rank: number): bigint {
    return BigInt(this.priceOf(this.#ranks.at(rank)));
  }

  sizeAt(rank: number): bigint {
    return BigInt(this.sizeOf(this.#ranks.at(rank)));
  }

  get horizon(): bigint | undefined {
    if (Number.isNaN(this.knownCount)) return undefined;
    const key = this.#horizonKey === Number.NEGATIVE_INFINITY ? this.#keyOf(this.#worst()) : this.#horizonKey;
    return BigInt(key * this.#sign);
  }

  get horizonKey(): number {
    return this.#horizonKey;
  }

  clear(maxLevels: number): void {
    this.#maxLevels = maxLevels;
    this.#empty();
    this.knownCount = Number.NaN;
    this.#horizonKey = Number.NEGATIVE_INFINITY;
  }

  /** Forgets where the ladder was: the next prices have another scale. */
  unplace(): void {
    this.#base = Number.NaN;
  }

  /** Nothing is known beyond the worst level, and no diff will tell what is there. */
  cutOff(): void {
    if (this.count === 0) return;
    this.knownCount = this.count;
    this.#horizonKey = this.#keyOf(this.#worst());
  }

  /** Lets the worst levels beyond `depth` go; what enters the best `depth` will be told. */
  keepBest(depth: number): void {
    if (this.count < depth) return;
    while (this.count > depth) this.#removeWorst();
    this.knownCount = depth;
  }

  /** Sets a level's size; 0 removes it, also when it is not there. Values are scaled like the book. */
  set(price: number, size: number): void {
    const key = price * this.#sign;
    const offset = key - this.#base;
    const slot = (offset * this.#perStep + 0.5) | 0;
    if (offset >= 0 && offset <= this.#reach && slot * this.#step === offset) this.#setNear(slot, key, size);
    else this.#setElsewhere(key, size, offset);
  }

  /** Sets the levels of a message, in its order. */
  apply({ prices, sizes, count }: LevelBuffer): void {
    for (let index = this.#applyNear(prices, sizes, 0, count); index < count; ) {
      this.set(prices[index] as number, sizes[index] as number);
      index = this.#applyNear(prices, sizes, index + 1, count);
    }
  }

  /**
   * Sets levels as `#setNear` does, as long as they are in slots of the ladder and above the horizon; returns the place of the
   * first that is not. Fields are read once: V8 reads them again after each write to a column.
   */
  #applyNear(prices: Float64Array, sizes: Float64Array, from: number, count: number): number {
    // A checksum's columns are told of each level.
    if (this.#columns !== undefined) return from;
    const [own, bits, sign, base, step] = [this.#sizes, this.#bits, this.#sign, this.#base, this.#step];
    const [perStep, reach, horizonKey] = [this.#perStep, this.#reach, this.#horizonKey];
    const room = Math.min(this.#room, SLOTS + 1) | 0;
    let [near, top, lowest] = [this.#nearCount, this.#best, this.#lowest];
    let at = from;
    for (; at < count; at += 1) {
      const key = (prices[at] as number) * sign;
      const offset = key - base;
      if (!(offset >= 0 && offset <= reach) || key < horizonKey || near >= room) break;
      const slot = step === 1 ? offset | 0 : (offset * perStep + 0.5) | 0;
      if (step !== 1 && slot * step !== offset) break;
      const size = sizes[at] as number;
      const isThere = Number(size > 0);
      if (slot > top) top = slot;
      const word = slot >> 5;
      const place = slot & 31;
      const before = bits[word] as number;
      own[slot] = size;
      bits[word] = (before & ~(1 << place)) | (isThere << place);
      near += isThere - ((before >>> place) & 1);
      if (slot < lowest) lowest = slot;
    }
    this.#nearCount = near;
    this.#lowest = lowest;
    this.#ranks.forget();
    if (top !== this.#best || own[top] === 0) this.#touched(top);
    return at;
  }

  /** Adds digits to every price and size; only where `fitsWith()` is true. */
  rescale(priceDigits: number, sizeDigits: number): void {
    const priceFactor = powerOfTen(priceDigits);
    const sizeFactor = powerOfTen(sizeDigits);
    this.#horizonKey *= priceFactor;
    const best = this.bestPrice * this.#sign * priceFactor;
    const { keys, sizes, count } = this.#taken();
    for (let at = 0; at < count; at += 1) {
      keys[at] = (keys[at] as number) * priceFactor;
      sizes[at] = (sizes[at] as number) * sizeFactor;
    }
    this.#base = Number.NaN;
    if (count > 0) this.#putBack({ keys, sizes, count }, best);
  }

  #keyOf(cursor: number): number {
    return cursor < SLOTS ? this.#base + cursor * this.#step : (this.#far.keys[cursor - SLOTS] as number);
  }

  /**
   * Sets the size of a slot. Whether a level is new, changed or gone is as good as random: a branch for it would be
   * predicted wrongly every second time, which costs more than everything else here.
   */
  #setNear(slot: number, key: number, size: number): void {
    const isFull = key < this.#horizonKey || this.#nearCount >= this.#room;
    if (isFull && size > 0 && this.#sizes[slot] === 0) {
      this.#addToFull(slot, key, size);
      return;
    }
    const bits = this.#bits;
    const word = slot >> 5;
    const place = slot & 31;
    const before = bits[word] as number;
    const isThere = Number(size > 0);
    this.#sizes[slot] = size;
    bits[word] = (before & ~(1 << place)) | (isThere << place);
    this.#nearCount += isThere - ((before >>> place) & 1);
    this.#ranks.forget();
    if (slot < this.#lowest) this.#lowest = slot;
    if (slot >= this.#best) this.#touched(slot);
    this.#columns?.forget(slot);
  }

  /** Levels were set or taken away of which this is the best, at or above the best one. */
  #touched(slot: number): void {
    this.#best = this.#sizes[slot] === 0 ? slotBelow(this.#bits, slot) : slot;
    if (this.#best < LOWEST_BEST && this.#far.count > 0) this.#place(Number.NaN);
  }

  /** A new level where it is below the horizon, or where the worst has to go for it. */
  #addToFull(slot: number, key: number, size: number): void {
    if (key < this.#horizonKey || !this.#makeRoomFor(key)) return;
    this.#setNear(slot, key, size);
    this.cutOff();
  }

  /** Lets the worst level of a full side go; false, with the side cut off, when a new one would be worse still. */
  #makeRoomFor(key: number): boolean {
    if (key < this.#keyOf(this.#worst())) {
      this.cutOff();
      return false;
    }
    this.#removeWorst();
    return true;
  }

  #removeWorst(): void {
    const far = this.#far;
    this.#ranks.forget();
    if (far.count > 0) this.#removeFar(far.start);
    else this.#setNear(this.#worst(), Number.POSITIVE_INFINITY, 0);
  }

  /** Cursor of the worst level of a side that has one. */
  #worst(): number {
    const far = this.#far;
    if (far.count > 0) return SLOTS + far.start;
    this.#lowest = leastSlot(this.#bits, this.#lowest);
    return this.#lowest;
  }

  /** A level that has no slot: it is below the ladder, above it, or between two slots. */
  #setElsewhere(key: number, size: number, offset: number): void {
    if (offset < 0) {
      this.#setFar(key, size);
    } else if (size > 0 && key >= this.#horizonKey) {
      this.#place(key);
      this.set(key * this.#sign, size);
    }
  }

  #setFar(key: number, size: number): void {
    const far = this.#far;
    let at = far.find(key);
    if (at < far.end && far.keys[at] === key) {
      if (size === 0) {
        this.#removeFar(at);
      } else if (far.sizes[at] !== size) {
        far.resize(at, size);
      }
      return;
    }
    if (size === 0 || key < this.#horizonKey) return;
    if (this.#nearCount === 0) {
      this.#place(key);
      this.set(key * this.#sign, size);
      return;
    }
    const isFull = this.count >= this.#maxLevels;
    if (isFull) {
      if (!this.#makeRoomFor(key)) return;
      at = far.find(key);
    }
    far.insert(at, key, size);
    this.#room -= 1;
    this.#ranks.forget();
    if (isFull) this.cutOff();
  }

  #removeFar(at: number): void {
    this.#far.remove(at);
    this.#room += 1;
    this.#ranks.forget();
  }

  /** Places the ladder anew, with a slot for the best level and for a key that is to come, where that is a number. */
  #place(key: number): void {
    const best = this.#best >= 0 ? this.#keyOf(this.#best) : (this.#far.keys[this.#far.end - 1] as number);
    const levels = this.#taken();
    if (levels.count === 0) this.#base = key - PLACED_AT * this.#step;
    else this.#putBack(levels, best, key);
  }

  /** Takes all levels out of the side. */
  #taken(): AscendingLevels {
    const far = this.#far;
    // Levels below an empty ladder: the last of its own has just gone.
    const best = this.#best < 0 && far.count > 0 ? SLOTS + far.end - 1 : this.#best;
    const levels = ascendingLevels(this, best, this.#sign);
    this.#empty();
    return levels;
  }

  #putBack({ keys, sizes, count }: AscendingLevels, best: number, key = Number.NaN): void {
    const step = greatestStep(keys, count, best, key);
    this.#step = step > MAX_STEP ? 1 : step;
    this.#perStep = 1 / this.#step;
    this.#reach = (SLOTS - 1) * this.#step;
    this.#base = (key > best ? key : best) - PLACED_AT * this.#step;
    const far = this.#far;
    for (let at = 0; at < count; at += 1) {
      const own = keys[at] as number;
      if (own < this.#base) {
        far.insert(far.end, own, sizes[at] as number);
        this.#room -= 1;
        continue;
      }
      const slot = Math.round((own - this.#base) * this.#perStep);
      this.#sizes[slot] = sizes[at] as number;
      const word = slot >> 5;
      this.#bits[word] = (this.#bits[word] as number) | (1 << (slot & 31));
      if (this.#nearCount === 0) this.#lowest = slot;
      this.#nearCount += 1;
      this.#best = slot;
    }
  }

  #empty(): void {
    for (let slot = this.#best; slot >= 0; slot = slotBelow(this.#bits, slot)) this.#sizes[slot] = 0;
    this.#bits.fill(0);
    this.#far.clear();
    this.#nearCount = 0;
    this.#room = this.#maxLevels;
    this.#best = NO_LEVEL;
    this.#lowest = SLOTS;
    this.#ranks.forget();
    this.#columns?.clear();
  }
}
