import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  // What the package exports, by its own name: `simulate --shrink` prints a test that imports it.
  resolve: {
    alias: { "perpwire/simulation": fileURLToPath(new URL("src/simulation/index.ts", import.meta.url)) },
  },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/clients/**", "**/node_modules/**"],
    testTimeout: 30_000,
    // One less than there are processors is the default: half of a small machine would stand idle.
    maxWorkers: "100%",
    reporters: ["default", "./test/support/todo-reporter.ts"],
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "packages/*/src/**/*.ts"],
      reporter: ["text-summary", "json-summary", "text"],
      thresholds: { lines: 90 },
    },
  },
});
