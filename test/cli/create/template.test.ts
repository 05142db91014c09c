import { describe, expect, it } from "vitest";
import { repositoryFiles } from "../../../packages/cli/src/create/files.ts";
import { splitImports } from "../../../packages/cli/src/create/imports.ts";
import { slotsOf, withoutMarks, withSlots } from "../../../packages/cli/src/create/slots.ts";
import { readTemplate } from "../../../packages/cli/src/create/template.ts";
import { variantsOf } from "../../../packages/cli/src/create/variants.ts";
import { choices, combinations, templateSources } from "./tree.ts";

const SOURCES = templateSources();
/** Holds an expression for every part that may be signed, of which the answers choose. */
const PARTS = "signed-parts";
/** Filled with what was answered, and not from a variant. */
const COMPUTED: Readonly<Record<string, readonly string[]>> = {
  "auth.ts": ["payload", "helpers"],
  "constants.ts": ["domain"],
  "fixtures.ts": ["auth", "credentials"],
  "manifest.ts": ["credentials"],
  "server.ts": ["credentials"],
};
const fileIn = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
const isVariant = (path: string): boolean => path.startsWith("variants/");
const variantIn = (path: string): string => path.split("/")[1] ?? "";

describe("the template of a venue", () => {
  it("has a folder for every variant that answers call for, and no other", () => {
    const called = new Set(combinations().flatMap(variantsOf));
    const folders = new Set([...SOURCES.keys()].filter(isVariant).map(variantIn));
    expect([...folders].toSorted()).toEqual([...called, PARTS].toSorted());
  });

  it("has in every variant only regions that its file has, in the template or in another variant", () => {
    const lost = [...SOURCES]
      .filter(([path]) => isVariant(path) && variantIn(path) !== PARTS)
      .flatMap(([path, text]) => {
        const others = [...SOURCES].filter(([other]) => other !== path && fileIn(other) === fileIn(path));
        const known = new Set(others.flatMap(([, source]) => [...slotsOf(source).keys()]));
        return [...slotsOf(text).keys()].filter((name) => !known.has(name)).map((name) => `${path} ${name}`);
      });
    expect(lost).toEqual([]);
  });

  it("has no region that no answer changes", () => {
    const idle = [...SOURCES]
      .filter(([path]) => !isVariant(path))
      .flatMap(([path, text]) => {
        const variants = [...SOURCES].filter(([other]) => isVariant(other) && fileIn(other) === fileIn(path));
        const changed = new Set(variants.flatMap(([, source]) => [...slotsOf(source).keys()]));
        const computed = COMPUTED[fileIn(path)] ?? [];
        return [...slotsOf(text).keys()].filter((name) => !changed.has(name) && !computed.includes(name));
      });
    expect(idle).toEqual([]);
  });

  it("is what comes of the answers that are given by default, without the marks of its regions", async () => {
    const files = {
      exists: async (path: string) => named(path) !== undefined,
      readText: async (path: string) => named(path) ?? "",
    };
    const venue = choices("acme");
    const generated = repositoryFiles(await readTemplate(files, venue), venue);
    const names = (text: string) =>
      splitImports(text)
        .imports.flatMap((each) => [...each.names, each.namespace])
        .toSorted();
    const sources = [...SOURCES].filter(([path]) => !isVariant(path) && fileIn(path) !== "definition.ts");
    expect(sources.length).toBeGreaterThan(12);
    for (const [path, source] of sources) {
      const written = fileIn(path).replace("conformance.ts", "conformance.test.ts");
      const text = generated.find((each) => fileIn(each.path) === written)?.text ?? "";
      expect(splitImports(text).body, path).toBe(withoutMarks(splitImports(source).body));
      expect(names(text), path).toEqual(names(source));
    }
    expect(generated.map(({ text }) => text).filter((text) => /^\s*\/\/ <\/?[a-z]/m.test(text))).toEqual([]);
  });
});

/** A source of the template by its path on the disk. */
function named(path: string): string | undefined {
  return SOURCES.get(path.slice(path.indexOf("/template/") + "/template/".length));
}

describe("a marked region", () => {
  const TEXT = "{\n  // <outer>\n  a,\n  // <inner>\n  b,\n  // </inner>\n  // </outer>\n}\n";

  it("is read with those within it, and replaced at the indentation of its own place", () => {
    expect(Object.fromEntries(slotsOf(TEXT))).toEqual({ inner: "b,", outer: "a,\n// <inner>\nb,\n// </inner>" });
    const other = withSlots(TEXT, new Map([["inner", "c,\n\nd,"]]));
    expect(withoutMarks(other)).toBe("{\n  a,\n  c,\n\n  d,\n}\n");
    expect(withoutMarks(withSlots(TEXT, new Map([["outer", ""]])))).toBe("{\n}\n");
  });

  it("is refused where it has no end, or another one's", () => {
    expect(() => slotsOf("// <a>\n")).toThrow("region a has no end");
    expect(() => slotsOf("// <a>\n// </b>\n")).toThrow("region b ends where a is open");
  });
});
