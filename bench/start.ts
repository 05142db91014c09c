import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { bundle } from "../scripts/build/bundle.ts";
import { BUNDLED } from "../scripts/supply-chain-rules.ts";
import type { Result } from "./report.ts";
import { type Contender, inTurn } from "./rounds.ts";

const ROOT = resolve(import.meta.dirname, "..");
const require = createRequire(import.meta.url);

const PAIRS: Readonly<Record<string, string>> = {
  ...{ bybit: "BTC-USDT", binance: "BTC-USDT", okx: "BTC-USDT", gate_io: "BTC-USDT", hyperliquid: "BTC-USD" },
  ftx: "BTC-USD",
};

/** Bundles the library as it is published; below this folder it finds its dependencies. */
async function bundled(): Promise<string> {
  const directory = resolve(import.meta.dirname, "node_modules/.perpwire");
  const manifest = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8")) as { readonly dependencies: object };
  await bundle({
    ...{ directory, bundled: BUNDLED, notices: resolve(directory, "notices.txt") },
    inputs: { index: resolve(ROOT, "src/index.ts") },
    dependencies: Object.keys(manifest.dependencies),
  });
  return resolve(directory, "index.js");
}

function importOf(name: string, key: string, path: string, note: string): Contender {
  return { name, key, arm: key, note, setup: { imports: pathToFileURL(path).href } };
}

async function imports(passes: number): Promise<Result> {
  const contenders = [
    importOf("perpwire", "perpwire", await bundled(), "as it is published"),
    importOf("ccxt 4.5.84", "ccxt", resolve(import.meta.dirname, "node_modules/ccxt/js/ccxt.js"), "all exchanges"),
    importOf("tardis-dev 13.35.3", "tardis", require.resolve("tardis-dev"), ""),
    importOf("bybit-api 4.7.7", "bybitApi", require.resolve("bybit-api"), ""),
    importOf("binance 3.6.5", "binance", require.resolve("binance"), ""),
  ];
  const module = new URL("./start/arms.ts", import.meta.url).href;
  const figures = await inTurn({ module, contenders, passes, units: 1, by: "ms" });
  return { name: "import", work: "one a pass, each in a process of its own", unit: "ms by the clock", passes, figures };
}

async function connections(passes: number): Promise<Result> {
  const contenders = Object.entries(PAIRS).map(([name, tradingPair]): Contender => {
    const setup = { connector: `${name}_perpetual`, tradingPair };
    return {
      name: setup.connector,
      key: name,
      arm: name,
      note: "checked, subscribed, caught up: ready to trade",
      setup,
    };
  });
  const module = new URL("./start/arms.ts", import.meta.url).href;
  const figures = await inTurn({ module, contenders, passes, units: 1, by: "ms" });
  const name = "from connect() until ready, on the exchange in the box over loopback";
  return { name, work: "one connector a pass", unit: "ms by the clock", passes, figures };
}

/** The cost of beginning: to load the library, and to become ready to trade. */
export async function benchStart({ passes }: { readonly passes: number }): Promise<readonly Result[]> {
  return [await imports(passes), await connections(passes)];
}
