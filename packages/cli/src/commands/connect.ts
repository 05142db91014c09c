import type { Command } from "commander";
import type { ConnectOptions } from "../../../../src/connect.ts";
import type { PerpetualConnector } from "../../../../src/connector/perpetual-connector.ts";
import type { VenueManifest } from "../../../../src/connector/perpetual-venue.ts";
import { ConfigError } from "../../../../src/model/error.ts";
import { type Credentials, credentialSuffix } from "../../../../src/net/auth.ts";
import type { Cli } from "../cli.ts";
import { addVenueOptions, placesOf, type VenueFlags } from "../connection.ts";
import { configNameOf, readConfiguration, textsOf } from "../connector-settings.ts";
import { connectorNames, createConnector, loadVenue } from "../connectors.ts";
import { askSecret, openKeyRing } from "../key-ring.ts";
import { createLogger } from "../logging.ts";
import { Output } from "../output.ts";
import { stoppable, withStopSignal } from "../stop-signal.ts";
import { agreeToServers, type NamedServers, verifiedServers } from "../trusted-servers.ts";

interface ConnectFlags extends VenueFlags {
  readonly subAccount?: string | undefined;
}

const REMARK = `
Asks for the password of the key store (PERPWIRE_PASSWORD answers it; of a new store a terminal is asked twice), then for
what the venue's keys consist of: mostly the API key and its secret, then OKX's passphrase or Gate.io's user id; on
Hyperliquid the private key and the account's address. Nothing that is typed shows, white space around it does not count,
and what is typed until the command has ended goes nowhere else; a terminal is asked three times for the password. Without a terminal each is a line of standard input, in that order. The keys are stored when the venue has accepted them,
encrypted (scrypt, AES-256-GCM) in a file that only its owner reads, with the servers that they were tried at: they are
sent to no other. Otherwise the file stays as it was.

Every command takes a key from the environment first, then from the key store, then from the configuration file. Keys that
come from elsewhere than the URL of a server are sent there only when a terminal says yes or --trust-host names it.

Examples:
  perpwire connect bybit_perpetual
  perpwire connect ftx_perpetual --sub-account desk --keys ~/keys.enc.json
  printf '%s\\n' "$KEY" "$SECRET" | PERPWIRE_PASSWORD=... perpwire connect bybit_perpetual --json`;

export function registerConnect(program: Command, cli: Cli): void {
  const command = program
    .command("connect")
    .description("ask for the keys of a venue, try them and store them encrypted")
    .argument("<connector>", "for example bybit_perpetual");
  addVenueOptions(command)
    .option("--sub-account <name>", "the sub-account that the keys trade on")
    .addHelpText("after", REMARK)
    .action((connector: string, flags: ConnectFlags) =>
      withStopSignal(cli, (signal) => connectVenue(cli, flags, connector, signal)),
    );
}

async function connectVenue(cli: Cli, flags: ConnectFlags, connector: string, signal: AbortSignal): Promise<void> {
  const { module } = await loadVenue(connector);
  const { subAccount, insecureUrls } = flags;
  if (subAccount !== undefined && !module.manifest.credentials.some(({ name }) => name === "subAccount")) {
    throw new ConfigError(`keys of ${connector} have no sub-account`, { hint: "leave --sub-account out" });
  }
  const request = { connector, connectorNames: connectorNames(), ...placesOf(flags), signal };
  const { servers } = await readConfiguration(cli, request);
  const agreement = { connector, keySources: ["typed"] as const, servers, configName: configNameOf(request) };
  await agreeToServers(cli, { ...agreement, trustedHosts: flags.trustHost, signal });
  const ring = await openKeyRing(cli, request);
  cli.process.writeError(`keys of ${connector} for ${serversText(servers)}\n`);
  const typed = await askCredentials(cli, module.manifest, connector, signal);
  const credentials = subAccount === undefined ? typed : { ...typed, subAccount };
  const options = { ...textsOf(servers), insecureUrls, credentials, tradingPairs: [] };
  const verified = await verify(cli, flags, connector, options, signal);
  await ring.put(connector, { credentials, servers: verifiedServers(servers) });
  await new Output(cli, flags).record({ connector, ...verified, stored: ring.name });
  warnOfEnvironment(cli, connector, Object.keys(typed));
}

function serversText(servers: NamedServers): string {
  const { rest, webSocket } = verifiedServers(servers);
  const named = [rest, webSocket].filter((server) => server !== undefined);
  return named.length === 0 ? "the venue's own servers" : named.join(" and ");
}

async function askCredentials(
  cli: Cli,
  manifest: VenueManifest,
  connector: string,
  signal: AbortSignal,
): Promise<Credentials> {
  const answers: Record<string, string> = {};
  for (const { name, label, isRequired } of manifest.credentials) {
    if (!isRequired) continue;
    const answer = await askSecret(cli, `${label} of ${connector}: `, signal);
    if (answer === "") throw new ConfigError(`no ${label} was given`, { hint: "nothing was stored" });
    cli.secrets.add(answer);
    answers[name] = answer;
  }
  return answers;
}

/** Opens the connector with the keys: it reads the account and logs in to the private stream. Throws `AuthError`. */
async function verify(
  cli: Cli,
  { logLevel, logFormat, timeout }: ConnectFlags,
  name: string,
  options: ConnectOptions,
  signal: AbortSignal,
) {
  const [runtime, logger] = await Promise.all([cli.runtime(), createLogger(cli, logLevel, logFormat)]);
  await using connector = await createConnector(name, { ...options, runtime, logger, isTradingRequired: false });
  await stoppable(signal, connector.start({ timeoutMs: timeout }));
  await stoppable(signal, connector.waitUntilReady({ timeoutMs: timeout }));
  return accountOf(connector);
}

function accountOf(connector: PerpetualConnector) {
  const balances = connector.balances().map(({ asset, total }) => ({ asset, total }));
  return { verified: true, balances, openPositions: connector.positions().length };
}

function warnOfEnvironment(cli: Cli, connector: string, typed: readonly string[]): void {
  for (const name of typed) {
    const variable = `${connector}_${credentialSuffix({ name })}`.toUpperCase();
    if (!cli.process.environment[variable]?.trim()) continue;
    cli.process.writeError(`perpwire: ${variable} is set and wins over what was stored\n`);
  }
}
