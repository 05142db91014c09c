/**
 * Compiles what is in `kernel/` and writes it into files of the source. With --check it writes nothing, and fails where one
 * of them is of other sources.
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { argumentsOf } from "./arguments.ts";

const { check = false } = argumentsOf(import.meta.filename, { check: { type: "boolean" } });
const KERNEL = resolve(import.meta.dirname, "../kernel");
const ROOT = resolve(import.meta.dirname, "..");
const COMPILER = join(KERNEL, "node_modules/assemblyscript/bin/asc.js");
const LINE = 118;

/** A source, the file that is made of it, and the memory that its places need, in pages of 64 KiB. */
const KERNELS = [
  { source: "book-scanner.ts", target: "src/market-data/scan-kernel-bytes.ts", pages: 23 },
  { source: "level-crc.ts", target: "src/market-data/level-crc-bytes.ts", pages: 18 },
] as const;

function compiled(source: string, pages: number): string {
  const folder = mkdtempSync(join(tmpdir(), "perpwire-kernel-"));
  const options = [
    ...["-O3", "--noAssert", "--runtime", "stub", "--enable", "simd,bulk-memory", "--memoryBase", "32"],
    ...["--initialMemory", String(pages), "--maximumMemory", String(pages)],
  ];
  try {
    const target = join(folder, "kernel.wasm");
    execFileSync(process.execPath, [COMPILER, source, "--outFile", target, ...options], {
      cwd: KERNEL,
      stdio: ["ignore", "ignore", "inherit"],
    });
    return readFileSync(target, "base64");
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const { source, target, pages } of KERNELS) {
  const lines = compiled(source, pages).match(new RegExp(`.{1,${LINE}}`, "g")) ?? [];
  const text = `/** Compiled from \`kernel/${source}\` by \`npm run kernel\`. */
export const KERNEL_BYTES = \`
${lines.join("\n")}
\`.replaceAll("\\n", "");
`;
  const path = join(ROOT, target);
  if (!check) writeFileSync(path, text);
  else if (readFileSync(path, "utf8") !== text) {
    console.error(`${target} is not what kernel/${source} gives: npm run kernel`);
    process.exitCode = 1;
  }
}
