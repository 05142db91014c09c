const underWay = new Set<Promise<unknown>>();

/**
 * Marks work that takes real time also where time is simulated, such as loading a module: virtual time stands still
 * until it is done. Without that a busy machine, where loading takes long, lets minutes of virtual time go by meanwhile.
 */
export function realWork<T>(work: Promise<T>): Promise<T> {
  underWay.add(work);
  const end = (): void => {
    underWay.delete(work);
  };
  work.then(end, end);
  return work;
}

export function isRealWorkUnderWay(): boolean {
  return underWay.size > 0;
}

/** Resolves when all of the work that is under way now has ended, however it did. */
export async function realWorkDone(): Promise<void> {
  await Promise.allSettled(underWay);
}
