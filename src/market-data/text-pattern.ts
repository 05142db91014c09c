import { bytesOf, isAt } from "./wire-bytes.ts";

const DIGIT = 0x30;
const NOT_READ = -1;

/** Text of a message: bytes and digits (at least one) in their order, and the market's name after them. */
export interface TextPattern {
  readonly parts: readonly (Uint8Array | "digits")[];
  readonly isBeforeSymbol: boolean;
  /** True where the digits tell how many levels a side has. */
  readonly isDepth: boolean;
}

export const NO_PATTERN: TextPattern = { parts: [], isBeforeSymbol: false, isDepth: false };

/** Reads a pattern in which `#` stands for digits and a last `$` for the market's name. */
export function textPattern(text: string, isDepth = false): TextPattern {
  const isBeforeSymbol = text.endsWith("$");
  const parts = (isBeforeSymbol ? text.slice(0, -1) : text).split(/(#)/).filter((part) => part !== "");
  return { parts: parts.map((part) => (part === "#" ? "digits" : bytesOf(part))), isBeforeSymbol, isDepth };
}

/** The place after the parts of a pattern. */
export function endOfParts(bytes: Uint8Array, from: number, { parts }: TextPattern): number {
  let at = from;
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    const start = at;
    if (part === "digits") {
      while (((bytes[at] as number) ^ DIGIT) <= 9) at += 1;
    } else if (part !== undefined && isAt(bytes, at, part)) {
      at += part.length;
    }
    if (at === start) return NOT_READ;
  }
  return at;
}

/** The number that the first digits between two places are. */
export function digitsIn(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && ((bytes[at] as number) ^ DIGIT) > 9) at += 1;
  let value = 0;
  for (; at < to && ((bytes[at] as number) ^ DIGIT) <= 9; at += 1) value = value * 10 + ((bytes[at] as number) ^ DIGIT);
  return value;
}
