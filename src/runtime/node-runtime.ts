import { NodeClock, nodeRandom, nodeTimers } from "./node-clock.ts";
import { nodeFiles } from "./node-files.ts";
import { NodeHttpClient } from "./node-http.ts";
import { NodeJournalStores } from "./node-journal.ts";
import { NodeServerHost } from "./node-server.ts";
import { nodeThreads } from "./node-threads.ts";
import { NodeWebSocketClient } from "./node-web-socket.ts";
import type { Runtime } from "./runtime.ts";

/** The real world. undici, ws and node:sqlite are loaded when they are first used. */
export function nodeRuntime(): Runtime {
  return {
    clock: new NodeClock(),
    timers: nodeTimers,
    random: nodeRandom,
    http: new NodeHttpClient(),
    webSocket: new NodeWebSocketClient(),
    server: new NodeServerHost(),
    journals: new NodeJournalStores(),
    files: nodeFiles,
    threads: nodeThreads,
    standardError: { write: (text) => void process.stderr.write(text) },
  };
}
