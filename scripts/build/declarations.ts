import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";

/** Imports of a declaration, in each of the three ways to do so. */
const SPECIFIER = /(\bfrom |\bimport\(|^import )"([^"]+)"/gm;

/**
 * Writes the declarations that the entry points reach, and no others: what no program can import says nothing to it, and
 * may name packages that it does not have. Throws where one that is reached names a package that is no dependency.
 */
export function writeDeclarations(
  root: string,
  directory: string,
  entries: readonly string[],
  dependencies: readonly string[],
): void {
  const all = mkdtempSync(join(tmpdir(), "perpwire-declarations-"));
  try {
    const tsc = join(root, "node_modules/typescript/bin/tsc");
    execFileSync(process.execPath, [tsc, "-p", "tsconfig.build.json", "--outDir", all], {
      cwd: root,
      stdio: "inherit",
    });
    const reached = new Set<string>();
    const visit = (file: string): void => {
      if (reached.has(file)) return;
      reached.add(file);
      for (const specifier of specifiersOf(readFileSync(file, "utf8"))) {
        if (specifier.startsWith(".")) visit(resolve(dirname(file), specifier.replace(/\.ts$/, ".d.ts")));
        else if (!dependencies.includes(specifier)) {
          throw new Error(`the declarations of ${relative(all, file)} need ${specifier}, which is no dependency`);
        }
      }
    };
    for (const entry of entries) visit(join(all, `${entry}.d.ts`));
    for (const file of reached) {
      const target = join(directory, relative(all, file));
      mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, readFileSync(file, "utf8").replace(SPECIFIER, withJavaScript));
    }
  } finally {
    rmSync(all, { recursive: true });
  }
}

function specifiersOf(text: string): readonly string[] {
  return [...text.matchAll(SPECIFIER)].map((match) => match[2] ?? "");
}

/** Imports by the names of the JavaScript files, as every version of the compiler resolves them. */
function withJavaScript(_: string, before: string, specifier: string): string {
  return `${before}"${specifier.startsWith(".") ? specifier.replace(/\.ts$/, ".js") : specifier}"`;
}
