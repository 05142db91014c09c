/** Control characters but tab and line end, and those that turn the direction of writing: a terminal obeys them. */
const OBEYED = /(?![\t\n])\p{Cc}|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/**
 * Text of a venue or of a file as a terminal may show it: with what a terminal would obey written as JSON escapes, so that
 * it neither hides nor forges a line, and JSON stays the same value.
 */
export function printable(text: string): string {
  return text.replace(OBEYED, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
