import { parentPort, workerData } from "node:worker_threads";
import { Pool } from "undici";

/** A request of the load, ready to be sent. */
export interface LoadRequest {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const IN_FLIGHT = 16;

const { origin } = workerData as { readonly origin: string };
const pool = new Pool(origin, { connections: IN_FLIGHT });

/** Sends all of them, so many unanswered at a time, and tells how many were taken. */
async function sendAll(requests: readonly LoadRequest[]): Promise<void> {
  let next = 0;
  let taken = 0;
  let refusal = "";
  const send = async (): Promise<void> => {
    for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
      const { path, headers, body } = request;
      const response = await pool.request({ method: "POST", path, headers, body: body === "" ? null : body });
      const text = await response.body.text();
      if (response.statusCode === 200) taken += 1;
      else refusal = text;
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, send));
  parentPort?.postMessage({ taken, refusal });
}

parentPort?.on("message", (requests: readonly LoadRequest[]) => void sendAll(requests));
