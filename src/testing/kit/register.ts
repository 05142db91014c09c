import { isAbort } from "../../model/error.ts";
import { assert } from "./assertion.ts";
import { type FixtureName, isNotOffered, type PerpetualConnectorFixtures } from "./fixtures.ts";
import { type Given, pastesIn } from "./paste.ts";
import { inventedSuite, type TestRunner } from "./runner.ts";
import { openScene, type Scene, type SceneOptions } from "./scene.ts";

/** Fixtures that a test may read: those that it needs, and those of `uses`, which a venue need not have. */
export type Fixtures<Needs extends FixtureName, Uses extends FixtureName = never> = {
  readonly [Name in Needs]: Given<PerpetualConnectorFixtures[Name]>;
} & { readonly [Name in Uses]: Given<PerpetualConnectorFixtures[Name]> | undefined };

export interface TestSpec<Needs extends FixtureName, Uses extends FixtureName> {
  /**
   * Fixtures that the test needs. It waits for one that is still to be pasted, and is left out where the venue does not
   * have the thing.
   */
  readonly needs: readonly Needs[];
  /** Fixtures that the test reads where the venue has them. */
  readonly uses?: readonly Uses[] | undefined;
  readonly scene?: SceneOptions | ((fixtures: Fixtures<Needs, Uses>) => SceneOptions) | undefined;
  /**
   * Name of what the venue does not have and the kit gives it for this test. The test is about the engine then: it is
   * counted apart, and proves nothing of the venue.
   */
  readonly invented?: string | undefined;
}

export interface Kit {
  readonly fixtures: PerpetualConnectorFixtures;
  describe(name: string, body: () => void): void;
  /** A test that plays in a scene of its own, which is closed and checked afterwards. */
  test<const Needs extends FixtureName, const Uses extends FixtureName = never>(
    name: string,
    spec: TestSpec<Needs, Uses>,
    body: (scene: Scene, fixtures: Fixtures<Needs, Uses>) => Promise<void>,
  ): void;
  /** A test without a scene. */
  pure<const Needs extends FixtureName>(
    name: string,
    needs: readonly Needs[],
    body: (fixtures: Fixtures<Needs>) => Promise<void> | void,
  ): void;
  /** A test that waits for something other than a fixture. */
  todo(name: string): void;
}

/** Fixtures for the answer to a new order: see `Scene.openOrder`. */
export const OPEN_ORDER = ["orderCreationRequestSuccessfulMockResponse", "expectedExchangeOrderId"] as const;
/** Fixtures for a piece of the connector: see `createComponents`. */
export const COMPONENTS = ["allSymbolsRequestMockResponse"] as const;
const SCENE = ["socket", "restingRoutes"] as const;

/** Registers tests for one venue: those that wait for a fixture as `todo`. */
export function createKit(fixtures: PerpetualConnectorFixtures, runner: TestRunner): Kit {
  const { describe: describeSuite, it } = withoutEmptySuites(runner);
  const suites: string[] = [];
  const describe = (name: string, body: () => void): void =>
    describeSuite(name, () => {
      suites.push(name);
      body();
      suites.pop();
    });
  const told = new Set<FixtureName>();
  /** Says what belongs there once, with the first test that waits for it. */
  const todo = (name: FixtureName): string => {
    const isTold = told.has(name);
    told.add(name);
    return isTold ? `paste ${name}` : todoOf(name, fixtures[name]);
  };
  const register = (
    name: string,
    needs: readonly FixtureName[],
    uses: readonly FixtureName[],
    test: () => Promise<void>,
  ): void => {
    const place = { fixtures: [...new Set([...needs, ...uses])], file: fileOf(suites) };
    const body = async (): Promise<void> => {
      try {
        await test();
      } catch (error) {
        throw withPlace(error, place);
      }
    };
    if (needs.some((each) => isNotOffered(fixtures, each))) return;
    const missing = [...needs, ...uses].filter((each) => fixtures[each] === undefined && !isNotOffered(fixtures, each));
    if (missing.length > 0) {
      it(name, () => assert.fail(`the fixtures lack ${missing.join(", ")}: give it, or say in \`notOffered\` why not`));
      return;
    }
    const waiting = [...new Set([...needs, ...uses])].filter((each) => pastesIn(fixtures[each]).length > 0);
    if (waiting.length === 0) it(name, body);
    else it.todo(`${name}: ${waiting.map(todo).join("; ")}`);
  };
  return {
    fixtures,
    describe,
    test(name, { needs, uses = [], scene: options = {}, invented }, body) {
      const play = async () => {
        const given = fixtures as unknown as Parameters<typeof body>[1];
        await using scene = await openScene(fixtures, typeof options === "function" ? options(given) : options);
        try {
          await body(scene, given);
        } catch (error) {
          throw withSurroundings(error, scene);
        }
      };
      const registerIt = () => register(name, [...SCENE, ...needs], uses, play);
      if (invented === undefined) registerIt();
      else describe(inventedSuite(invented), registerIt);
    },
    pure: (name, needs, body) =>
      register(name, needs, [], async () => body(fixtures as unknown as Parameters<typeof body>[0])),
    todo: (name) => it.todo(name),
  };
}

/** Files of a venue that a suite is about, by the suite's name. */
const FILES: Readonly<Record<string, string>> = {
  "order book data source": "order-book-data-source.ts",
  "order book continuity": "order-book-data-source.ts, or the continuity rule in manifest.ts",
  "order book from bytes": "the bookWire of order-book-data-source.ts",
  requests: "web-utils.ts",
  auth: "auth.ts",
  "user stream data source": "user-stream-data-source.ts",
  "user stream event listener": "user-stream-data-source.ts",
  "private channels": "user-stream-data-source.ts",
  exchange: "derivative.ts",
  "update order fills": "derivative.ts (tradesSince, allTradeUpdatesForOrder)",
  "update order status": "derivative.ts (requestOrderStatus, fetchOpenOrders), or the states in constants.ts",
  "position mode": "derivative.ts (setPositionMode, fetchPositionMode)",
  "funding payments": "derivative.ts (fetchFundingPayments)",
  history: "derivative.ts (tradesSince, fetchFundingPayments)",
  "unknown outcomes": "errors.ts (the outcome), or createDeadlineMs in manifest.ts",
  amends: "derivative.ts (amendOrder)",
  batches: "derivative.ts (placeOrders, placeCancels)",
  "orders over a socket": "the orderSocket of derivative.ts",
  "dead-man switch": "derivative.ts (cancelAllAfter)",
  "cash flows": "derivative.ts (fetchCashFlows)",
  liquidations: "user-stream-data-source.ts and derivative.ts (what is told as an adjustment)",
  "auto-deleveraging": "user-stream-data-source.ts and derivative.ts (what is told as an adjustment)",
  times: "the time of an update, wherever its row is read",
  "contract sizes": "an amount that is read or sent without the market's contractSize",
  errors: "errors.ts",
  declaration: "manifest.ts",
};
const ANY_FILE = "the venue's files";

const fileOf = (suites: readonly string[]): string =>
  suites.map((name) => FILES[name]).findLast((file) => file !== undefined) ?? ANY_FILE;

interface Place {
  readonly fixtures: readonly FixtureName[];
  readonly file: string;
}

/** Adds to a failure which fixtures the test stands on, and what is probably wrong. */
function withPlace(error: unknown, { fixtures, file }: Place): unknown {
  if (!(error instanceof Error)) return error;
  const own = fixtures.filter((name) => !SCENE.some((each) => each === name));
  const named = own.length === 0 ? "" : `\nfixtures of this test: ${own.join(", ")}`;
  const other = own.length === 0 ? "" : ", or one of these fixtures says something else than the venue";
  error.message = `${error.message}${named}\nprobably wrong: ${file}${other}`;
  return error;
}

const LAST_SHOWN = 5;

/**
 * Adds to a failure what the venue was asked last, what the connector told and what it logged: those are the reasons, and a
 * test runner shows none of them.
 */
function withSurroundings(error: unknown, { server, events, logger }: Scene): unknown {
  if (!(error instanceof Error)) return error;
  const asked = server.requests.slice(-LAST_SHOWN).map(({ method, path }) => `${method} ${path}`);
  const told = events.slice(-LAST_SHOWN).map(({ name }) => name);
  const logged = logger.at("warn", "error").slice(-LAST_SHOWN);
  error.message = [
    error.message,
    `asked last: ${asked.join(", ") || "nothing"}`,
    `told last: ${told.join(", ") || "nothing"}`,
    ...(server.unscripted.length === 0
      ? []
      : [`no answer was ready for ${[...new Set(server.unscripted)].join(", ")}`]),
    ...logged.map(({ level, message, fields }) => `${level}: ${message} ${JSON.stringify(fields)}`),
  ].join("\n");
  return error;
}

/** Suites in which no test is registered are left out: some runners take one for a mistake. */
function withoutEmptySuites({ describe, it }: TestRunner): TestRunner {
  let suite: (() => void)[] | undefined;
  const register = (what: () => void): void => {
    if (suite === undefined) what();
    else suite.push(what);
  };
  return {
    describe(name, body) {
      const outer = suite;
      const inner: (() => void)[] = [];
      suite = inner;
      body();
      suite = outer;
      if (inner.length === 0) return;
      register(() =>
        describe(name, () => {
          for (const registerInner of inner) registerInner();
        }),
      );
    },
    it: Object.assign((name: string, body: () => Promise<void> | void) => register(() => it(name, body)), {
      todo: (name: string) => register(() => it.todo(name)),
    }),
  };
}

function todoOf(name: FixtureName, fixture: unknown): string {
  return `paste ${name} (${[...new Set(pastesIn(fixture).map((marker) => marker.paste))].join(", ")})`;
}

/** Ends with the error that the promise rejects with. */
export async function rejection(scene: Scene, promise: Promise<unknown>): Promise<unknown> {
  return scene.run(
    promise.then(
      () => assert.fail("what had to fail has succeeded"),
      (error: unknown) => error,
    ),
  );
}

/** A loop ends at once with `AbortError` when its signal fires, and that is no fault in the log. */
export async function assertEndsWithAbort(scene: Scene, loop: Promise<unknown>, stop: AbortController): Promise<void> {
  loop.catch(() => undefined);
  const faultsBefore = scene.logger.at("error").length;
  const abortedMs = scene.world.elapsedMs();
  stop.abort();
  assert.ok(isAbort(await rejection(scene, loop)), "the loop ended with another error than AbortError");
  const tookMs = scene.world.elapsedMs() - abortedMs;
  assert.ok(tookMs < A_MOMENT_MS, `it ended ${tookMs} ms after it was aborted: something under way was waited for`);
  assert.equal(scene.logger.at("error").length, faultsBefore, scene.logger.text);
}

function errorsLogged(scene: Scene): string[] {
  return scene.logger.at("error", "warn").map((line) => `${line.message} ${JSON.stringify(line.fields)}`);
}

export function assertLogged(scene: Scene, pattern: RegExp): void {
  assert.ok(
    errorsLogged(scene).some((line) => pattern.test(line)),
    `nothing like ${pattern} in\n${scene.logger.text}`,
  );
}

/** Waits a moment in which what should not happen could have happened. */
export const A_MOMENT_MS = 100;
