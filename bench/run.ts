/**
 * Benchmarks against peers, all contenders of one in the same process, pass by pass in turn. Quote medians and ratios:
 * machines are noisy.
 *
 *   npm run bench -- book [--passes 15] [--json]
 */
import { parseArgs } from "node:util";
import { benchBook } from "./book.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { passes: { type: "string", default: "15" }, json: { type: "boolean", default: false } },
});
const passes = Number(values.passes);
const [name = ""] = positionals;
if (name !== "book" || !Number.isInteger(passes) || passes < 1) {
  console.error(
    `usage: npm run bench -- book [--passes n] [--json]${name === "" ? "" : `; there is no benchmark "${name}"`}`,
  );
  process.exit(2);
}
await benchBook({ passes, json: values.json });
