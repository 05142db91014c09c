import type { ConnectOptions } from "../../../src/connect.ts";
import { ConfigError, isAbort, PerpwireError } from "../../../src/model/error.ts";
import type { Cli } from "./cli.ts";
import { isConfirmed } from "./confirm.ts";

/** Names by which venues call the places where nothing real is at stake. */
export const TESTNET = /_(testnet|demo)$/;

const TIMEOUT_MS = 5_000;

/** Finds the credential that names an account to the exchange in the box: its key, or its address. */
export function paperKeyOf(credentials: ConnectOptions["credentials"]): string | undefined {
  return credentials?.apiKey ?? credentials?.accountAddress;
}

/**
 * Tells that the server that the user named is `perpwire venue`: nothing else answers on `/paper`. In doubt it is not.
 */
export async function isPaperVenue(
  cli: Cli,
  { restUrl, credentials }: Pick<ConnectOptions, "restUrl" | "credentials">,
  signal: AbortSignal,
): Promise<boolean> {
  const paperKey = paperKeyOf(credentials);
  if (restUrl === undefined || paperKey === undefined) return false;
  const { http } = await cli.runtime();
  const url = new URL("/paper/clock", restUrl).href;
  // The key goes where every request of the connector takes it; the secret does not leave.
  const headers = { "paper-key": paperKey };
  try {
    const { status, text } = await http.request({ method: "GET", url, headers, timeoutMs: TIMEOUT_MS, signal });
    return status === 200 && /^\{"timeMs":\d+(\.\d+)?\}$/.test(text);
  } catch (error) {
    if (isAbort(error)) throw error;
    return false;
  }
}

/** Connector and options of a command that may risk money. */
export interface Stakes {
  readonly connector: string;
  readonly options: ConnectOptions;
}

/** Tells that real money may be at stake: on anything but the exchange in the box and a testnet of the venue's own. */
async function isLive(cli: Cli, { connector, options }: Stakes, signal: AbortSignal): Promise<boolean> {
  if (options.paper !== undefined && options.paper !== false) return false;
  const { restUrl, webSocketUrl } = options;
  if (TESTNET.test(connector) && restUrl === undefined && webSocketUrl === undefined) return false;
  return !(await isPaperVenue(cli, options, signal));
}

interface YesFlag {
  readonly yes?: boolean | undefined;
}

/** Throws `ConfigError` (`NOT_CONFIRMED`) where `confirmOrder` would ask and nobody is there to be asked. */
export async function assertAttended(
  cli: Cli,
  flags: YesFlag,
  what: string,
  stakes: Stakes,
  signal: AbortSignal,
): Promise<void> {
  if (flags.yes === true || cli.process.isInputTerminal || !(await isLive(cli, stakes, signal))) return;
  throw new ConfigError(`this would ${what} at ${stakes.connector}, live, and nobody is there to be asked`, {
    code: "NOT_CONFIRMED",
    hint: "--yes agrees to it, --paper tries it on the exchange in the box",
  });
}

/** Asks before `what` is done where real money may be at stake. Throws where the answer is not yes (`NOT_CONFIRMED`). */
export async function confirmOrder(
  cli: Cli,
  flags: YesFlag,
  what: string,
  stakes: Stakes,
  signal: AbortSignal,
): Promise<void> {
  if (flags.yes === true || !(await isLive(cli, stakes, signal))) return;
  if (await isConfirmed(cli, `${what} at ${stakes.connector}, live?`, signal)) return;
  throw new PerpwireError("not confirmed; nothing was sent", { code: "NOT_CONFIRMED", hint: "--yes does not ask" });
}
