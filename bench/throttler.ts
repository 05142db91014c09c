import type { Result } from "./report.ts";
import { inTurn } from "./rounds.ts";
import type { ThrottlerSetup } from "./throttler/arms.ts";

const REQUESTS = 100_000;
const IN_WINDOW = [10, 1_000, 100_000] as const;

/** Room for a request that need not wait, as nearly every one. */
export async function benchThrottler({ passes }: { readonly passes: number }): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const inWindow of IN_WINDOW) {
    const setup: ThrottlerSetup = { requests: REQUESTS, inWindow };
    const contenders = [
      { name: "perpwire", key: "perpwire", arm: "perpwire", note: "three linked pools, sliding windows", setup },
      { name: "ccxt 4.5.84", key: "ccxt", arm: "ccxt", note: "one bucket, a promise a request", setup },
    ];
    const module = new URL("./throttler/arms.ts", import.meta.url).href;
    const figures = await inTurn({ module, contenders, passes, units: REQUESTS });
    const work = `${REQUESTS} requests a pass`;
    results.push({
      name: `room for a request, ${inWindow} in each window`,
      work,
      unit: "us a request",
      passes,
      figures,
    });
  }
  return results;
}
