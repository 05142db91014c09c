import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, it } from "vitest";
import { ENGINE_MUTANTS } from "./mutants.ts";

const SRC = resolve(import.meta.dirname, "../../../src");

it("breaks at least twenty promises, each by itself", () => {
  expect(new Set(ENGINE_MUTANTS.map(({ name }) => name)).size).toBe(ENGINE_MUTANTS.length);
  expect(ENGINE_MUTANTS.length).toBeGreaterThanOrEqual(20);
});

it.each(ENGINE_MUTANTS)("can be planted: $name", ({ also = [], ...first }) => {
  for (const { file, find, replace } of [first, ...also]) {
    const text = readFileSync(resolve(SRC, file), "utf8");
    expect(text.split(find)).toHaveLength(2);
    expect(replace).not.toBe(find);
  }
});
