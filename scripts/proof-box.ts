/**
 * Random calls of every route of every protocol of the box: each is answered, a refusal has the protocol's code, an order
 * that was taken is there, the books add up, and nothing takes long or grows.
 *
 *   npm run proof:box [-- --requests 20000] [--seed 1] [--api okx]
 */
import { wholeNumber } from "../packages/cli/src/arguments.ts";
import { PROTOCOL_NAMES } from "../src/paper/protocols/protocols.ts";
import { fuzzBox } from "../test/support/fuzz/box-fuzz.ts";
import { argumentsOf, chosenOf, readFlag } from "./arguments.ts";

const values = argumentsOf(import.meta.filename, {
  requests: { type: "string", default: "20000" },
  seed: { type: "string", default: "1" },
  api: { type: "string", multiple: true, default: [...PROTOCOL_NAMES] },
});
const seed = readFlag("seed", values.seed, wholeNumber(0));
const requests = readFlag("requests", values.requests, wholeNumber(1));
const MAX_MS = 500;
const MAX_GROWTH_MB = 64;
const heapMb = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

let failed = 0;
for (const api of chosenOf("api", values.api, PROTOCOL_NAMES)) {
  // A first round, so that what is compiled and kept once does not count as growth.
  await fuzzBox(api, seed + 1, 1_000);
  const before = heapMb();
  const report = await fuzzBox(api, seed, requests);
  const grownMb = heapMb() - before;
  const { succeeded, changed, refused, longestMs, longestText, faults } = report;
  const isFine = faults.length === 0 && longestMs <= MAX_MS && grownMb <= MAX_GROWTH_MB;
  if (!isFine) failed += 1;
  console.log(
    `${api} ${isFine ? "fine" : "NOT FINE"}: ${report.requests} requests, ${succeeded} done, ${changed} of them changes, ` +
      `${refused} refused, longest ${longestMs.toFixed(1)} ms, heap ${grownMb.toFixed(1)} MB more, ${faults.length} faults`,
  );
  for (const fault of faults) console.log(`  ${fault}`);
  if (longestMs > MAX_MS) console.log(`  longest: ${longestText}`);
}
process.exitCode = failed === 0 ? 0 : 1;
