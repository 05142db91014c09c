import { type Command, Option } from "commander";
import type { ConnectOptions } from "../connect.ts";
import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { AuthError, VenueUnavailableError } from "../model/error.ts";
import type { TradingPair } from "../model/market.ts";
import { secondsToMs } from "./arguments.ts";
import type { Cli, OutputFlags } from "./cli.ts";
import { DEFAULT_CONFIG_PATH, readSettings } from "./config.ts";
import { createLogger, LOG_LEVELS, type LogLevel } from "./logging.ts";
import { stoppable, withStopSignal } from "./stop-signal.ts";

/** The flags of every command that talks to a venue. */
export interface ConnectionFlags extends OutputFlags {
  readonly connector: string;
  readonly config?: string | undefined;
  readonly restUrl?: string | undefined;
  readonly wsUrl?: string | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly logLevel: LogLevel;
  readonly journal?: string | undefined;
}

const DEFAULT_CONNECTOR = "ftx_perpetual";
const DEFAULT_TIMEOUT_MS = 30_000;

export function addConnectionOptions(command: Command, cli: Cli): Command {
  const connector = cli.process.environment.PERPWIRE_CONNECTOR || DEFAULT_CONNECTOR;
  return command
    .option("-c, --connector <name>", "the connector; PERPWIRE_CONNECTOR sets the default", connector)
    .option("--config <file>", `the configuration file, ${DEFAULT_CONFIG_PATH} if it is there`)
    .option("--rest-url <url>", "another REST server, for example of `perpwire venue`")
    .option("--ws-url <url>", "another WebSocket server")
    .addOption(
      new Option("--timeout <seconds>", "how long to wait for the venue")
        .argParser(secondsToMs)
        .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1_000)),
    )
    .addOption(new Option("--log-level <level>", "what to log, on standard error").choices(LOG_LEVELS).default("warn"))
    .option("--json", "JSON for programs, one value a line");
}

export function addJournalOption(command: Command): Command {
  return command.option("--journal <path>", "where orders are kept, .perpwire/<connector>.journal by default");
}

export interface ConnectionRequest {
  readonly tradingPairs: readonly TradingPair[];
  /**
   * `public`: credentials are left aside. `account`: they are used to look; `available`: if there are any. `trading`: the
   * journal is opened as well.
   */
  readonly access: "public" | "available" | "account" | "trading";
  /** Runs the work after the time-out as well. Default false: it is an error not to be ready. */
  readonly mayBeUnready?: boolean | undefined;
}

/**
 * Opens a connector, runs `work` when it is ready and stops it whatever happened. SIGINT and SIGTERM stop it as well
 * and reject with `InterruptedError`.
 */
export function withConnector<T>(
  cli: Cli,
  flags: ConnectionFlags,
  request: ConnectionRequest,
  work: (connector: PerpetualConnector, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return withStopSignal(cli, async (signal) => {
    const { createConnector } = await import("../connect.ts");
    await using connector = await createConnector(flags.connector, await connectOptions(cli, flags, request));
    await stoppable(signal, connector.start());
    try {
      await stoppable(signal, connector.waitUntilReady({ timeoutMs: flags.timeout }));
    } catch (error) {
      if (request.mayBeUnready !== true || !(error instanceof VenueUnavailableError)) throw error;
    }
    return await stoppable(signal, work(connector, signal));
  });
}

async function connectOptions(cli: Cli, flags: ConnectionFlags, request: ConnectionRequest): Promise<ConnectOptions> {
  const { CONNECTOR_NAMES, loadVenue } = await import("../registry.ts");
  await loadVenue(flags.connector);
  const { connector, config: configPath, restUrl, wsUrl: webSocketUrl } = flags;
  const connectorNames = CONNECTOR_NAMES;
  const settings = await readSettings(cli, { connector, connectorNames, configPath, restUrl, webSocketUrl });
  const { tradingPairs, access } = request;
  const needsCredentials = access === "account" || access === "trading";
  if (needsCredentials && settings.credentials === undefined) throw missingCredentials(connector);
  return {
    ...settings,
    credentials: access === "public" ? undefined : settings.credentials,
    tradingPairs,
    runtime: await cli.runtime(),
    logger: await createLogger(cli, flags.logLevel),
    isTradingRequired: access === "trading",
    journalPath: access === "trading" ? (flags.journal ?? defaultJournalPath(cli, connector)) : ":memory:",
  };
}

/** One journal a connector; inside it, the orders of each account are apart. */
function defaultJournalPath(cli: Cli, connector: string): string {
  return `${cli.process.workingDirectory}/.perpwire/${connector}.journal`;
}

function missingCredentials(connector: string): AuthError {
  const key = `${connector}_api_key`;
  return new AuthError(`${connector} has no credentials`, {
    code: "CREDENTIALS_MISSING",
    hint: `put ${key} and ${connector}_api_secret into ${DEFAULT_CONFIG_PATH}, or set ${key.toUpperCase()} and the secret`,
  });
}
