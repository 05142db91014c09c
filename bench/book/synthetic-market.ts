import { SeededRandom } from "../../test/support/books/random.ts";

/** Price in ticks of 0.1 and amount in lots of 0.001; no lots where the level is gone. */
export type Level = readonly [ticks: number, lots: number];

export interface Changes {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
}

export interface MarketOptions {
  readonly seed: number;
  /** Best levels a side that are followed; the whole book without it. */
  readonly view?: number | undefined;
}

const MIDDLE = 600_000;
/** Ticks that a price can be away from the middle. */
const RANGE = 16_384;
/** Ticks from the touch within which levels change: some 950 levels a side are there at a time. */
const DEPTH = 1_180;
/** Share of the edits that are near the touch, and how many ticks they are away from it in the mean. */
const NEAR_SHARE = 0.7;
const NEAR_MEAN_TICKS = 8;
/** Share of the edits of a level that take it away: four of five ticks hold a level then. */
const REMOVED_SHARE = 0.25;
const EDITS = 26;
const MOVES = 0.3;
const MAX_LOTS = 20_000;

/** One side. Places count from the middle away from the touch: the lowest is the best, on both sides. */
class SyntheticSide {
  readonly #sign: 1 | -1;
  readonly #lots = new Int32Array(2 * RANGE);
  /** Lots before the changes of this step, by place. */
  readonly #before = new Map<number, number>();
  readonly #view: number;
  /** The best place that is held. */
  best: number;
  /** The worst place that is seen, and how many levels are. */
  #worst: number;
  #seen = 0;
  #levels = 0;

  constructor(sign: 1 | -1, view: number) {
    this.#sign = sign;
    this.#view = view;
    this.best = RANGE + 1;
    this.#worst = this.best - 1;
  }

  /** The price of a place. */
  ticksOf(place: number): number {
    return MIDDLE + this.#sign * (place - RANGE);
  }

  placeOf(ticks: number): number {
    return this.#sign * (ticks - MIDDLE) + RANGE;
  }

  lotsAt(place: number): number {
    return this.#lots[place] ?? 0;
  }

  set(place: number, lots: number): void {
    const before = this.lotsAt(place);
    if (!this.#before.has(place)) this.#before.set(place, before);
    this.#lots[place] = lots;
    const change = Math.sign(lots) - Math.sign(before);
    this.#levels += change;
    if (place <= this.#worst) this.#seen += change;
    if (lots > 0) this.best = Math.min(this.best, place);
    else while (this.lotsAt(this.best) === 0) this.best += 1;
  }

  /** Changes of what is seen since the last call: also the levels that leave and enter as others enter and leave. */
  takeChanges(): Level[] {
    const was = this.#worst;
    this.#fit();
    const changes: Level[] = [];
    for (const [place, before] of this.#before) {
      const [old, now] = [place <= was ? before : 0, place <= this.#worst ? this.lotsAt(place) : 0];
      if (old !== now) changes.push([this.ticksOf(place), now]);
    }
    for (let place = this.#worst + 1; place <= was; place += 1) this.#moved(place, 0, changes);
    for (let place = was + 1; place <= this.#worst; place += 1) this.#moved(place, this.lotsAt(place), changes);
    this.#before.clear();
    return changes;
  }

  #moved(place: number, lots: number, changes: Level[]): void {
    if (this.lotsAt(place) > 0 && !this.#before.has(place)) changes.push([this.ticksOf(place), lots]);
  }

  #fit(): void {
    while (this.#seen > this.#view) {
      if (this.lotsAt(this.#worst) > 0) this.#seen -= 1;
      this.#worst -= 1;
    }
    while (this.#seen < Math.min(this.#view, this.#levels)) {
      this.#worst += 1;
      if (this.lotsAt(this.#worst) > 0) this.#seen += 1;
    }
  }

  /** All that is seen, best first. */
  levels(): Level[] {
    const levels: Level[] = [];
    for (let place = this.best; place <= this.#worst; place += 1) {
      if (this.lotsAt(place) > 0) levels.push([this.ticksOf(place), this.lotsAt(place)]);
    }
    return levels;
  }
}

/**
 * A perpetual of BTC whose touch wanders around 60,000 and comes back. Its changes are those of the best levels that are
 * seen, as Bybit and OKX send them, or of the whole book, as Binance does.
 */
export class SyntheticMarket {
  readonly #random: () => number;
  readonly #bids: SyntheticSide;
  readonly #asks: SyntheticSide;

  constructor({ seed, view = Number.POSITIVE_INFINITY }: MarketOptions) {
    const random = new SeededRandom(seed);
    this.#random = () => random.float();
    this.#bids = new SyntheticSide(-1, view);
    this.#asks = new SyntheticSide(1, view);
    for (const side of [this.#bids, this.#asks]) {
      const best = RANGE + 1;
      for (let distance = 0; distance < DEPTH; distance += 1) {
        if (distance === 0 || this.#random() > REMOVED_SHARE / (1 + REMOVED_SHARE))
          side.set(best + distance, this.#someLots());
      }
      side.takeChanges();
    }
  }

  /** Goes on to the next message. */
  step(): Changes {
    if (this.#random() < MOVES) this.#move();
    for (let edit = 0; edit < EDITS; edit += 1) this.#edit(this.#random() < 0.5 ? this.#bids : this.#asks);
    return { bids: this.#bids.takeChanges(), asks: this.#asks.takeChanges() };
  }

  /** The book that is seen, best first. */
  book(): Changes {
    return { bids: this.#bids.levels(), asks: this.#asks.levels() };
  }

  /** The touch goes up or down, rather towards the middle: the best level of one side goes and the other side follows. */
  #move(): void {
    const middle = (this.#bids.ticksOf(this.#bids.best) + this.#asks.ticksOf(this.#asks.best)) / 2;
    const isUp = this.#random() < 0.5 - (middle - MIDDLE) / 400;
    const [taken, following] = isUp ? [this.#asks, this.#bids] : [this.#bids, this.#asks];
    taken.set(taken.best, 0);
    this.#improve(following, taken);
  }

  #improve(side: SyntheticSide, other: SyntheticSide): void {
    const next = side.best - 1;
    if (other.placeOf(side.ticksOf(next)) < other.best) side.set(next, this.#someLots());
  }

  #edit(side: SyntheticSide): void {
    const distance = this.#random() < NEAR_SHARE ? this.#near() : this.#anywhere();
    // One of so many edits at the touch betters it, where there is room.
    if (distance === 0 && this.#random() < 0.5) {
      this.#improve(side, side === this.#bids ? this.#asks : this.#bids);
      return;
    }
    const place = side.best + distance;
    if (place >= 2 * RANGE) return;
    const isRemoved = side.lotsAt(place) > 0 && this.#random() < REMOVED_SHARE;
    side.set(place, isRemoved ? 0 : this.#someLots());
  }

  #near(): number {
    return Math.min(DEPTH - 1, Math.floor(Math.log(1 - this.#random()) / Math.log(1 - 1 / (NEAR_MEAN_TICKS + 1))));
  }

  #anywhere(): number {
    return Math.floor(DEPTH ** this.#random()) - 1;
  }

  #someLots(): number {
    return Math.ceil(MAX_LOTS ** this.#random());
  }
}
