/**
 * Benchmarks. `book`: from the bytes of a frame to the book's best bid and ask, beside other libraries, each in an isolate
 * of its own, pass by pass in turn. `growth`: what each thing costs against how much there is of what it could depend on.
 * Quote medians and ratios: machines are noisy.
 *
 *   npm run bench -- book [--venue bybit | all] [--passes 9] [--messages 20000] [--json]
 *   npm run bench -- growth [words of a row's name] [--passes 7] [--json]
 */

import { wholeNumber } from "../packages/cli/src/arguments.ts";
import { chosenOf, mistaken, readFlag, wordsAndArgumentsOf } from "../scripts/arguments.ts";
import { BOOK_VENUES } from "./book/venues.ts";
import { benchBook } from "./book.ts";
import { benchGrowth } from "./growth.ts";
import { FOOTNOTE, jsonOf, type Result, textOf } from "./report.ts";

const BENCHMARKS = ["book", "growth"] as const;

const { values, positionals } = wordsAndArgumentsOf(import.meta.filename, {
  venue: { type: "string" },
  passes: { type: "string" },
  messages: { type: "string", default: "20000" },
  json: { type: "boolean", default: false },
});
const [name = "", ...words] = positionals;
if (name === "") mistaken(`no benchmark is named: there are ${BENCHMARKS.join(", ")}`);
const [benchmark] = chosenOf("benchmark", [name], BENCHMARKS);
if (benchmark !== "growth" && words.length > 0) {
  mistaken(`${benchmark} has no rows to choose from: "${words.join(" ")}" is too much`);
}
if (values.venue !== undefined && benchmark !== "book") mistaken(`${benchmark} takes no --venue`);
const passes = readFlag("passes", values.passes ?? (benchmark === "growth" ? "7" : "9"), wholeNumber(1));
const messages = readFlag("messages", values.messages, wholeNumber(100, 1_000_000));
const [venue = "bybit"] = chosenOf("venue", [values.venue ?? "bybit"], [...BOOK_VENUES, "all"] as const);

async function booksOf(): Promise<readonly Result[]> {
  const results: Result[] = [];
  for (const each of venue === "all" ? BOOK_VENUES : [venue]) {
    const own = await benchBook({ venue: each, passes, messages });
    if (!values.json) for (const result of own) console.log(textOf(result));
    results.push(...own);
  }
  return results;
}

if (benchmark === "growth") await benchGrowth({ passes, json: values.json, only: words.join(" ") });
else {
  const results = await booksOf();
  console.log(values.json ? jsonOf("book", results) : FOOTNOTE);
}
