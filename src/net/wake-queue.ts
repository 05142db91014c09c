/** Something that is to be looked at again at `wakeMs`; infinite: not. */
export interface Sleeper {
  wakeMs: number;
}

interface Entry<T> {
  readonly atMs: number;
  readonly sleeper: T;
}

const TIDY_FROM = 256;

/**
 * Queue of sleepers by the time of their waking: a binary heap, in which an entry that its sleeper no longer stands by
 * is skipped.
 */
export class WakeQueue<T extends Sleeper> {
  #heap: Entry<T>[] = [];
  #tidyAt = TIDY_FROM;

  /** Wakes it at that time, unless an earlier time stands already. */
  schedule(sleeper: T, atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY || sleeper.wakeMs <= atMs) return;
    sleeper.wakeMs = atMs;
    if (this.#heap.length >= this.#tidyAt) this.#tidy();
    this.#add({ atMs, sleeper });
  }

  #add(entry: Entry<T>): void {
    const { atMs } = entry;
    const heap = this.#heap;
    let place = heap.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if ((heap[parent]?.atMs ?? 0) <= atMs) break;
      this.#swap(place, parent);
      place = parent;
    }
  }

  /** Time when the next one is due; infinite when nobody is. */
  get nextMs(): number {
    while (this.#heap[0] !== undefined && this.#heap[0].sleeper.wakeMs !== this.#heap[0].atMs) this.#pop();
    return this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY;
  }

  /** Takes out one that is due by then. */
  takeDue(nowMs: number): T | undefined {
    if (this.nextMs > nowMs) return undefined;
    const sleeper = this.#pop();
    if (sleeper !== undefined) sleeper.wakeMs = Number.POSITIVE_INFINITY;
    return sleeper;
  }

  /** Drops what nobody stands by, which else would stay until its time. */
  #tidy(): void {
    const valid = new Map<T, Entry<T>>();
    for (const entry of this.#heap) if (entry.sleeper.wakeMs === entry.atMs) valid.set(entry.sleeper, entry);
    this.#heap = [];
    for (const entry of valid.values()) this.#add(entry);
    this.#tidyAt = Math.max(TIDY_FROM, 2 * this.#heap.length);
  }

  #pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.sleeper;
    heap[0] = last;
    let place = 0;
    for (;;) {
      const left = 2 * place + 1;
      const right = left + 1;
      let least = place;
      if ((heap[left]?.atMs ?? Number.POSITIVE_INFINITY) < (heap[least]?.atMs ?? 0)) least = left;
      if ((heap[right]?.atMs ?? Number.POSITIVE_INFINITY) < (heap[least]?.atMs ?? 0)) least = right;
      if (least === place) return first.sleeper;
      this.#swap(place, least);
      place = least;
    }
  }

  #swap(left: number, right: number): void {
    const [first, second] = [this.#heap[left], this.#heap[right]];
    if (first === undefined || second === undefined) return;
    this.#heap[left] = second;
    this.#heap[right] = first;
  }
}
