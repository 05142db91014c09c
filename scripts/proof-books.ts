/**
 * Written and spoilt messages of the books of every venue, by seed: one book is given each message as a text, another its
 * bytes, and both are equal after each. A million messages of a venue, 5,000 a seed.
 *
 *   npm run proof:books [-- --messages 1000000] [--seed 1] [--venue okx_perpetual]
 *
 * Exit code 1 when two books differ, with the seed and the message, or when next to nothing was read from its bytes.
 */
import { wholeNumber } from "../packages/cli/src/arguments.ts";
import { DIALECTS } from "../test/support/books/dialects.ts";
import { compareWays } from "../test/support/books/two-ways.ts";
import { argumentsOf, chosenOf, readFlag } from "./arguments.ts";

const CONNECTORS = DIALECTS.map(({ connector }) => connector);
const values = argumentsOf(import.meta.filename, {
  messages: { type: "string", default: "1000000" },
  seed: { type: "string", default: "1" },
  venue: { type: "string", multiple: true, default: CONNECTORS },
});
const messages = readFlag("messages", values.messages, wholeNumber(1));
const firstSeed = readFlag("seed", values.seed, wholeNumber(0));
const names = chosenOf("venue", values.venue, CONNECTORS);

const MESSAGES_A_SEED = 5_000;
/** Shares of the messages that are spoilt, in turn: the layout of a stream is only learned where few are. */
const SPOILT = [0.02, 0.3, 0.6];
/** Of 100 messages: with every second one spoilt some 50 are read from their bytes. */
const MIN_SCANNED = 25;
const MAX_SHOWN = 3;

let isFine = true;
for (const dialect of DIALECTS.filter(({ connector }) => names.includes(connector))) {
  let [read, scanned, applied] = [0, 0, 0];
  const differences: string[] = [];
  for (let seed = firstSeed; read < messages && differences.length < MAX_SHOWN; seed += 1) {
    const frames = Math.min(MESSAGES_A_SEED, messages - read);
    const spoilt = SPOILT[seed % SPOILT.length] ?? 0;
    const compared = compareWays(dialect, seed, frames, spoilt);
    read += compared.frames;
    scanned += compared.scanned;
    applied += compared.applied;
    if (compared.difference === undefined) continue;
    differences.push(`seed ${seed}, message ${compared.frames}, ${spoilt} spoilt: ${compared.difference}`);
  }
  const isGood = differences.length === 0 && scanned * 100 >= read * MIN_SCANNED;
  isFine &&= isGood;
  console.log(
    `${isGood ? "fine" : "NOT FINE"}: ${dialect.connector}: ${read} messages, ${scanned} read from their bytes, ` +
      `${applied} applied, ${differences.length} differences`,
  );
  for (const difference of differences) console.log(`  ${difference}`);
}
process.exitCode = isFine ? 0 : 1;
