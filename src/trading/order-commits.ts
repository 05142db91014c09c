import type { OrderJournal } from "./order-journal.ts";
import type { OrderRecord } from "./order-record.ts";
import type { News, UntoldNews } from "./untold-news.ts";

/**
 * Changes to orders as units: what one call changed goes to the journal in one write, and only then do the listeners
 * hear of it, in order. A listener may start another unit; its news follows what is still to be told.
 */
export class OrderCommits {
  readonly #journal: OrderJournal;
  readonly #untold: UntoldNews;
  readonly #changed = new Set<OrderRecord>();
  readonly #news: (() => void)[] = [];
  #isTelling = false;
  /** Hears of every record that a unit changed, before it is journalled. */
  onChanged: ((record: OrderRecord) => void) | undefined;

  constructor(journal: OrderJournal, untold: UntoldNews) {
    this.#journal = journal;
    this.#untold = untold;
  }

  changed(record: OrderRecord): void {
    this.#changed.add(record);
  }

  tell(news: () => void): void {
    this.#news.push(news);
  }

  /** Tells as `tell` does, for news that the next process tells where this one dies before it could. */
  owe(news: News, tell: () => void): void {
    this.tell(this.#untold.owe(news, tell));
  }

  run<T>(work: () => T): T {
    const result = this.#journal.batch(() => {
      const value = work();
      for (const record of this.#changed) this.onChanged?.(record);
      for (const record of this.#changed) this.#journal.saveOrder(record);
      this.#changed.clear();
      return value;
    });
    this.#tellAll();
    return result;
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
