import { Decimal } from "../../../src/model/decimal.ts";

/** Converts a value to JSON: amounts as plain decimal text, maps as objects; undefined becomes null. */
export function plain(value: unknown): unknown {
  if (value === undefined || value === null || Number.isNaN(value)) return null;
  if (value instanceof Decimal) return value.toFixed();
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

/** A value on one line for people; `-` is none. */
export function cell(value: unknown): string {
  const shown = plain(value);
  if (shown === null || shown === undefined) return "-";
  if (typeof shown !== "object") return String(shown);
  const entries = Object.entries(shown);
  if (entries.length === 0) return "-";
  return entries.map(([name, inner]) => (Array.isArray(shown) ? cell(inner) : `${name} ${cell(inner)}`)).join(", ");
}

/** Facts one below the other. A value that is longer than `columns` allows goes on below its own beginning. */
export function recordLines(fields: Readonly<Record<string, unknown>>, columns?: number): readonly string[] {
  const width = Math.max(...Object.keys(fields).map((name) => name.length)) + 2;
  return Object.entries(fields).flatMap(([name, value]) => {
    const parts = columns === undefined ? [cell(value)] : wrapped(cell(value), columns - width);
    return parts.map((part, index) => `${(index === 0 ? name : "").padEnd(width)}${part}`);
  });
}

/** Breaks text between words only: of a number or an id nothing may be missed or read as another. */
function wrapped(text: string, columns: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line === "") line = word;
    else if (line.length + 1 + word.length <= columns) line += ` ${word}`;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line];
}
