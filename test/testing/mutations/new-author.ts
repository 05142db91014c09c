import { readFileSync } from "node:fs";
import { needsOf } from "../../../src/testing/checklist/kit-run.ts";
import {
  describePerpetualConnector,
  type PerpetualConnectorFixtures,
  runInProcess,
  type TestRunner,
} from "../../../src/testing/kit/index.ts";

/**
 * Fixtures as a new author leaves them. An author gives what the kit requires: what its types call optional is left out
 * wherever the tests of the venue stay green without it. Nothing here is listed by hand.
 */

/** What is left out: a fixture (`fundingPaymentEvent`), or an optional part of one (`historyLists.reachesMs`). */
export type LeftOut = readonly string[];

type Fields = Readonly<Record<string, unknown>>;

/** Text of the kit's types. */
const TYPES = ["fixtures.ts", "ability-fixtures.ts", "fixture-shapes.ts"]
  .map((file) => readFileSync(new URL(`../../../src/testing/kit/${file}`, import.meta.url), "utf8"))
  .join("\n");

/** Bodies of the kit's types, by their names. */
const SHAPES: ReadonlyMap<string, string> = new Map(
  [
    ...TYPES.matchAll(/^export (?:interface (\w+)(?: extends \w+)? \{\n(.*?)^\}|type (\w+)(?:<\w+>)? = (.*?);$)/gms),
  ].map(([, name, body, alias, aliased]) => [name ?? alias ?? "", body ?? aliased ?? ""]),
);

/** Declarations of the fixtures, by their names. */
function declarations(): ReadonlyMap<string, string> {
  const bodies = ["PerpetualConnectorFixtures", "AbilityFixtures"].map((name) => SHAPES.get(name) ?? "");
  const lines = bodies.flatMap((body) => body.split(/^ {2}(?=readonly )/m));
  return new Map(
    lines.flatMap((line) => {
      const name = /^readonly (\w+)/.exec(line)?.[1];
      return name === undefined ? [] : [[name, line.replaceAll(/\/\*\*.*?\*\//gs, "")] as const];
    }),
  );
}

/** Names of optional fields in a type's text, and in the types that it names. */
function optionalFieldsIn(text: string, seen = new Set<string>()): ReadonlySet<string> {
  const own = [...text.matchAll(/readonly (\w+)\?:/g)].map(([, name = ""]) => name);
  const others = [...text.matchAll(/\b[A-Z]\w+\b/g)].flatMap(([name]) => {
    const body = SHAPES.get(name);
    if (body === undefined || seen.has(name)) return [];
    seen.add(name);
    return [...optionalFieldsIn(body, seen)];
  });
  return new Set([...own, ...others]);
}

/** Everything that the kit's types call optional, fixtures first. */
export function optionals(): readonly string[] {
  const all = [...declarations()].filter(([, text]) => /^readonly \w+\??: Fixture</.test(text));
  const fixtures = all.flatMap(([name, text]) => (text.startsWith(`readonly ${name}?`) ? [name] : []));
  const parts = all.flatMap(([name, text]) =>
    [...optionalFieldsIn(text.replace(/^readonly \w+\?/, ""))].map((part) => `${name}.${part}`),
  );
  return [...fixtures, ...parts];
}

/** Fields that hold the venue's payloads, which an author pastes whole. */
const PAYLOADS: ReadonlySet<string> = new Set(["body", "pushes", "with", "to", "unless", "frames", "expected"]);

function withoutPart(value: unknown, part: string): unknown {
  if (Array.isArray(value)) return value.map((each) => withoutPart(each, part));
  if (typeof value !== "object" || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => name !== part);
  return Object.fromEntries(
    kept.map(([name, each]) => [name, PAYLOADS.has(name) ? each : withoutPart(each, part)] as const),
  );
}

export function withoutThem(fixtures: PerpetualConnectorFixtures, leftOut: LeftOut): PerpetualConnectorFixtures {
  const changed: Record<string, unknown> = { ...fixtures };
  const notOffered: Record<string, string> = { ...fixtures.notOffered };
  for (const each of leftOut) {
    const [name = "", part] = each.split(".");
    if (part !== undefined) changed[name] = withoutPart(changed[name], part);
    else {
      delete changed[name];
      notOffered[name] = "It was left out.";
    }
  }
  return { ...fixtures, ...changed, notOffered, ...removed(leftOut) };
}

function removed(leftOut: LeftOut): Fields {
  return Object.fromEntries(leftOut.filter((each) => !each.includes(".")).map((name) => [name, undefined]));
}

/** Suites that look at what is left out. */
const ALWAYS = ["declaration", "left out"];

/** Tells that the tests that are about a fixture are green, and wait for nothing. */
async function isGreen(fixtures: PerpetualConnectorFixtures, isOfTest: (title: string) => boolean): Promise<boolean> {
  const register = (runner: TestRunner) => describePerpetualConnector(fixtures, runner);
  const results = await runInProcess(register, {
    stopAtFirstFailure: true,
    only: (path) => ALWAYS.some((suite) => path.includes(suite)) || isOfTest(path.at(-1) ?? ""),
  });
  return results.every(({ status }) => status === "passed");
}

/** What an author of this venue may leave out; the more is left out, the fewer mistakes the kit can see. */
export async function leftOutOf(fixtures: PerpetualConnectorFixtures): Promise<LeftOut> {
  const needs = needsOf(describePerpetualConnector, fixtures);
  const leftOut: string[] = [];
  for (const each of optionals()) {
    const [name = "", part] = each.split(".");
    const before = withoutThem(fixtures, leftOut);
    const after = withoutThem(fixtures, [...leftOut, each]);
    const value = (before as unknown as Fields)[name];
    const isThere =
      part === undefined ? value !== undefined : JSON.stringify(withoutPart(value, part)) !== JSON.stringify(value);
    const titles = new Set(needs.get(name));
    if (isThere && (await isGreen(after, (title) => titles.has(title)))) leftOut.push(each);
  }
  return leftOut;
}
