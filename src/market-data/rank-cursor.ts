import { type NarrowSide, NO_LEVEL } from "./side-view.ts";

/** Cursor of a level by its rank. Levels are read in their order: the next one is a step from the one before. */
export class RankCursor {
  readonly #side: Pick<NarrowSide, "best" | "worse">;
  #rank = NO_LEVEL;
  #cursor = NO_LEVEL;

  constructor(side: Pick<NarrowSide, "best" | "worse">) {
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
