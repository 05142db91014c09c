/** Fixture that is still to be pasted, and the page of the venue's documentation that it comes from. */
export interface Paste {
  readonly paste: string;
}

/** Stands for a fixture (or for a part of one) that is not there yet: the tests that need it become `todo`. */
export function paste(what: string): Paste {
  return { paste: what };
}

export type Fixture<T> = T | Paste;

/** A fixture that is there. */
export type Given<T> = Exclude<T, Paste | undefined>;

/** The markers within a fixture, however deep. */
export function pastesIn(value: unknown): readonly Paste[] {
  if (typeof value !== "object" || value === null) return [];
  if (isPaste(value)) return [value];
  return Object.values(value).flatMap(pastesIn);
}

export function isPaste(value: unknown): value is Paste {
  if (typeof value !== "object" || value === null) return false;
  const keys = Object.keys(value);
  return keys.length === 1 && keys[0] === "paste" && typeof (value as Paste).paste === "string";
}
