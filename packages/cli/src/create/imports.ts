/** One import of a source. `namespace` is set for `import * as`, and `names` is empty then. */
export interface Import {
  readonly module: string;
  /** With `type ` in front of those that are types alone. */
  readonly names: readonly string[];
  readonly namespace?: string | undefined;
}

const IMPORT = /^import (type )?(?:\* as (\w+)|\{([^}]*)\}) from "([^"]+)";\n/gm;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/[^\n]*/g;
const LINE_WIDTH = 120;

/** The imports of a source, and the rest of it. */
export function splitImports(text: string): { readonly imports: readonly Import[]; readonly body: string } {
  const imports = Array.from(text.matchAll(IMPORT), ([, isTypeOnly, namespace, list = "", module = ""]): Import => {
    const names = list
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .map((name) => (isTypeOnly === undefined ? name : `type ${name}`));
    return { module, names, namespace };
  });
  return { imports, body: text.replace(IMPORT, "").trimStart() };
}

/** Imports that the body uses, each with the names that it uses. */
export function usedImports(imports: readonly Import[], body: string): readonly Import[] {
  const code = body.replace(COMMENT, "");
  // A name after a single dot is a field; after three dots it is spread.
  const isUsed = (name: string): boolean =>
    new RegExp(`(?<!\\w|(?<!\\.)\\.)${name.replace(/^type /, "")}\\b`).test(code);
  return imports
    .map((each) => ({ ...each, names: each.names.filter(isUsed) }))
    .filter(({ names, namespace }) => (namespace === undefined ? names.length > 0 : isUsed(namespace)));
}

/** Imports as the formatter has them: merged by module, sorted. */
export function renderImports(imports: readonly Import[]): string {
  const lines: { readonly module: string; readonly text: string }[] = [];
  for (const [module, group] of Map.groupBy(imports, (each) => each.module)) {
    for (const namespace of new Set(group.map((each) => each.namespace))) {
      if (namespace !== undefined) lines.push({ module, text: `import * as ${namespace} from "${module}";` });
    }
    const names = mergedNames(group.flatMap((each) => each.names));
    if (names.length > 0) lines.push({ module, text: renderNamed(module, names) });
  }
  return lines
    .toSorted((a, b) => rank(a.module) - rank(b.module) || natural(a.module, b.module))
    .map(({ text }) => text)
    .join("\n");
}

/** A name that is imported as a value somewhere is a value. */
function mergedNames(names: readonly string[]): readonly string[] {
  const all = new Set(names);
  return [...all].filter((name) => !name.startsWith("type ") || !all.has(name.slice("type ".length)));
}

/** `import { ... }` of these names, in one line where it fits. */
export function renderNamed(module: string, names: readonly string[]): string {
  const bare = (name: string): string => name.replace(/^type /, "");
  const sorted = names.toSorted((a, b) => natural(bare(a), bare(b)));
  const isTypeOnly = sorted.every((name) => name.startsWith("type "));
  const keyword = isTypeOnly ? "import type" : "import";
  const shown = isTypeOnly ? sorted.map(bare) : sorted;
  const line = `${keyword} { ${shown.join(", ")} } from "${module}";`;
  if (line.length <= LINE_WIDTH) return line;
  return [`${keyword} {`, ...shown.map((name) => `  ${name},`), `} from "${module}";`].join("\n");
}

/** Letter by letter, capitals before small ones of the same letter. */
function natural(a: string, b: string): number {
  for (let at = 0; at < Math.min(a.length, b.length); at += 1) {
    const [left = "", right = ""] = [a[at], b[at]];
    if (left === right) continue;
    const [small, other] = [left.toLowerCase(), right.toLowerCase()];
    return small === other ? (left < right ? -1 : 1) : small < other ? -1 : 1;
  }
  return a.length - b.length;
}

/** Node's modules, packages, then files from the farthest to the nearest. */
function rank(module: string): number {
  if (module.startsWith("node:")) return 0;
  if (module.startsWith("./")) return 9;
  return module.startsWith("../") ? 3 - module.split("../").length / 10 : 1;
}
