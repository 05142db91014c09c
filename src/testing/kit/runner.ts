/** Functions of a test runner that the kit needs: `vitest` and `node:test` have them. */
export interface TestRunner {
  describe(name: string, body: () => void): void;
  readonly it: {
    (name: string, body: () => Promise<void> | void): void;
    /** A test that waits for something; a runner may want a body, and calls it never. */
    todo(name: string, body?: () => void): void;
  };
}

const INVENTED = "with an ability that the venue does not have: ";

/** Name of a suite whose tests run on an ability that the kit has given to the venue. */
export const inventedSuite = (ability: string): string => `${INVENTED}${ability}`;

/** Tells that a test ran on an ability that the venue does not have. */
export const isOnInvention = (path: readonly string[]): boolean => path.some((title) => title.startsWith(INVENTED));

export interface TestResult {
  /** The titles around the test, and its own at the end. */
  readonly path: readonly string[];
  readonly status: "passed" | "failed" | "todo";
  readonly error?: unknown;
}

export interface InProcessOptions {
  /** Ends after the first test that fails. Default false. */
  readonly stopAtFirstFailure?: boolean | undefined;
  /** Registers tests whose path this refuses, and does not run them. Default: all run. */
  readonly only?: ((path: readonly string[]) => boolean) | undefined;
}

interface Registered {
  readonly path: readonly string[];
  readonly body: (() => Promise<void> | void) | undefined;
}

/** The tests that `register` registers, in order; none of them has run. */
function collect(register: (runner: TestRunner) => void): readonly Registered[] {
  const tests: Registered[] = [];
  let titles: readonly string[] = [];
  const add = (name: string, body: Registered["body"]) => void tests.push({ path: [...titles, name], body });
  const describe: TestRunner["describe"] = (name, body) => {
    const outer = titles;
    titles = [...outer, name];
    body();
    titles = outer;
  };
  const it = Object.assign((name: string, body: () => Promise<void> | void) => add(name, body), {
    todo: (name: string) => add(name, undefined),
  });
  register({ describe, it });
  return tests;
}

/** Runs tests one after the other without a test runner. Rejects only when `register` itself throws. */
export async function runInProcess(
  register: (runner: TestRunner) => void,
  { stopAtFirstFailure = false, only = () => true }: InProcessOptions = {},
): Promise<readonly TestResult[]> {
  const results: TestResult[] = [];
  for (const { path, body } of collect(register)) {
    if (!only(path)) continue;
    if (body === undefined) {
      results.push({ path, status: "todo" });
      continue;
    }
    try {
      await body();
      results.push({ path, status: "passed" });
    } catch (error) {
      results.push({ path, status: "failed", error });
      if (stopAtFirstFailure) break;
    }
  }
  return results;
}
