import { createRequire } from "node:module";

/** Version of Perpwire, as its `package.json` has it. */
export function versionOfPackage(): string {
  const manifest: unknown = createRequire(import.meta.url)("../../package.json");
  if (typeof manifest === "object" && manifest !== null && "version" in manifest) return String(manifest.version);
  return "unknown";
}
