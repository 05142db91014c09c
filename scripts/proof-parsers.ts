/**
 * Mutated payloads of every venue through each of its parsers: nothing but the project's own errors comes out, no
 * figure that was not sent is told, nothing takes long and nothing grows.
 *
 *   npm run proof:parsers [-- --payloads 100000] [--seed 1] [--venue okx_perpetual]
 */
import { parseArgs } from "node:util";
import { fuzzParsers } from "../test/support/fuzz/parser-fuzz.ts";
import { FUZZ_VENUES } from "../test/support/fuzz/venues.ts";

const { values } = parseArgs({
  options: {
    payloads: { type: "string", default: "100000" },
    seed: { type: "string", default: "1" },
    venue: { type: "string", multiple: true },
  },
});
const LONGEST_MS = 50;
const MOST_GROWTH_MB = 64;
const heapMb = (): number => {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

let failed = 0;
const chosen = FUZZ_VENUES.filter(({ venue }) => values.venue?.includes(venue.manifest.name) ?? true);
for (const one of chosen) {
  // Once before, so that what is compiled and kept once is no growth.
  await fuzzParsers(one, Number(values.seed) + 1, 2_000);
  const before = heapMb();
  const report = await fuzzParsers(one, Number(values.seed), Number(values.payloads));
  const grownMb = heapMb() - before;
  const { payloads, taken, unreadableRows, refused, longestMs, longestText, faults } = report;
  const isFine = faults.length === 0 && longestMs <= LONGEST_MS && grownMb <= MOST_GROWTH_MB;
  if (!isFine) failed += 1;
  console.log(
    `${one.venue.manifest.name} ${isFine ? "fine" : "NOT FINE"}: ${payloads} payloads, ${taken} facts taken, ` +
      `${refused} refused, ${unreadableRows} rows left out, longest ${longestMs.toFixed(1)} ms, ` +
      `heap ${grownMb.toFixed(1)} MB more, ${faults.length} faults`,
  );
  for (const fault of faults) console.log(`  ${fault}`);
  if (longestMs > LONGEST_MS) console.log(`  longest: ${longestText}`);
}
process.exitCode = failed === 0 ? 0 : 1;
