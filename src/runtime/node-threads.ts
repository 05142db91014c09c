import { parentPort, Worker, workerData } from "node:worker_threads";
import { NodeClock } from "./node-clock.ts";
import type { Clock, Thread, ThreadHandlers, ThreadHost } from "./runtime.ts";

interface ThreadStart {
  readonly data: unknown;
  readonly originMs: number;
}

/** Time of the machine's monotonic clock at which that of this thread was 0: each thread counts from its own start. */
const originMs = (): number => Number(process.hrtime.bigint()) / 1e6 - performance.now();

export const nodeThreads: ThreadHost = {
  start(module: URL, data: unknown, { onMessage, onEnd }: ThreadHandlers): Thread {
    const start: ThreadStart = { data, originMs: originMs() };
    // An environment of its own, for that of the process may hold keys.
    const worker = new Worker(module, { workerData: start, env: {} });
    let failure: unknown;
    let isEnding = false;
    worker.on("message", onMessage);
    worker.on("error", (error) => {
      failure = error;
    });
    worker.on("exit", (code) => {
      if (isEnding) return;
      const text = failure instanceof Error ? failure.message : String(failure ?? `exit code ${code}`);
      onEnd(text);
    });
    return {
      post: (message) => worker.postMessage(message),
      async end() {
        isEnding = true;
        await worker.terminate();
      },
    };
  },
};

/** A thread's side of the connection to the thread that started it. */
export interface ThreadPort {
  readonly data: unknown;
  /** Wall clock of this thread, with the monotonic clock of the thread that started it. */
  readonly clock: Clock;
  post(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Called after the events that are due now. */
  soon(work: () => void): void;
}

/** The port of the thread that this is called in. */
export function nodeThreadPort(): ThreadPort {
  const port = parentPort;
  if (port === null) throw new Error("this module is to be started in a thread");
  const { data, originMs: parentsMs } = workerData as ThreadStart;
  const shiftMs = originMs() - parentsMs;
  const own = new NodeClock();
  return {
    data,
    clock: { now: () => own.now(), monotonic: () => performance.now() + shiftMs },
    post: (message) => port.postMessage(message),
    onMessage: (listener) => void port.on("message", listener),
    soon: (work) => void setImmediate(work),
  };
}
