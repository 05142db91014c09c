import { posix } from "node:path";
import {
  CREDENTIALS,
  camelCase,
  dashedName,
  headerPrefix,
  pascalCase,
  type Target,
  type VenueChoices,
} from "./choices.ts";
import { type Computed, computedSlots, credentialRenames } from "./computed.ts";
import { type Import, renderImports, splitImports, usedImports } from "./imports.ts";
import { slotsOf, withoutMarks, withSlots } from "./slots.ts";
import type { Template, TemplateFile, TemplateFolder, TemplateLayer } from "./template.ts";

/** A file to write; `path` is relative to the repository or to the package. */
export interface GeneratedFile {
  readonly path: string;
  readonly text: string;
}

/** Entry points of perpwire that files of a package import, by their folder in the template. */
const ENTRY_POINTS: Readonly<Record<TemplateFolder, string>> = {
  venue: "perpwire/venue",
  test: "perpwire/testing",
  protocol: "perpwire/paper",
};
/** Path of the template in the repository, from which its imports lead to `src/`. */
const TEMPLATE_PATH = "packages/cli/template";

const DEFINITION = "definition.ts";

interface Rendering {
  readonly choices: VenueChoices;
  readonly target: Target;
  readonly computed: Computed;
  readonly files: readonly TemplateFile[];
  rename(text: string): string;
}

/** A venue's files, made from the template: its regions filled, its names changed, its imports those of the new place. */
export function renderTemplate(template: Template, choices: VenueChoices, target: Target): readonly GeneratedFile[] {
  const constants = template.files.find(({ file }) => file === "constants.ts")?.layers[0]?.text ?? "";
  const computed = computedSlots(choices, constants, template.parts.text);
  const rendering: Rendering = { choices, target, computed, files: template.files, rename: renamerOf(choices) };
  return template.files.flatMap((file) => {
    const path = pathOf(file, rendering);
    if (path === undefined) return [];
    const sources = file.file === "auth.ts" ? [...file.layers, template.parts] : file.layers;
    return [{ path, text: renderFile(file, path, sources, rendering) }];
  });
}

/** Place of a file; undefined where the target has none. */
function pathOf({ folder, file }: Pick<TemplateFile, "folder" | "file">, rendering: Rendering): string | undefined {
  const { target } = rendering;
  const name = dashedName(rendering.choices.name);
  const written = file === "conformance.ts" ? "conformance.test.ts" : file;
  if (target === "package") {
    if (folder === "protocol") return `src/paper-${file === DEFINITION ? "protocol.ts" : file}`;
    return folder === "test" ? `test/${written}` : `src/${written}`;
  }
  // In the repository a row of the table of protocols stands in its place.
  if (folder === "protocol") return file === DEFINITION ? undefined : `src/paper/protocols/${name}/${file}`;
  return folder === "test" ? `test/venues/${name}/${written}` : `src/venues/${name}/${written}`;
}

function renderFile(
  { folder, file, layers }: TemplateFile,
  path: string,
  sources: readonly TemplateLayer[],
  rendering: Rendering,
): string {
  const { choices, computed, rename } = rendering;
  const [base, ...variants] = layers;
  if (base === undefined) throw new TypeError(`the template has no ${folder}/${file}`);
  let text = splitImports(base.text).body;
  for (const variant of variants) text = withSlots(text, slotsOf(variant.text));
  const credentials = file === "auth.ts" ? replacerOf(credentialRenames(choices)) : (code: string) => code;
  const own = new Map(Object.entries(computed[file] ?? {}));
  const body = withoutMarks(credentials(withSlots(rename(text), own))).trim();
  const imports = sources.flatMap((source) =>
    splitImports(credentials(rename(source.text))).imports.flatMap((each) =>
      placed(each, { source, folder, file, path }, rendering),
    ),
  );
  if (file === "manifest.ts") imports.push(...credentialImports(path, rendering));
  return `${renderImports(usedImports(imports, body))}\n\n${body}\n`;
}

interface Place {
  readonly source: Pick<TemplateLayer, "path">;
  readonly folder: TemplateFolder;
  readonly file: string;
  readonly path: string;
}

/** An import of a source as its file has it: none of the file itself, which variants import from the template. */
function placed(each: Import, { source, folder, file, path }: Place, rendering: Rendering): readonly Import[] {
  const { files, target } = rendering;
  if (each.module === "node:test" && target === "repository") return [{ ...each, module: "vitest" }];
  if (!each.module.startsWith(".")) return [each];
  const full = posix.join(TEMPLATE_PATH, posix.dirname(source.path), each.module);
  if (full.startsWith("src/")) {
    return [{ ...each, module: target === "package" ? ENTRY_POINTS[folder] : relative(path, full) }];
  }
  const name = posix.basename(full);
  const found = files.find((other) => other.file === name);
  const other = found === undefined ? undefined : pathOf(found, rendering);
  return name === file || other === undefined ? [] : [{ ...each, module: relative(path, other) }];
}

function credentialImports(path: string, { target }: Rendering): readonly Import[] {
  const module = target === "package" ? ENTRY_POINTS.venue : relative(path, "src/net/auth.ts");
  return [{ module, names: ["KEY_AND_SECRET", ...Object.values(CREDENTIALS)] }];
}

function relative(from: string, to: string): string {
  const path = posix.relative(posix.dirname(from), to);
  return path.startsWith(".") ? path : `./${path}`;
}

/** Changes the names of the template's venue, in one pass, so that no new name is taken for an old one. */
function renamerOf(choices: VenueChoices): (text: string) => string {
  const { displayName, domains, exampleTradingPair, name } = choices;
  const [base = "", quote = ""] = exampleTradingPair.split("-");
  const other = base === "ETH" ? "BTC" : "ETH";
  return replacerOf({
    acme_perpetual: domains[0].name,
    '"Acme"': JSON.stringify(displayName),
    acmeFixtures: `${camelCase(name)}Fixtures`,
    AcmeServer: `${pascalCase(name)}Server`,
    AcmeConnection: `${pascalCase(name)}Connection`,
    '"ACME-': `"${headerPrefix(name)}-`,
    '"/acme"': `"/${dashedName(name)}"`,
    '"acme"': `"${name}"`,
    "--api acme": `--api ${name}`,
    "BTC-USDT": exampleTradingPair,
    "ETH-USDT": `${other}-${quote}`,
    BTCUSDT: `${base}${quote}`,
    ETHUSDT: `${other}${quote}`,
    "}USDT": `}${quote}`,
    '"BTC"': `"${base}"`,
    '"ETH"': `"${other}"`,
    '"USDT"': `"${quote}"`,
  });
}

/** Replaces each of these words where it stands for itself. */
function replacerOf(words: Readonly<Record<string, string>>): (text: string) => string {
  const pattern = Object.keys(words)
    .toSorted((a, b) => b.length - a.length)
    .map((word) => `${/^\w/.test(word) ? "\\b" : ""}${word.replace(/[.\\+?^${}()|[\]]/g, "\\$&")}`);
  const any = new RegExp(pattern.join("|"), "g");
  return (text) => text.replace(any, (word) => words[word] ?? word);
}
