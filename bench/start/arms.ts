import { spawnSync } from "node:child_process";
import { connect } from "../../src/connect.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import type { Arm } from "../arm.ts";

export interface StartSetup {
  /** Module that a process of its own imports, as the program's text names it. */
  readonly imports?: string;
  /** Connector that becomes ready on the exchange in the box, and its market. */
  readonly connector?: string;
  readonly tradingPair?: string;
}

const PROGRAM = `
const before = process.memoryUsage().heapUsed, startMs = performance.now();
await import(process.argv[1]);
const ms = performance.now() - startMs;
gc();
console.log(JSON.stringify({ ms, heapMb: (process.memoryUsage().heapUsed - before) / 1e6 }));
process.exit();
`;

function importing(module: string): Arm {
  return {
    pass() {
      const flags = ["--expose-gc", "--input-type=module", "-e", PROGRAM, module];
      const { status, stdout, stderr } = spawnSync(process.execPath, flags, { encoding: "utf8" });
      if (status !== 0) throw new Error(stderr);
      return JSON.parse(stdout) as { readonly ms: number; readonly heapMb: number };
    },
  };
}

/** Real sockets of the loopback address; the box starts with it, and its start does not count. */
function connecting(connector: string, tradingPair: string): Arm {
  let seed = 0;
  return {
    async pass() {
      seed += 1;
      const { createPaperVenue } = await import("../../src/paper/index.ts");
      const { nodeRuntime } = await import("../../src/runtime/node-runtime.ts");
      const runtime = nodeRuntime();
      const api = connector.replace("_perpetual", "") as "bybit";
      const venue = await createPaperVenue({ api, seed }, runtime);
      const { rest: restUrl, ws: webSocketUrl } = venue;
      const startMs = performance.now();
      const opened = await connect(connector, {
        ...{ tradingPairs: [tradingPair], credentials: venue.credentials(), restUrl, webSocketUrl },
        ...{ journalPath: ":memory:", logger: SILENT_LOGGER },
      });
      const ms = performance.now() - startMs;
      await opened.stop();
      await venue.stop();
      await runtime.http.close();
      return { ms };
    },
  };
}

export function createArm(_name: string, setup: unknown): Arm {
  const { imports, connector, tradingPair } = setup as StartSetup;
  if (imports !== undefined) return importing(imports);
  if (connector !== undefined && tradingPair !== undefined) return connecting(connector, tradingPair);
  throw new Error("nothing to start");
}
