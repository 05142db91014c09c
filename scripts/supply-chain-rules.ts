/** A package of a lock file. */
export interface LockedPackage {
  readonly name: string;
  readonly licence: string | undefined;
  /** Only our own work on Perpwire needs it: no user installs it. */
  readonly isDevelopment: boolean;
}

/** Licences that ask for no more than their text and notices. */
const PERMISSIVE = ["0BSD", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BlueOak-1.0.0", "CC0-1.0", "ISC", "MIT"];
/** Also fine in what is not shipped. */
const FOR_DEVELOPMENT = [...PERMISSIVE, "MPL-2.0", "CC-BY-4.0", "Python-2.0"];

/** Whose packages users install; the others are for benchmarks and tests. */
export const LOCK_FILES = [
  { path: "package-lock.json", isShipped: true },
  { path: "bench/package-lock.json", isShipped: false },
  { path: "test/clients/package-lock.json", isShipped: false },
] as const;

/** The packages of a `package-lock.json`, without the project itself. */
export function packagesOf(lockFile: string, isShipped: boolean): readonly LockedPackage[] {
  const { packages = {} } = JSON.parse(lockFile) as { packages?: Record<string, Readonly<Record<string, unknown>>> };
  return Object.entries(packages).flatMap(([path, { license, dev, devOptional, link }]) => {
    if (path === "" || link === true) return [];
    const name = path.replace(/^.*node_modules\//, "");
    const licence = typeof license === "string" ? license : undefined;
    return [{ name, licence, isDevelopment: !isShipped || dev === true || devOptional === true }];
  });
}

/** Those whose licence, or each of those to choose from, is none that is allowed. */
export function deniedLicences(packages: readonly LockedPackage[]): readonly LockedPackage[] {
  return packages.filter(({ licence = "", isDevelopment }) => {
    const allowed = isDevelopment ? FOR_DEVELOPMENT : PERMISSIVE;
    const choices = licence.replace(/^\(|\)$/g, "").split(" OR ");
    return !choices.some((choice) => choice.split(" AND ").every((part) => allowed.includes(part)));
  });
}

export interface SignatureVerdict {
  readonly isGood: boolean;
  readonly text: string;
}

/**
 * What `npm audit signatures --json` says. No answer, and an answer that is an error, says nothing about the packages: a
 * machine without a network, or a registry that signs nothing, is no reason to fail. Nothing of an error but its code is
 * shown, for its text has addresses in it.
 */
export function signatureVerdict(answer: string): SignatureVerdict {
  const report = parsed(answer);
  if (report === undefined) return { isGood: true, text: "skipped, the registry gave no answer" };
  const { error, invalid, missing } = report;
  if (typeof error === "object" && error !== null) {
    const code = "code" in error && typeof error.code === "string" ? error.code : "an error";
    return { isGood: true, text: `skipped, the registry could not be asked (${code})` };
  }
  if (!Array.isArray(invalid) || !Array.isArray(missing)) {
    return { isGood: true, text: "skipped, the registry's answer has no signatures" };
  }
  const wrong = [...namesOf(invalid, "invalid"), ...namesOf(missing, "missing")];
  return { isGood: wrong.length === 0, text: wrong.length === 0 ? "all are valid" : wrong.join(", ") };
}

function namesOf(rows: readonly unknown[], what: string): readonly string[] {
  return rows.map((row) => {
    const { name, version }: Readonly<Record<string, unknown>> = { ...(row as object) };
    return `${String(name)}@${String(version)} ${what}`;
  });
}

function parsed(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
