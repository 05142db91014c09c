/** Time of this thread alone: the machine has other work too. */
const cpuMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
const TRIES = 4;
const SHOWN = 200;
/** Larger payloads may take longer, in proportion. */
const UNIT_LENGTH = 100_000;

/** Finds the longest work on one payload, or on a hundred thousand characters of it. */
export class WorkWatch {
  longestMs = 0;
  longestText = "";
  /** Of everything that is done aside: to find the figures in a text takes longer than to parse it. */
  #asideMs = 0;

  aside(work: () => void): void {
    const beganMs = cpuMs();
    work();
    this.#asideMs += cpuMs() - beganMs;
  }

  timed<T>(text: string, work: () => T): T {
    const beganMs = this.#nowMs();
    try {
      return work();
    } finally {
      const units = Math.max(1, text.length / UNIT_LENGTH);
      const ms = (this.#nowMs() - beganMs) / units;
      if (ms > this.longestMs) this.#again(ms, units, text, work);
    }
  }

  #nowMs(): number {
    return cpuMs() - this.#asideMs;
  }

  /** What took long may have been interrupted: it is done again, and its shortest time counts. */
  #again(ms: number, units: number, text: string, work: () => unknown): void {
    let shortestMs = ms;
    for (let tries = 0; tries < TRIES && shortestMs > this.longestMs; tries += 1) {
      const beganMs = this.#nowMs();
      try {
        work();
      } catch {
        // It failed the first time as well.
      }
      shortestMs = Math.min(shortestMs, (this.#nowMs() - beganMs) / units);
    }
    if (shortestMs <= this.longestMs) return;
    this.longestMs = shortestMs;
    this.longestText = text.slice(0, SHOWN);
  }
}
