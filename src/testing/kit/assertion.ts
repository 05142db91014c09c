import nodeAssert from "node:assert/strict";

/**
 * Assertions of the kit. Each says what it is about, so that a failure never reads `true !== false`: what it was, what it is
 * and what was expected.
 */
interface Assertions {
  ok(value: unknown, message: string): asserts value;
  equal(actual: unknown, expected: unknown, what: string): void;
  notEqual(actual: unknown, expected: unknown, what: string): void;
  deepEqual(actual: unknown, expected: unknown, what: string): void;
  match(text: string, pattern: RegExp, what: string): void;
  throws(body: () => unknown, expected: Parameters<typeof nodeAssert.throws>[1] | undefined, what: string): void;
  fail(message: string): never;
}

const MAX_SHOWN = 400;

/** A value as a sentence has it. */
export function shown(value: unknown): string {
  if (value === undefined) return "not there";
  if (value instanceof Error) return String(value);
  const text = JSON.stringify(value, asPlain) ?? String(value);
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}...`;
}

function asPlain(_name: string, value: unknown): unknown {
  if (typeof value === "bigint") return `${value}n`;
  return value instanceof Set || value instanceof Map ? [...value] : value;
}

/** Lines of a comparison that differ, without its first line, which says nothing. */
function differenceIn(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n").slice(1).join("\n").trim();
}

function compared(compare: () => void, message: (difference: string) => string): void {
  try {
    compare();
  } catch (error) {
    nodeAssert.fail(message(differenceIn(error)));
  }
}

export const assert: Assertions = {
  ok: (value: unknown, message: string): asserts value => nodeAssert.ok(value, message),
  equal(actual, expected, what) {
    nodeAssert.ok(Object.is(actual, expected), `${what}: came ${shown(actual)}, expected ${shown(expected)}`);
  },
  notEqual(actual, expected, what) {
    nodeAssert.ok(!Object.is(actual, expected), `${what}: came ${shown(actual)}, expected another`);
  },
  deepEqual(actual, expected, what) {
    compared(
      () => nodeAssert.deepEqual(actual, expected),
      (difference) => `${what}: came ${shown(actual)}, expected ${shown(expected)}\n${difference}`,
    );
  },
  match(text, pattern, what) {
    nodeAssert.ok(pattern.test(text), `${what}: came ${shown(text)}, expected it to fit ${pattern}`);
  },
  throws(body, expected, what) {
    compared(
      () => (expected === undefined ? nodeAssert.throws(body) : nodeAssert.throws(body, expected)),
      (difference) => `${what}: it was not refused, or for another reason\n${difference}`,
    );
  },
  fail: (message) => nodeAssert.fail(message),
};
