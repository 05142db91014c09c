import { ConfigError } from "../../../../src/model/error.ts";
import type { Target, VenueChoices } from "./choices.ts";
import { authFile } from "./templates/auth.ts";
import { checksumFile } from "./templates/checksum.ts";
import { conformanceTestFile } from "./templates/conformance-test.ts";
import { constantsFile } from "./templates/constants.ts";
import { derivativeFile } from "./templates/derivative.ts";
import { docsPage } from "./templates/docs-page.ts";
import { errorsFile } from "./templates/errors.ts";
import { fixturesFile } from "./templates/fixtures.ts";
import { manifestFile } from "./templates/manifest.ts";
import { orderBookDataSourceFile } from "./templates/order-book-data-source.ts";
import { type PackageVersions, packageFiles } from "./templates/package-files.ts";
import { paperServerFile } from "./templates/paper-server.ts";
import { userStreamDataSourceFile } from "./templates/user-stream-data-source.ts";
import { webUtilsFile } from "./templates/web-utils.ts";

/** A file to write; `path` is relative to the repository or to the package. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

const VENUE_FILES: Readonly<Record<string, (choices: VenueChoices, target: Target) => string>> = {
  "constants.ts": constantsFile,
  "manifest.ts": manifestFile,
  "web-utils.ts": webUtilsFile,
  "auth.ts": authFile,
  "errors.ts": errorsFile,
  "order-book-data-source.ts": orderBookDataSourceFile,
  "user-stream-data-source.ts": userStreamDataSourceFile,
  "derivative.ts": derivativeFile,
};

/** The new files of a venue in the repository. */
export function repositoryFiles(choices: VenueChoices): readonly GeneratedFile[] {
  const { name } = choices;
  return [
    ...venueFiles(choices, "repository", `src/venues/${name}`),
    { path: `src/paper/protocols/${name}/server.ts`, text: paperServerFile(choices) },
    ...testFiles(choices, "repository", `test/venues/${name}`),
    { path: `docs/venues/${name}.md`, text: docsPage(choices) },
  ];
}

/** Everything of a package of its own. */
export function standaloneFiles(choices: VenueChoices, versions: PackageVersions): readonly GeneratedFile[] {
  return [
    ...packageFiles(choices, versions),
    ...venueFiles(choices, "package", "src"),
    ...testFiles(choices, "package", "test"),
  ];
}

function venueFiles(choices: VenueChoices, target: Target, folder: string): readonly GeneratedFile[] {
  const files = choices.continuity === "checksum" ? { ...VENUE_FILES, "checksum.ts": checksumFile } : VENUE_FILES;
  return Object.entries(files).map(([file, render]) => ({ path: `${folder}/${file}`, text: render(choices, target) }));
}

function testFiles(choices: VenueChoices, target: Target, folder: string): readonly GeneratedFile[] {
  return [
    { path: `${folder}/fixtures.ts`, text: fixturesFile(choices, target) },
    { path: `${folder}/conformance.test.ts`, text: conformanceTestFile(choices, target) },
  ];
}

export const REGISTRY_PATH = "src/registry.ts";
export const CONFIG_TEMPLATE_PATH = "conf/conf_global_TEMPLATE.yml";

const LINE_WIDTH = 120;
const TABLE_END = /(^const VENUES\b[\s\S]*?)(^\];$)/m;

/** The registry with a row of the venue. */
export function withRegistration(registry: string, { name, domains }: VenueChoices): string {
  const names = domains.map((domain) => `"${domain.name}"`);
  const oneLine = `    connectors: [${names.join(", ")}],\n`;
  const connectors =
    oneLine.length <= LINE_WIDTH + 1
      ? oneLine
      : `    connectors: [\n${names.map((each) => `      ${each},\n`).join("")}    ],\n`;
  const load = `    load: async () => (await import("./venues/${name}/derivative.ts")).venueModule,\n`;
  const row = `  {\n${load}${connectors}    credentials: KEY_AND_SECRET,\n  },\n`;
  if (!TABLE_END.test(registry)) {
    throw new ConfigError(`${REGISTRY_PATH} has no place for a venue`, {
      hint: "it has a table `const VENUES ... ];`",
    });
  }
  return registry.replace(TABLE_END, (_, table: string, end: string) => `${table}${row}${end}`);
}

/** The configuration's template with the keys of every domain. */
export function withConfigKeys(template: string, { domains }: VenueChoices): string {
  const keys = domains.map(({ name }) => `\n${name}_api_key: null\n${name}_api_secret: null\n`);
  return `${template.trimEnd()}\n${keys.join("")}`;
}
