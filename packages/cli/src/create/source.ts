import type { Target } from "./choices.ts";

/** An import of a generated file. `module` is relative to `src/` (`model/error`) or to the folder (`./constants`), a path, or a package. */
export interface Import {
  readonly module: string;
  /** `type X` for what is only a type. Empty where `namespace` says all. */
  readonly names?: readonly (string | false)[] | undefined;
  readonly namespace?: string | undefined;
}

/** Path from a generated file to `src/`. */
export type Depth = "../../" | "../../../" | "../../../src/";

const LINE_WIDTH = 120;
const OUTSIDE = "perpwire/venue";

/** A generated TypeScript file, its imports in the formatter's order. */
export function source(target: Target, imports: readonly Import[], body: string, depth: Depth = "../../"): string {
  const resolved = imports.map((each) => ({ ...each, module: resolve(target, each.module, depth) }));
  return `${renderImports(resolved)}\n\n${body.trim()}\n`;
}

function resolve(target: Target, module: string, depth: Depth): string {
  if (module.startsWith("./")) return `${module}.ts`;
  if (module.startsWith("../")) return module;
  if (!module.includes("/") || module.startsWith("node:") || module.startsWith("perpwire/")) return module;
  return target === "repository" ? `${depth}${module}.ts` : OUTSIDE;
}

function renderImports(imports: readonly Import[]): string {
  const lines: { readonly module: string; readonly text: string }[] = [];
  const byModule = Map.groupBy(imports, ({ module }) => module);
  for (const [module, group] of byModule) {
    for (const { namespace } of group) {
      if (namespace !== undefined) lines.push({ module, text: `import * as ${namespace} from "${module}";` });
    }
    const names = group.flatMap(({ names = [] }) => names.filter((name) => name !== false));
    if (names.length > 0) lines.push({ module, text: renderNamed(module, [...new Set(names)]) });
  }
  return lines
    .toSorted((a, b) => rank(a.module) - rank(b.module) || natural(a.module, b.module))
    .map(({ text }) => text)
    .join("\n");
}

function renderNamed(module: string, names: readonly string[]): string {
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
