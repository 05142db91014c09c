import type { Dialect, WrittenFrame, WrittenLevel } from "./dialects.ts";
import type { SeededRandom } from "./random.ts";

type Levels = Map<number, number>;

/** No side has more levels: it is what the checksum of FTX covers, and less than any other venue's window. */
const DEPTH = 100;
const MIDDLE = 970_000;

/** A random book, in tenths and thousandths, whose changes are written as a venue writes them. */
export class WrittenBook {
  readonly #random: SeededRandom;
  readonly #dialect: Dialect;
  readonly #bids: Levels = new Map();
  readonly #asks: Levels = new Map();
  #middle = MIDDLE;
  #id = 1_000;
  #timestampMs = 1_700_000_000_000;

  constructor(dialect: Dialect, random: SeededRandom) {
    this.#dialect = dialect;
    this.#random = random;
    for (let offset = 1; offset <= DEPTH; offset += 1) {
      if (random.chance(0.8)) this.#bids.set(MIDDLE - offset, this.#lots());
      if (random.chance(0.8)) this.#asks.set(MIDDLE + offset, this.#lots());
    }
  }

  snapshot(): WrittenFrame {
    const book = this.#book();
    return { isSnapshot: true, id: this.#id, timestampMs: this.#timestampMs, ...book, book: () => book };
  }

  next(): WrittenFrame {
    const random = this.#random;
    this.#id += this.#dialect.connector === "bybit_perpetual" ? 1 : 5;
    this.#timestampMs += 20;
    if (random.chance(0.002)) this.#middle += random.pick([-1, 1]) * random.integer(9_000);
    else if (random.chance(0.3)) this.#middle += random.pick([-1, 1]);
    const bids = this.#changed(this.#bids, -1);
    const asks = this.#changed(this.#asks, 1);
    return { isSnapshot: false, id: this.#id, timestampMs: this.#timestampMs, bids, asks, book: () => this.#book() };
  }

  #book(): { readonly bids: readonly WrittenLevel[]; readonly asks: readonly WrittenLevel[] } {
    return { bids: sorted(this.#bids, -1).map(written), asks: sorted(this.#asks, 1).map(written) };
  }

  #changed(levels: Levels, sign: 1 | -1): readonly WrittenLevel[] {
    const random = this.#random;
    const ticks = new Set<number>();
    const set = (tick: number, lots: number): void => {
      ticks.add(tick);
      if (lots === 0) levels.delete(tick);
      else levels.set(tick, lots);
    };
    for (const tick of [...levels.keys()]) if ((tick - this.#middle) * sign <= 0) set(tick, 0);
    const fewest = levels.size < 5 ? 5 : 0;
    for (let edit = Math.max(random.integer(8), fewest); edit > 0; edit -= 1) {
      const offset = random.chance(0.9) ? 1 + random.integer(12) : 1 + random.integer(20_000);
      set(this.#middle + sign * offset, random.chance(0.35) && fewest === 0 ? 0 : this.#lots());
    }
    if (levels.size > DEPTH) for (const [tick] of sorted(levels, sign).slice(DEPTH)) set(tick, 0);
    return [...ticks].map((tick) => written([tick, levels.get(tick) ?? 0]));
  }

  #lots(): number {
    return 1 + Math.floor(Math.exp(this.#random.float() * 9));
  }
}

function sorted(levels: Levels, sign: 1 | -1): readonly (readonly [number, number])[] {
  return [...levels].sort(([one], [other]) => sign * (one - other));
}

function written([tick, lots]: readonly [number, number]): WrittenLevel {
  return [(tick / 10).toFixed(1), lots === 0 ? "0" : (lots / 1_000).toFixed(3)];
}
