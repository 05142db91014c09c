import { defineConfig } from "vitest/config";

/** axios asks the environment for a proxy and would send even what is for 127.0.0.1 through it. */
const NO_PROXIES = Object.fromEntries(
  ["http_proxy", "https_proxy", "all_proxy"].flatMap((name) => [
    [name, ""],
    [name.toUpperCase(), ""],
  ]),
);

export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["**/*.test.ts"],
    testTimeout: 30_000,
    // They wait for timers most of the time.
    maxWorkers: 4,
    env: NO_PROXIES,
  },
});
