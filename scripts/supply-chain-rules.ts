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
const FOR_DEVELOPMENT = [...PERMISSIVE, "MPL-2.0", "CC-BY-4.0", "Python-2.0", "Unlicense"];

/** Packages that the build brings along in what it makes, so that no user installs them. */
export const BUNDLED = ["zod"];
/** The packages that are published. */
const MANIFESTS = ["package.json", "packages/cli/package.json"];
/** Lock files: published packages are made of the first, the others are for benchmarks and tests. */
export const LOCK_FILES = [
  { path: "package-lock.json", manifests: MANIFESTS },
  { path: "bench/package-lock.json", manifests: [] },
  { path: "test/clients/package-lock.json", manifests: [] },
] as const;

interface LockEntry {
  readonly license?: unknown;
  readonly dependencies?: Readonly<Record<string, string>> | undefined;
  readonly optionalDependencies?: Readonly<Record<string, string>> | undefined;
}

/**
 * The packages of a `package-lock.json`, without the project itself. Shipped are those that a published package depends on
 * or brings along, `shipped` by name, and what these depend on in turn.
 */
export function packagesOf(lockFile: string, shipped: readonly string[]): readonly LockedPackage[] {
  const { packages = {} } = JSON.parse(lockFile) as { packages?: Record<string, LockEntry> };
  const reached = reachedFrom(packages, shipped);
  return Object.entries(packages).flatMap(([path, { license }]) => {
    if (path === "") return [];
    const name = path.replace(/^.*node_modules\//, "");
    const licence = typeof license === "string" ? license : undefined;
    return [{ name, licence, isDevelopment: !reached.has(path) }];
  });
}

/** Paths of the packages, and of those that they need, each as Node.js finds it from the one that needs it. */
function reachedFrom(packages: Readonly<Record<string, LockEntry>>, names: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const visit = (from: string, name: string): void => {
    const path = nearest(packages, from, name);
    if (path === undefined || reached.has(path)) return;
    reached.add(path);
    const { dependencies, optionalDependencies } = packages[path] ?? {};
    for (const needed of Object.keys({ ...dependencies, ...optionalDependencies })) visit(path, needed);
  };
  for (const name of names) visit("", name);
  return reached;
}

function nearest(packages: Readonly<Record<string, LockEntry>>, from: string, name: string): string | undefined {
  const path = `${from === "" ? "" : `${from}/`}node_modules/${name}`;
  if (packages[path] !== undefined) return path;
  return from === ""
    ? undefined
    : nearest(packages, from.replace(/(?:^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, ""), name);
}

/** Names of the packages that the published ones depend on and bring along. */
export function shippedPackages(manifests: readonly string[]): readonly string[] {
  const named = manifests.flatMap((text) => {
    const { dependencies = {} } = JSON.parse(text) as { dependencies?: Readonly<Record<string, string>> };
    return Object.keys(dependencies);
  });
  return [...new Set([...named, ...BUNDLED])];
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
