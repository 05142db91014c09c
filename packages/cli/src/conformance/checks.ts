/** Error of a check whose result is wrong. */
export class CheckFailedError extends Error {}

/** It could not be provoked here, so that nothing is known. */
export class RowSkippedError extends Error {}

export function check(condition: boolean, what: string): asserts condition {
  if (!condition) throw new CheckFailedError(what);
}

export function skip(reason: string): never {
  throw new RowSkippedError(reason);
}
