import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { describe, expect, it } from "vitest";

const ROOT = resolve(import.meta.dirname, "..");
const FOLDERS = ["src", "kernel", "packages/cli/src", "packages/cli/bin", "packages/cli/template"];

/** Start of a comment, and its first word: a block on one or more lines, or the first of several `//` lines. */
const COMMENT_START = /\/\*\*?\s+(?:\*\s+)?(\w+)|(?<!^[ \t]*\/\/.*\n)^[ \t]*\/\/ (\w+)/gm;
const COMMENT = /\/\*.*?\*\/|^[ \t]*\/\/.*$/gms;
const NEVER_FIRST = new Set(["What", "Of", "Those"]);
/** Phrases that only this project would know, with the plain ones: see *Words* in CONTRIBUTING.md. */
const PLAIN_WORDS = [
  ["unless told", "by default"],
  ["none such", "not found"],
  ["what moves prices", "simulated order flow"],
] as const;
const OTHER_LIMIT =
  /^[ \t]*(?:export )?const ((?:MOST|LEAST|KEPT|LONGEST|SHORTEST|LARGEST|SMALLEST|MAXIMUM|MINIMUM)(?:_\w+)?)\b/gm;

function textFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.[jt]s$/.test(entry.name) && !entry.parentPath.includes("node_modules"))
    .map((entry) => join(entry.parentPath, entry.name));
}

const SOURCES = FOLDERS.flatMap((folder) => textFiles(join(ROOT, folder))).map((path) => ({
  file: relative(ROOT, path),
  text: readFileSync(path, "utf8"),
}));

/** Places in all sources, as `file:line word`. */
function places(find: (text: string) => Iterable<readonly [index: number, word: string]>): string[] {
  return SOURCES.flatMap(({ file, text }) =>
    Array.from(find(text), ([index, word]) => `${file}:${text.slice(0, index).split("\n").length} ${word}`),
  );
}

function* firstWords(text: string): Generator<readonly [number, string]> {
  for (const match of text.matchAll(COMMENT_START)) {
    const word = match[1] ?? match[2] ?? "";
    if (NEVER_FIRST.has(word)) yield [match.index, word];
  }
}

function* oddPhrases(text: string): Generator<readonly [number, string]> {
  for (const { 0: comment, index } of text.matchAll(COMMENT)) {
    const flat = comment.replace(/\s*\n\s*(?:\*|\/\/)?\s*/g, " ").toLowerCase();
    for (const [odd, plain] of PLAIN_WORDS) if (flat.includes(odd)) yield [index, `"${odd}" is "${plain}"`];
  }
}

function* otherLimits(text: string): Generator<readonly [number, string]> {
  for (const match of text.matchAll(OTHER_LIMIT)) yield [match.index, match[1] ?? ""];
}

describe("the words of the sources", () => {
  it("are read in all folders", () => {
    expect(SOURCES.length).toBeGreaterThan(500);
  });

  it("begin no comment with What, Of or Those, so that each says what the thing is and can be read alone", () => {
    expect(places(firstWords)).toEqual([]);
  });

  it("are plain English in comments", () => {
    expect(places(oddPhrases)).toEqual([]);
  });

  it("name limits MAX_ and MIN_", () => {
    expect(places(otherLimits)).toEqual([]);
  });
});

describe("the reading of words", () => {
  it("finds the first word of every kind of comment, and no word of a later line", () => {
    const text = "/** What it is. */\n/**\n * Of it.\n * What else.\n */\n  // What comes\n  // Of it\n/* Of it */\n";
    expect(Array.from(firstWords(text), ([, word]) => word)).toEqual(["What", "Of", "What", "Of"]);
  });

  it("finds a phrase that goes over two lines", () => {
    expect(Array.from(oddPhrases("/**\n * All of it unless\n * told.\n */\n"))).toHaveLength(1);
  });
});
