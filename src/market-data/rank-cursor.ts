import { NO_LEVEL } from "./side-view.ts";

/** A side as far as its levels are walked. */
interface WalkedSide {
  readonly best: number;
  worse(cursor: number): number;
}

/** Cursor of a level by its rank. Levels are read in their order: the next one is a step from the one before. */
export class RankCursor {
  readonly #side: WalkedSide;
  #rank = NO_LEVEL;
  #cursor = NO_LEVEL;

  constructor(side: WalkedSide) {
    this.#side = side;
  }

  /** The side has changed. */
  forget(): void {
    this.#rank = NO_LEVEL;
  }

  at(rank: number): number {
    if (rank < this.#rank || this.#rank === NO_LEVEL) {
      this.#rank = 0;
      this.#cursor = this.#side.best;
    }
    while (this.#rank < rank && this.#cursor !== NO_LEVEL) {
      this.#cursor = this.#side.worse(this.#cursor);
      this.#rank += 1;
    }
    if (this.#cursor === NO_LEVEL) throw new RangeError(`no level has the rank ${rank}`);
    return this.#cursor;
  }
}
