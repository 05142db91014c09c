import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import * as entryPoint from "../src/venue.ts";

const SRC = resolve(import.meta.dirname, "../src");
const IMPORT = /^import (type )?\{([^}]*)\} from "\.\.\/\.\.\/([^"]+)";/gm;

/** What the files of all venues import from beside their folder: names with what they are, and the module. */
function importsOfVenues() {
  const files = readdirSync(join(SRC, "venues"), { recursive: true, encoding: "utf8" });
  return files
    .filter((file) => file.endsWith(".ts"))
    .flatMap((file) => [...readFileSync(join(SRC, "venues", file), "utf8").matchAll(IMPORT)])
    .flatMap(([, isTypeOnly, names = "", module = ""]) =>
      names
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "")
        .map((name) => ({
          module,
          name: name.replace(/^type /, ""),
          isType: isTypeOnly !== undefined || /^type /.test(name),
        })),
    );
}

/** What a module has under the same names for venues outside of the repository: types that name no package. */
const PUBLISHED_AS: Readonly<Record<string, readonly string[]>> = {
  "net/wire.ts": ["net/wire-schemas.ts", "net/payload.ts"],
};

/** The names that the entry point takes from a module; `*` for all of them. */
function exportsFrom(module: string): readonly string[] {
  const text = readFileSync(join(SRC, "venue.ts"), "utf8");
  const statements = [...text.matchAll(/^export (?:type )?(\*|\{[^}]*\}) from "\.\/([^"]+)";/gm)];
  return statements
    .filter(([, , from]) => from === module)
    .flatMap(([, names = ""]) => names.replace(/[{}]|\btype /g, "").split(","))
    .map((name) => name.trim());
}

const found = importsOfVenues();

describe("perpwire/venue", () => {
  it("exports every type that a file of a venue imports", () => {
    expect(found.length).toBeGreaterThan(100);
    const missing = found.filter(({ module, name }) => {
      const names = [module, ...(PUBLISHED_AS[module] ?? [])].flatMap(exportsFrom);
      return !names.includes("*") && !names.includes(name);
    });
    expect([...new Set(missing.map(({ module, name }) => `${name} of ${module}`))]).toEqual([]);
  });

  it("exports every value that a file of a venue imports", () => {
    const missing = found.filter(({ name, isType }) => !isType && !(name in entryPoint));
    expect([...new Set(missing.map(({ name }) => name))]).toEqual([]);
  });
});
