import { setTimeout as pause } from "node:timers/promises";

const TRY_AGAIN_MS = 5;
const PATIENCE_MS = 10_000;

/** Asks again and again, for what no event tells of; returns the first answer that is not undefined. */
export async function until<T>(what: string, ask: () => T | undefined | Promise<T | undefined>): Promise<T> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (performance.now() > deadlineMs) throw new Error(`not in ${PATIENCE_MS} ms: ${what}`);
    await pause(TRY_AGAIN_MS);
  }
}
