import { camelCase, type Target, type VenueChoices } from "../choices.ts";
import { source } from "../source.ts";

/** The test file: the whole kit on the venue's fixtures, under vitest in the repository and `node:test` outside. */
export function conformanceTestFile({ name }: VenueChoices, target: Target): string {
  const fixtures = `${camelCase(name)}Fixtures`;
  const inRepository = target === "repository";
  const imports = [
    inRepository ? { module: "vitest", names: ["describe", "it"] } : { module: "node:test", names: ["describe", "it"] },
    { module: inRepository ? "testing/kit/index" : "perpwire/testing", names: ["describePerpetualConnector"] },
    { module: "./fixtures", names: [fixtures] },
  ];
  const body = `describePerpetualConnector(${fixtures}, { describe, it });`;
  return source(target, imports, body, "../../../src/");
}
