import { bytesOf, endOfText, isAt } from "./wire-bytes.ts";

const DIGIT = 0x30;
const NOT_READ = -1;
const QUOTE = 0x22;

/** Parts of a text, in their order: bytes, digits (at least one), or any text that is not empty. */
export type TextPattern = readonly (Uint8Array | "digits" | "rest")[];

/** Reads a pattern in which `#` stands for digits and a last `*` for any text. */
export function textPattern(text: string): TextPattern {
  const parts = text.split(/(#|\*$)/).filter((part) => part !== "");
  return parts.map((part) => (part === "#" ? "digits" : part === "*" ? "rest" : bytesOf(part)));
}

/** The place after the closing quote of a text of this pattern, from after the opening one. */
export function endOfMatch(bytes: Uint8Array, from: number, pattern: TextPattern): number {
  let at = from;
  for (let index = 0; index < pattern.length; index += 1) {
    const part = pattern[index];
    const start = at;
    if (part === "digits") {
      while (((bytes[at] as number) ^ DIGIT) <= 9) at += 1;
    } else if (part === "rest") {
      at = endOfText(bytes, at);
    } else if (part !== undefined && isAt(bytes, at, part)) {
      at += part.length;
    }
    if (at <= start) return NOT_READ;
  }
  return bytes[at] === QUOTE ? at + 1 : NOT_READ;
}
