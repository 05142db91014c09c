import { type Command, Option } from "commander";
import type { ConnectOptions } from "../../../src/connect.ts";
import type { PerpetualConnector } from "../../../src/connector/perpetual-connector.ts";
import type { VenueManifest } from "../../../src/connector/perpetual-venue.ts";
import { AuthError, ConfigError, JournalError, VenueUnavailableError } from "../../../src/model/error.ts";
import type { TradingPair } from "../../../src/model/market.ts";
import { credentialSuffix } from "../../../src/net/auth.ts";
import { secondsToMs } from "./arguments.ts";
import type { Cli, OutputFlags } from "./cli.ts";
import { DEFAULT_CONFIG_PATH, keyLikeVariables } from "./config.ts";
import { readConfiguration, readSettings, type SettingsRequest } from "./connector-settings.ts";
import { connectorNames, createConnector, loadVenue } from "./connectors.ts";
import { DEFAULT_KEYS_PATH, PASSWORD_VARIABLE } from "./key-ring.ts";
import { createLogger, LOG_LEVELS, type LogFormat, type LogLevel, logFormatOption } from "./logging.ts";
import { type RiskLimitTexts, riskLimitsOf } from "./risk-options.ts";
import { stoppable, withStopSignal } from "./stop-signal.ts";

/** The flags of every command that talks to a venue. */
export interface ConnectionFlags extends VenueFlags {
  readonly connector: string;
  readonly journal?: string | undefined;
  readonly paper?: boolean | undefined;
}

/** The flags of a command that talks to a venue, but for those that name the connector. */
export interface VenueFlags extends OutputFlags {
  readonly config?: string | undefined;
  readonly keys?: string | undefined;
  readonly restUrl?: string | undefined;
  readonly wsUrl?: string | undefined;
  readonly insecureUrls?: boolean | undefined;
  readonly trustHost?: readonly string[] | undefined;
  /** Milliseconds. */
  readonly timeout: number;
  readonly logLevel: LogLevel;
  readonly logFormat?: LogFormat | undefined;
}

const DEFAULT_CONNECTOR = "bybit_perpetual";
const DEFAULT_TIMEOUT_MS = 30_000;

export function defaultConnector(cli: Cli): string {
  return cli.process.environment.PERPWIRE_CONNECTOR || DEFAULT_CONNECTOR;
}

export function addConnectionOptions(command: Command, cli: Cli): Command {
  const connector = defaultConnector(cli);
  const named = command.option(
    "-c, --connector <name>",
    "the connector; PERPWIRE_CONNECTOR sets the default",
    connector,
  );
  return addPaperOption(addVenueOptions(named));
}

/** The options of `addConnectionOptions` without the connector, for commands that take it as their first argument. */
export function addVenueOptions(command: Command): Command {
  return command
    .option("--config <file>", `the configuration file, ${DEFAULT_CONFIG_PATH} if it is there`)
    .option(
      "--keys <file>",
      `the encrypted key store, ${DEFAULT_KEYS_PATH} if it is there; ${PASSWORD_VARIABLE} opens it`,
    )
    .option("--rest-url <url>", "another REST server, for example of `perpwire venue`")
    .option("--ws-url <url>", "another WebSocket server")
    .option("--insecure-urls", "take http: and ws: URLs of other machines, where others read and change everything")
    .option(
      "--trust-host <host>",
      "send keys to this host although its URL comes from elsewhere than they do; may be repeated",
      (host: string, before: readonly string[] = []) => [...before, host],
    )
    .addOption(
      new Option("--timeout <seconds>", "how long to wait for the venue")
        .argParser(secondsToMs)
        .default(DEFAULT_TIMEOUT_MS, String(DEFAULT_TIMEOUT_MS / 1_000)),
    )
    .addOption(new Option("--log-level <level>", "what to log, on standard error").choices(LOG_LEVELS).default("warn"))
    .addOption(logFormatOption())
    .option("--json", "JSON for programs, one value a line");
}

export function addPaperOption(command: Command): Command {
  return command.option("--paper", "on an exchange in the box that starts for this command and ends with it; no key");
}

/** Adds `--yes`, for commands that place or change orders. */
export function addYesOption(command: Command): Command {
  return command.option("--yes", "do not ask before an order on a live venue; needed where there is no terminal");
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
  /** Trades without the journal of the connector, which another process holds. Default false. */
  readonly isJournalless?: boolean | undefined;
  /** The command's own risk limits; undefined: it is not held to any, the configured ones included. */
  readonly riskFlags?: RiskLimitTexts | undefined;
  /** Runs the work after the time-out as well. Default false: it is an error not to be ready. */
  readonly mayBeUnready?: boolean | undefined;
  /** Done before anything is sent; what it throws ends the command. */
  readonly beforeStart?: ((options: ConnectOptions, signal: AbortSignal) => Promise<void>) | undefined;
}

/** Reads from the flags where settings come from. */
export function placesOf(flags: VenueFlags) {
  const { config: configPath, keys: keysPath, restUrl, wsUrl: webSocketUrl, insecureUrls, trustHost } = flags;
  return { configPath, keysPath, restUrl, webSocketUrl, insecureUrls, trustedHosts: trustHost } satisfies Omit<
    SettingsRequest,
    "connector" | "connectorNames"
  >;
}

/** Work with an open connector; `options` are those it was opened with. */
export type Work<T> = (connector: PerpetualConnector, signal: AbortSignal, options: ConnectOptions) => Promise<T>;

/**
 * Opens a connector, runs `work` when it is ready and stops it whatever happened. SIGINT and SIGTERM stop it as well
 * and reject with `InterruptedError`.
 */
export function withConnector<T>(
  cli: Cli,
  flags: ConnectionFlags,
  request: ConnectionRequest,
  work: Work<T>,
): Promise<T> {
  return withStopSignal(cli, async (signal) => {
    const options = await connectOptions(cli, flags, request, signal);
    await request.beforeStart?.(options, signal);
    await using connector = await createConnector(flags.connector, options);
    await stoppable(signal, connector.start({ timeoutMs: flags.timeout }));
    try {
      await stoppable(signal, connector.waitUntilReady({ timeoutMs: flags.timeout }));
    } catch (error) {
      if (request.mayBeUnready !== true || !(error instanceof VenueUnavailableError)) throw error;
    }
    return await stoppable(signal, work(connector, signal, options));
  });
}

/** `withConnector`, and again without the journal when another process holds it; `remark` says what that means. */
export async function withJournalIfFree<T>(
  cli: Cli,
  flags: ConnectionFlags,
  request: Omit<ConnectionRequest, "access">,
  remark: string,
  work: Work<T>,
): Promise<T> {
  const access = "trading";
  try {
    return await withConnector(cli, flags, { ...request, access }, work);
  } catch (error) {
    if (!(error instanceof JournalError && error.code === "JOURNAL_LOCKED")) throw error;
    cli.process.writeError(`perpwire: ${error.message}; ${remark}\n`);
    return withConnector(cli, flags, { ...request, access, isJournalless: true }, work);
  }
}

async function connectOptions(
  cli: Cli,
  flags: ConnectionFlags,
  request: ConnectionRequest,
  signal: AbortSignal,
): Promise<ConnectOptions> {
  if (flags.paper === true) return paperOptions(cli, flags, request);
  const { manifest } = (await loadVenue(flags.connector)).module;
  const { connector } = flags;
  const { tradingPairs, access, isJournalless, riskFlags } = request;
  const { riskLimits, ...settings } = await readSettings(cli, {
    ...{ connector, connectorNames: connectorNames(), ...placesOf(flags), signal },
    needsCredentials: access !== "public",
  });
  const needsCredentials = access === "account" || access === "trading";
  if (needsCredentials && settings.credentials === undefined) {
    throw missingCredentials(
      connector,
      manifest,
      keyLikeVariables(cli.process.environment, connector, connectorNames()),
    );
  }
  const hasJournal = access === "trading" && isJournalless !== true;
  return {
    ...settings,
    credentials: access === "public" ? undefined : settings.credentials,
    tradingPairs,
    runtime: await cli.runtime(),
    logger: await createLogger(cli, flags.logLevel, flags.logFormat),
    isTradingRequired: access === "trading",
    journalPath: hasJournal ? (flags.journal ?? defaultJournalPath(cli, connector)) : ":memory:",
    riskLimits: riskFlags === undefined ? undefined : riskLimitsOf(riskFlags, riskLimits),
  };
}

/**
 * Options for the exchange in the box. Configured risk limits apply, as they do on the venue. Configured keys and
 * addresses are left out: nothing of the user's goes to the exchange in the box.
 */
async function paperOptions(
  cli: Cli,
  flags: ConnectionFlags,
  { tradingPairs, access, riskFlags }: ConnectionRequest,
): Promise<ConnectOptions> {
  if (flags.restUrl !== undefined || flags.wsUrl !== undefined) {
    const hint = "--paper starts an exchange of its own: leave one of the two out";
    throw new ConfigError("--paper and the address of a server exclude each other", { hint });
  }
  const { connector, config: configPath } = flags;
  const request = { connector, connectorNames: connectorNames(), configPath, insecureUrls: true };
  const { riskLimits } = await readConfiguration(cli, request);
  return {
    // Commands that need no key need no account there: the box of a venue that is being written has none yet.
    paper: access === "public" ? { hasAccount: false } : true,
    tradingPairs,
    runtime: await cli.runtime(),
    logger: await createLogger(cli, flags.logLevel, flags.logFormat),
    isTradingRequired: access === "trading",
    journalPath: flags.journal ?? ":memory:",
    riskLimits: riskFlags === undefined ? undefined : riskLimitsOf(riskFlags, riskLimits),
  };
}

/** One journal a connector; inside it, the orders of each account are apart. */
export function defaultJournalPath(cli: Cli, connector: string): string {
  return `${cli.process.workingDirectory}/.perpwire/${connector}.journal`;
}

function missingCredentials(connector: string, { credentials }: VenueManifest, alike: readonly string[]): AuthError {
  const keys = credentials
    .filter(({ isRequired }) => isRequired)
    .map((spec) => `${connector}_${credentialSuffix(spec)}`);
  const all = `${keys.slice(0, -1).join(", ")} and ${keys.at(-1)}`;
  const others = keys.length > 2 ? "the others" : "the secret";
  const remark = alike.length === 0 ? "" : `; ${alike.join(" and ")} ${alike.length === 1 ? "is" : "are"} not read`;
  return new AuthError(`${connector} has no credentials`, {
    code: "CREDENTIALS_MISSING",
    hint: `run perpwire connect ${connector}, put ${all} into ${DEFAULT_CONFIG_PATH}, or set ${keys[0]?.toUpperCase()} and ${others}${remark}`,
  });
}
