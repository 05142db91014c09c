import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

/** Sources and what is built of them lie one folder below the top of the package alike. */
const TOP = new URL("../", import.meta.url);

export const fileOfPackage = (path: string): string => fileURLToPath(new URL(path, TOP));

/** The file that starts the command, for processes that it starts of itself. */
export const SCRIPT = fileOfPackage("bin/perpwire.js");

/** The top of the clone, with a slash at its end, where the sources run; undefined in the package that is published. */
export const CLONE = import.meta.url.endsWith(".ts") ? fileOfPackage("../../") : undefined;

/** Reads the package's `package.json`. */
export function ownManifest(): Readonly<Record<string, unknown>> {
  const manifest: unknown = createRequire(import.meta.url)("../package.json");
  return typeof manifest === "object" && manifest !== null ? { ...manifest } : {};
}

/** Version of Perpwire: the command and the library have the same one. */
export function versionOfPackage(): string {
  return String(ownManifest().version ?? "unknown");
}
