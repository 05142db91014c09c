import type { OrderChanges } from "./order-changes.ts";
import type { OrderJournal } from "./order-journal.ts";
import type { OrderRecord } from "./order-record.ts";
import type { News, UntoldNews } from "./untold-news.ts";

export interface OrderCommitsOptions {
  readonly journal: OrderJournal;
  readonly untold: UntoldNews;
  /** Hears why records change, within the unit that changes them. */
  readonly changes: OrderChanges;
  /** Hears of every record that was changed, before it is journalled and before the next piece of its unit. */
  onChanged(record: OrderRecord): void;
  /** A unit is whole: what is written to the journal now goes to disk with it. */
  onUnitEnd(): void;
}

/**
 * Changes to orders as units: what one unit changed goes to the journal in one write, and only then do the listeners
 * hear of it, in order. A piece of work within a unit is a part of it. A listener may start another unit; its news
 * follows what is still to be told.
 */
export class OrderCommits {
  readonly #options: OrderCommitsOptions;
  readonly #changed = new Set<OrderRecord>();
  /** Changed records that `onChanged` has not heard of. */
  readonly #unheard = new Set<OrderRecord>();
  readonly #news: (() => void)[] = [];
  #isUnderWay = false;
  #isTelling = false;

  constructor(options: OrderCommitsOptions) {
    this.#options = options;
  }

  changed(record: OrderRecord): void {
    this.#changed.add(record);
    this.#unheard.add(record);
  }

  /** Tells when the unit that is under way is on disk; at once where none is. */
  tell(news: () => void): void {
    this.#news.push(news);
    if (!this.#isUnderWay) this.#tellAll();
  }

  /** Tells as `tell` does, for news that the next process tells where this one dies before it could. */
  owe(news: News, tell: () => void): void {
    this.tell(this.#options.untold.owe(news, tell));
  }

  run<T>(work: () => T): T {
    if (this.#isUnderWay) return this.#piece(work);
    const { journal, changes, onUnitEnd } = this.#options;
    this.#isUnderWay = true;
    try {
      return journal.batch(() => {
        try {
          return this.#piece(work);
        } finally {
          for (const record of this.#changed) {
            changes.append(record);
            journal.saveOrder(record);
          }
          this.#changed.clear();
          changes.settled();
          onUnitEnd();
        }
      });
    } finally {
      this.#isUnderWay = false;
      this.#tellAll();
    }
  }

  #piece<T>(work: () => T): T {
    try {
      return work();
    } finally {
      for (const record of this.#unheard) this.#options.onChanged(record);
      this.#unheard.clear();
    }
  }

  #tellAll(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#news.shift(); next !== undefined; next = this.#news.shift()) next();
    } finally {
      this.#isTelling = false;
    }
  }
}
