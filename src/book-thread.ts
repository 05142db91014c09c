import { BookThreadRun } from "./connector/book-thread.ts";
import type { ThreadSetup, ToThread } from "./market-data/threads/thread-messages.ts";
import { loadVenue } from "./registry.ts";
import { nodeRuntime } from "./runtime/node-runtime.ts";
import { nodeThreadPort } from "./runtime/node-threads.ts";

/** The venue of a thread: a connector of this package, and where its servers are. */
export interface ThreadVenue {
  readonly connector: string;
  readonly domain: string;
  readonly restUrl: string | undefined;
  readonly webSocketUrl: string | undefined;
}

const port = nodeThreadPort();
const setup = port.data as ThreadSetup;
/** Messages that come while the venue is being loaded. */
const early: ToThread[] = [];
let hear = (message: ToThread): void => void early.push(message);
port.onMessage((message) => hear(message as ToThread));
const { connector, domain, restUrl, webSocketUrl } = setup.venue as ThreadVenue;
const { module } = await loadVenue(connector);
const run = new BookThreadRun({
  venue: module.createVenue({ domain, restUrl, webSocketUrl }),
  runtime: { ...nodeRuntime(), clock: port.clock, threads: undefined },
  setup,
  post: (message) => port.post(message),
  soon: (work) => port.soon(work),
});
hear = (message) => run.onMessage(message);
for (const message of early) hear(message);
await run.run(new AbortController().signal);
