/**
 * Benchmarks. `book`: against peers, all contenders of one in the same process, pass by pass in turn. `growth`: what each
 * thing costs against how much there is of what it could depend on. Quote medians and ratios: machines are noisy.
 *
 *   npm run bench -- book [--passes 15] [--json]
 *   npm run bench -- growth [words of a row's name] [--passes 7] [--json]
 */

import { wholeNumber } from "../packages/cli/src/arguments.ts";
import { chosenOf, mistaken, readFlag, wordsAndArgumentsOf } from "../scripts/arguments.ts";
import { benchBook } from "./book.ts";
import { benchGrowth } from "./growth.ts";

const { values, positionals } = wordsAndArgumentsOf(import.meta.filename, {
  passes: { type: "string" },
  json: { type: "boolean", default: false },
});
const [name = "", ...words] = positionals;
if (name === "") mistaken("no benchmark is named: there are book, growth");
chosenOf("benchmark", [name], ["book", "growth"]);
if (name === "book" && words.length > 0) mistaken(`book has no rows to choose from: "${words.join(" ")}" is too much`);
const passes = readFlag("passes", values.passes ?? (name === "book" ? "15" : "7"), wholeNumber(1));
if (name === "book") await benchBook({ passes, json: values.json });
else await benchGrowth({ passes, json: values.json, only: words.join(" ") });
