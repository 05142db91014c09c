import { type Level, LevelLadder } from "./level-ladder.ts";
import type { EngineEvent, Side } from "./types.ts";

interface TouchedLevel {
  readonly side: Side;
  readonly rank: number;
  readonly price: bigint;
  readonly sizeBefore: bigint;
}

/** Fields of a resting order that the book needs, and its place in the book. */
export interface Resting<Order> {
  readonly side: Side;
  readonly size: bigint;
  readonly filled: bigint;
  level: Level<Order> | null;
  ahead: Order | null;
  behind: Order | null;
}

const remaining = ({ size, filled }: Pick<Resting<unknown>, "size" | "filled">): bigint => size - filled;

/** The resting orders of one market in price-time priority. Remembers which levels a command touched. */
export class Book<Order extends Resting<Order>> {
  /** All prices are multiples of it: the finest tick that the market has had. */
  #grain: bigint;
  readonly #ladders: Record<Side, LevelLadder<Order>> = { buy: new LevelLadder(), sell: new LevelLadder() };
  readonly #touched: Readonly<Record<Side, Map<number, TouchedLevel>>> = { buy: new Map(), sell: new Map() };

  readonly #onTouched: () => void;

  /** `onTouched` hears of the first level that a command touches. */
  constructor(tick: bigint, onTouched: () => void) {
    this.#grain = tick;
    this.#onTouched = onTouched;
  }

  /** Further prices are multiples of this tick. */
  setTick(tick: bigint): void {
    const grain = commonDivisor(this.#grain, tick);
    if (grain === this.#grain) return;
    this.#grain = grain;
    for (const side of ["buy", "sell"] as const) {
      const ladder = new LevelLadder<Order>();
      for (let old = this.best(side); old !== null; old = old.next[0] ?? null) {
        const level = ladder.insert(this.#rank(side, old.price), old.price);
        level.size = old.size;
        level.first = old.first;
        level.last = old.last;
        for (let order = level.first; order !== null; order = order.behind) order.level = level;
      }
      this.#ladders[side] = ladder;
    }
  }

  /** The best level of the side's own orders: for `buy` the best bid. */
  best(side: Side): Level<Order> | null {
    return this.#ladders[side].best;
  }

  levelCount(side: Side): number {
    return this.#ladders[side].count;
  }

  levels(side: Side, depth: number): (readonly [bigint, bigint])[] {
    const levels: (readonly [bigint, bigint])[] = [];
    for (let level = this.best(side); level !== null && levels.length < depth; level = level.next[0] ?? null) {
      levels.push([level.price, level.size]);
    }
    return levels;
  }

  /** Tells that an order at this price would trade at once. */
  crosses(side: Side, price: bigint): boolean {
    const level = this.best(side === "buy" ? "sell" : "buy");
    return level !== null && isWithin(side, level.price, price);
  }

  /** Puts what is left of an order at the end of its level's queue. */
  add(order: Order, price: bigint): void {
    const rank = this.#rank(order.side, price);
    const ladder = this.#ladders[order.side];
    const level = ladder.at(rank) ?? ladder.insert(rank, price);
    this.#touch(order.side, level);
    level.size += remaining(order);
    order.level = level;
    order.ahead = level.last;
    if (level.last === null) level.first = order;
    else level.last.behind = order;
    level.last = order;
  }

  /**
   * Lets an order meet the best ones of the other side within the limit, by price and then by age, while any of it is
   * left. `meet` trades with such an order, or takes it out of the book.
   */
  match(taker: Order, limit: bigint, meet: (maker: Order, price: bigint) => void): void {
    const makerSide = taker.side === "buy" ? "sell" : "buy";
    while (taker.size > taker.filled) {
      const level = this.best(makerSide);
      const maker = level?.first ?? null;
      if (level === null || maker === null || !isWithin(taker.side, level.price, limit)) return;
      meet(maker, level.price);
    }
  }

  /** Takes size off a resting order that keeps its place. The caller has not changed the order yet. */
  shrink(order: Order, size: bigint): void {
    if (order.level === null) return;
    this.#touch(order.side, order.level);
    order.level.size -= size;
  }

  /** Takes a resting order and what is left of it out of the book. */
  remove(order: Order): void {
    const { level, ahead, behind } = order;
    if (level === null) return;
    this.#touch(order.side, level);
    level.size -= remaining(order);
    if (ahead === null) level.first = behind;
    else ahead.behind = behind;
    if (behind === null) level.last = ahead;
    else behind.ahead = ahead;
    order.level = null;
    order.ahead = null;
    order.behind = null;
    if (level.first === null) this.#ladders[order.side].remove(level);
  }

  /** Reports the levels that are not as they were since the last call, in the order in which they were touched. */
  reportChanges(market: string, events: EngineEvent[]): void {
    for (const side of ["buy", "sell"] as const) {
      const touched = this.#touched[side];
      if (touched.size === 0) continue;
      for (const { rank, price, sizeBefore } of touched.values()) {
        const size = this.#ladders[side].at(rank)?.size ?? 0n;
        if (size !== sizeBefore) events.push({ type: "bookLevel", market, side, price, size });
      }
      touched.clear();
    }
  }

  #rank(side: Side, price: bigint): number {
    const grains = Number(price / this.#grain);
    return side === "buy" ? -grains : grains;
  }

  #touch(side: Side, level: Level<Order>): void {
    const touched = this.#touched[side];
    if (touched.has(level.rank)) return;
    this.#onTouched();
    touched.set(level.rank, { side, rank: level.rank, price: level.price, sizeBefore: level.size });
  }
}

export function isWithin(side: Side, price: bigint, limit: bigint): boolean {
  return side === "buy" ? price <= limit : price >= limit;
}

function commonDivisor(left: bigint, right: bigint): bigint {
  return right === 0n ? left : commonDivisor(right, left % right);
}
