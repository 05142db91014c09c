import { ConfigError } from "../../../../src/model/error.ts";
import { credentialSuffix } from "../../../../src/net/auth.ts";
import { CREDENTIALS, credentialList, dashedName, type VenueChoices } from "./choices.ts";
import { renderNamed, splitImports } from "./imports.ts";
import { type GeneratedFile, renderTemplate } from "./render.ts";
import type { Template } from "./template.ts";
import { docsPage } from "./templates/docs-page.ts";
import { type PackageVersions, packageFiles } from "./templates/package-files.ts";

/** The new files of a venue in the repository. */
export function repositoryFiles(template: Template, choices: VenueChoices): readonly GeneratedFile[] {
  const page = { path: `docs/venues/${dashedName(choices.name)}.md`, text: docsPage(choices) };
  return [...renderTemplate(template, choices, "repository"), page];
}

/** Everything of a package of its own. */
export function standaloneFiles(
  template: Template,
  choices: VenueChoices,
  versions: PackageVersions,
): readonly GeneratedFile[] {
  return [...packageFiles(choices, versions), ...renderTemplate(template, choices, "package")];
}

export const REGISTRY_PATH = "src/registry.ts";
export const CONFIG_TEMPLATE_PATH = "conf/conf_global_TEMPLATE.yml";

const LINE_WIDTH = 120;
const TABLE_END = /(^const VENUES\b[\s\S]*?)(^\];$)/m;

/** The registry with a row of the venue. */
export function withRegistration(registry: string, choices: VenueChoices): string {
  const { name, domains } = choices;
  const names = domains.map((domain) => `"${domain.name}"`);
  const oneLine = `    connectors: [${names.join(", ")}],\n`;
  const connectors =
    oneLine.length <= LINE_WIDTH + 1
      ? oneLine
      : `    connectors: [\n${names.map((each) => `      ${each},\n`).join("")}    ],\n`;
  const load = `    load: async () => (await import("./venues/${dashedName(name)}/derivative.ts")).venueModule,\n`;
  const row = `  {\n${load}${connectors}    credentials: ${credentialList(choices)},\n  },\n`;
  if (!TABLE_END.test(registry)) {
    throw new ConfigError(`${REGISTRY_PATH} has no place for a venue`, {
      hint: "it has a table `const VENUES ... ];`",
    });
  }
  const withRow = registry.replace(TABLE_END, (_, table: string, end: string) => `${table}${row}${end}`);
  return withCredentialImports(withRow, choices);
}

const AUTH_IMPORT = /^import \{[^}]*\} from "\.\/net\/auth\.ts";$/m;

/** Imports what the new row names and no other row did. */
function withCredentialImports(registry: string, choices: VenueChoices): string {
  const names = Object.values(CREDENTIALS).filter((name) => new RegExp(`\\b${name}\\b`).test(credentialList(choices)));
  return registry.replace(AUTH_IMPORT, (line) => {
    const [own] = splitImports(`${line}\n`).imports;
    return own === undefined ? line : renderNamed(own.module, [...new Set([...own.names, ...names])]);
  });
}

/** The configuration's template with the keys of every domain. */
export function withConfigKeys(template: string, { credentials, domains }: VenueChoices): string {
  const keysOf = (connector: string) => credentials.map((name) => `${connector}_${credentialSuffix({ name })}: null\n`);
  const keys = domains.map(({ name }) => `\n${keysOf(name).join("")}`);
  return `${template.trimEnd()}\n${keys.join("")}`;
}
