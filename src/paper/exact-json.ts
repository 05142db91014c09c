/** A number that is written as its text is: no double holds all of its digits. */
export interface RawNumber {
  readonly rawJSON: string;
}

declare global {
  interface JSON {
    /** Makes a number from text (ES2026) that `stringify` writes unchanged. */
    rawJSON(text: string): RawNumber;
  }
}

const INTEGER = /^-?\d+$/;

/** A number in JSON, from decimal text. */
export function rawNumber(text: string): RawNumber {
  return JSON.rawJSON(text);
}

/** Parses JSON; each whole number beyond 2^53 becomes what `keep` makes of its digits. Throws where it is none. */
export function parseExact(text: string, keep: (digits: string) => unknown): unknown {
  return JSON.parse(text, (_key: string, value: unknown, context?: { readonly source?: string }) => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    const source = context?.source ?? "";
    return INTEGER.test(source) ? keep(source) : value;
  });
}
