const PATIENCE_MS = 10_000;

/** Rejects when a promise takes longer than anything here may take, and says what did not come. */
export async function within<T>(promise: Promise<T>, what: string, patienceMs = PATIENCE_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`nothing in ${patienceMs} ms: ${what}`)), patienceMs);
  });
  try {
    return await Promise.race([promise, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}

interface Waiter<T> {
  readonly isWanted: (item: T) => boolean;
  readonly resolve: (item: T) => void;
}

/** Everything that came, in order, and those who wait for something. */
export class Inbox<T> {
  readonly items: T[] = [];
  readonly #waiters = new Set<Waiter<T>>();

  put(item: T): void {
    this.items.push(item);
    for (const waiter of [...this.#waiters]) {
      if (!waiter.isWanted(item)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve(item);
    }
  }

  /** The first one that came or will come. */
  first(isWanted: (item: T) => boolean, what: string): Promise<T> {
    const found = this.items.find(isWanted);
    return found === undefined ? this.next(isWanted, what) : Promise.resolve(found);
  }

  /** The first one that comes from now on. */
  next(isWanted: (item: T) => boolean, what: string): Promise<T> {
    const promise = new Promise<T>((resolve) => this.#waiters.add({ isWanted, resolve }));
    return within(promise, what);
  }
}
