/**
 * Looks at what npm installed: the registry's signatures, where it can be asked for them, and the licences that the lock
 * files name, which needs no network. Ends with 1 when a signature is wrong or a licence is none of those below.
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { argumentsOf } from "./arguments.ts";
import { deniedLicences, LOCK_FILES, packagesOf, shippedPackages, signatureVerdict } from "./supply-chain-rules.ts";

argumentsOf(import.meta.filename, {});
const ROOT = resolve(import.meta.dirname, "..");
const SIGNATURES_TIMEOUT_MS = 60_000;

function checkLicences(): boolean {
  const read = (path: string): string => readFileSync(resolve(ROOT, path), "utf8");
  const packages = LOCK_FILES.flatMap(({ path, manifests }) =>
    packagesOf(read(path), manifests.length === 0 ? [] : shippedPackages(manifests.map(read))),
  );
  const denied = deniedLicences(packages);
  for (const { name, licence } of denied) console.error(`licence of ${name}: ${licence ?? "none is named"}`);
  console.log(`licences: ${packages.length} packages, ${denied.length} with one that is not allowed`);
  return denied.length === 0;
}

function checkSignatures(): boolean {
  const args = ["audit", "signatures", "--json", "--fetch-retries=0", "--loglevel=silent"];
  const { stdout } = spawnSync("npm", args, { cwd: ROOT, encoding: "utf8", timeout: SIGNATURES_TIMEOUT_MS });
  const { isGood, text } = signatureVerdict(stdout ?? "");
  console.log(`signatures: ${text}`);
  return isGood;
}

const areGood = [checkLicences(), checkSignatures()];
if (areGood.includes(false)) process.exitCode = 1;
