/**
 * Benchmarks. `book`: against peers, all contenders of one in the same process, pass by pass in turn. `growth`: what each
 * thing costs against how much there is of what it could depend on. Quote medians and ratios: machines are noisy.
 *
 *   npm run bench -- book [--passes 15] [--json]
 *   npm run bench -- growth [part of a row's name] [--passes 7] [--json]
 */
import { parseArgs } from "node:util";
import { benchBook } from "./book.ts";
import { benchGrowth } from "./growth.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { passes: { type: "string" }, json: { type: "boolean", default: false } },
});
const [name = "", only = ""] = positionals;
const passes = Number(values.passes ?? (name === "book" ? 15 : 7));
if ((name !== "book" && name !== "growth") || !Number.isInteger(passes) || passes < 1) {
  const unknown = name === "" ? "" : `; there is no benchmark "${name}"`;
  console.error(`usage: npm run bench -- book|growth [part of a row's name] [--passes n] [--json]${unknown}`);
  process.exit(2);
}
if (name === "book") await benchBook({ passes, json: values.json });
else await benchGrowth({ passes, json: values.json, only });
