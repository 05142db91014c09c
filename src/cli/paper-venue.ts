import type { ConnectOptions } from "../connect.ts";
import { isAbort } from "../model/error.ts";
import type { Cli } from "./cli.ts";

const TIMEOUT_MS = 5_000;

/** Whether the server that the user named is `perpwire venue`: nothing else answers on `/paper`. In doubt it is not. */
export async function isPaperVenue(
  cli: Cli,
  { restUrl, credentials }: Pick<ConnectOptions, "restUrl" | "credentials">,
  signal: AbortSignal,
): Promise<boolean> {
  if (restUrl === undefined || credentials === undefined) return false;
  const { http } = await cli.runtime();
  const url = new URL("/paper/clock", restUrl).href;
  // The key goes where every request of the connector takes it; the secret does not leave.
  const headers = { "paper-key": credentials.apiKey };
  try {
    const { status, text } = await http.request({ method: "GET", url, headers, timeoutMs: TIMEOUT_MS, signal });
    return status === 200 && /^\{"timeMs":\d+(\.\d+)?\}$/.test(text);
  } catch (error) {
    if (isAbort(error)) throw error;
    return false;
  }
}
