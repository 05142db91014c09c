/**
 * Compiles the reader of order book messages, `kernel/book-scanner.ts`, and writes it into
 * `src/market-data/scan-kernel-bytes.ts`. With --check it writes nothing, and fails where that file is of other sources.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { argumentsOf } from "./arguments.ts";

const { check = false } = argumentsOf(import.meta.filename, { check: { type: "boolean" } });
const KERNEL = resolve(import.meta.dirname, "../kernel");
const TARGET = resolve(import.meta.dirname, "../src/market-data/scan-kernel-bytes.ts");
const COMPILER = join(KERNEL, "node_modules/assemblyscript/bin/asc.js");
const LINE = 118;
/** Pages of 64 KiB: up to the end of the message's room, and one for what follows it. */
const PAGES = 23;
const OPTIONS = [
  ...["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd,bulk-memory"],
  ...["--initialMemory", String(PAGES), "--maximumMemory", String(PAGES), "--memoryBase", "32"],
];

function compiled(): string {
  const folder = mkdtempSync(join(tmpdir(), "perpwire-kernel-"));
  try {
    const target = join(folder, "kernel.wasm");
    execFileSync(process.execPath, [COMPILER, "book-scanner.ts", "--outFile", target, ...OPTIONS], {
      cwd: KERNEL,
      stdio: ["ignore", "ignore", "inherit"],
    });
    return readFileSync(target, "base64");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const lines = compiled().match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
const text = `/** Compiled from \`kernel/book-scanner.ts\` by \`npm run kernel\`. */
export const KERNEL_BYTES = \`
${lines.join("\n")}
\`.replaceAll("\\n", "");
`;

if (!check) writeFileSync(TARGET, text);
else if (readFileSync(TARGET, "utf8") !== text) {
  console.error("src/market-data/scan-kernel-bytes.ts is not what kernel/book-scanner.ts gives: npm run kernel");
  process.exitCode = 1;
}
