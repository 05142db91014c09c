import type { FixtureName } from "./kit/fixtures.ts";
import type { AbilityName, SeedItem, SeedSymbol } from "./seed-symbols.ts";

type Entry = Omit<SeedItem, "section">;

/** The items of one section, in the checklist's order. */
export function section(name: string, entries: readonly Entry[]): readonly SeedItem[] {
  return entries.map((entry) => ({ section: name, ...entry }));
}

/** Something to be done once: a file to write, a name to replace, a constant to set. */
export function step(name: string, symbol: SeedSymbol, tests: readonly string[], ability?: AbilityName): Entry {
  return { name, kind: "step", symbol, tests, ability };
}

/** Something to implement. */
export function method(name: string, symbol: SeedSymbol, tests: readonly string[], ability?: AbilityName): Entry {
  return { name, kind: "method", symbol, tests, ability };
}

/** A test of the kit: its name is the checklist's, in words. */
export function test(name: `test_${string}`, ability?: AbilityName): Entry {
  const words = name.slice("test_".length).replaceAll("_", " ");
  return { name, kind: "test", symbol: "describePerpetualConnector", tests: [words], ability };
}

/** Something that the kit's tests are given for each venue. Which of them need it is found out by taking it away. */
export function fixture(name: string, field: FixtureName, ability?: AbilityName): Entry {
  return { ...given(name, field, []), ability };
}

/** Something without which there is no test at all, and the tests that are about it. */
export function given(name: string, field: FixtureName, tests: readonly string[]): Entry {
  return { name, kind: "fixture", symbol: `PerpetualConnectorFixtures.${field}`, tests, fixture: field };
}
