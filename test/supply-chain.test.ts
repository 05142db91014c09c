import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  deniedLicences,
  LOCK_FILES,
  packagesOf,
  shippedPackages,
  signatureVerdict,
} from "../scripts/supply-chain-rules.ts";

const lock = (packages: object) => JSON.stringify({ lockfileVersion: 3, packages: { "": {}, ...packages } });

const ROOT = resolve(import.meta.dirname, "..");
const read = (path: string): string => readFileSync(resolve(ROOT, path), "utf8");

describe("the licences of what is installed", () => {
  it.each(LOCK_FILES)("are allowed, all of them, in $path", ({ path, manifests }) => {
    const packages = packagesOf(read(path), shippedPackages(manifests.map(read)));
    expect(packages.length).toBeGreaterThan(0);
    expect(deniedLicences(packages)).toEqual([]);
  });

  it("are those of what is shipped for both packages and what they bring along, and for what these need", () => {
    const shipped = packagesOf(
      read("package-lock.json"),
      shippedPackages(["package.json", "packages/cli/package.json"].map(read)),
    ).flatMap(({ name, isDevelopment }) => (isDevelopment ? [] : [name]));
    expect(shipped).toEqual(expect.arrayContaining(["ws", "commander", "zod", "sonic-boom"]));
    expect(shipped).not.toContain("vitest");
  });

  it("are refused when they ask for more, or when there is none", () => {
    const file = lock({
      "node_modules/fine": { license: "MIT" },
      "node_modules/choice": { license: "(GPL-3.0 OR Apache-2.0)" },
      "node_modules/tool": { license: "MPL-2.0" },
      "node_modules/a": { license: "MIT", dependencies: { "@scope/shipped": "1.0.0" } },
      "node_modules/@scope/shipped": { license: "MIT" },
      "node_modules/a/node_modules/@scope/shipped": { license: "MPL-2.0", dependencies: { below: "1.0.0" } },
      "node_modules/below": { license: "CC-BY-4.0" },
      "node_modules/both": { license: "MIT AND GPL-3.0" },
      "node_modules/gpl": { license: "GPL-3.0" },
      "node_modules/silent": {},
    });
    const names = (shipped: readonly string[]) => deniedLicences(packagesOf(file, shipped)).map(({ name }) => name);
    expect(names(["fine", "choice", "a", "both"])).toEqual(["@scope/shipped", "below", "both", "gpl", "silent"]);
    expect(names([])).toEqual(["both", "gpl", "silent"]);
  });
});

describe("the signatures of what is installed", () => {
  it("are good when none is invalid or missing", () => {
    expect(signatureVerdict('{"invalid":[],"missing":[]}')).toEqual({ isGood: true, text: "all are valid" });
  });

  it("are bad when one is", () => {
    const answer = { invalid: [{ name: "a", version: "1.0.0" }], missing: [{ name: "b", version: "2.0.0" }] };
    expect(signatureVerdict(JSON.stringify(answer))).toEqual({
      isGood: false,
      text: "a@1.0.0 invalid, b@2.0.0 missing",
    });
  });

  it.each([
    ["", "skipped, the registry gave no answer"],
    ["not JSON", "skipped, the registry gave no answer"],
    ['{"error":{"code":"ENOTFOUND","summary":"request to registry.example"}}', "could not be asked (ENOTFOUND)"],
    ['{"error":{"summary":"No supported registries"}}', "could not be asked (an error)"],
    ["{}", "has no signatures"],
  ])("are not judged, and nobody named, after %j", (answer, text) => {
    const verdict = signatureVerdict(answer);
    expect(verdict.isGood).toBe(true);
    expect(verdict.text).toContain(text);
    expect(verdict.text).not.toContain("registry.example");
  });
});
