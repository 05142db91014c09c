import type { Command } from "commander";
import type { ConnectOptions } from "../../connect.ts";
import type { PerpetualConnector } from "../../connector/perpetual-connector.ts";
import type { VenueManifest } from "../../connector/perpetual-venue.ts";
import { ConfigError } from "../../model/error.ts";
import type { Credentials } from "../../net/auth.ts";
import { realWork } from "../../runtime/real-work.ts";
import type { Cli } from "../cli.ts";
import { readSettings } from "../config.ts";
import { addVenueOptions, type VenueFlags } from "../connection.ts";
import { askSecret, openKeyRing } from "../key-ring.ts";
import { createLogger } from "../logging.ts";
import { Output } from "../output.ts";
import { stoppable, withStopSignal } from "../stop-signal.ts";

interface ConnectFlags extends VenueFlags {
  readonly subAccount?: string | undefined;
}

const REMARK = `
Asks for the password of the key store (PERPWIRE_PASSWORD answers it; of a new store a terminal is asked twice), the API
key, its secret and, where the venue has one, its passphrase. Nothing that is typed shows; without a terminal each is a
line of standard input, in that order. The keys are stored when the venue has accepted them, encrypted (scrypt,
AES-256-GCM) in a file that only its owner reads; otherwise the file stays as it was.

Every command takes a key from the environment first, then from the key store, then from the configuration file.

Examples:
  perpwire connect ftx_perpetual
  perpwire connect ftx_perpetual --sub-account desk --keys ~/keys.enc.json
  printf '%s\\n' "$KEY" "$SECRET" | PERPWIRE_PASSWORD=... perpwire connect ftx_perpetual --json`;

const PROMPTS: Readonly<Record<keyof Credentials, string>> = {
  apiKey: "API key",
  apiSecret: "API secret",
  passphrase: "passphrase",
  subAccount: "sub-account",
};

export function registerConnect(program: Command, cli: Cli): void {
  const command = program
    .command("connect")
    .description("ask for the keys of a venue, try them and store them encrypted")
    .argument("<connector>", "for example ftx_perpetual");
  addVenueOptions(command)
    .option("--sub-account <name>", "the sub-account that the keys trade on")
    .addHelpText("after", REMARK)
    .action((connector: string, flags: ConnectFlags) =>
      withStopSignal(cli, (signal) => connectVenue(cli, flags, connector, signal)),
    );
}

async function connectVenue(cli: Cli, flags: ConnectFlags, connector: string, signal: AbortSignal): Promise<void> {
  const { CONNECTOR_NAMES, loadVenue } = await realWork(import("../../registry.ts"));
  const { module } = await loadVenue(connector);
  const { config: configPath, keys: keysPath, restUrl, wsUrl: webSocketUrl, subAccount } = flags;
  const request = { connector, connectorNames: CONNECTOR_NAMES, configPath, restUrl, webSocketUrl };
  const settings = await readSettings(cli, { ...request, needsCredentials: false });
  const ring = await openKeyRing(cli, { keysPath, signal });
  const credentials = { ...(await askCredentials(cli, module.manifest, connector, signal)), subAccount };
  const verified = await verify(cli, flags, connector, { ...settings, credentials, tradingPairs: [] }, signal);
  await ring.put(connector, credentials);
  await new Output(cli, flags).record({ connector, ...verified, stored: ring.name });
  warnOfEnvironment(cli, connector);
}

async function askCredentials(
  cli: Cli,
  manifest: VenueManifest,
  connector: string,
  signal: AbortSignal,
): Promise<Credentials> {
  const answers: Partial<Record<keyof Credentials, string>> = {};
  for (const name of manifest.credentials) {
    const answer = await askSecret(cli, `${PROMPTS[name]} of ${connector}: `, signal);
    if (answer === "") throw new ConfigError(`no ${PROMPTS[name]} was given`, { hint: "nothing was stored" });
    cli.secrets.add(answer);
    answers[name] = answer;
  }
  const { apiKey = "", apiSecret = "", ...others } = answers;
  return { apiKey, apiSecret, ...others };
}

/** Opens the connector with the keys: it reads the account and logs in to the private stream. Throws `AuthError`. */
async function verify(
  cli: Cli,
  { logLevel, timeout }: ConnectFlags,
  name: string,
  { riskLimits: _, ...options }: Omit<ConnectOptions, "riskLimits"> & { readonly riskLimits: unknown },
  signal: AbortSignal,
) {
  const { createConnector } = await realWork(import("../../connect.ts"));
  const [runtime, logger] = await Promise.all([cli.runtime(), createLogger(cli, logLevel)]);
  await using connector = await createConnector(name, { ...options, runtime, logger, isTradingRequired: false });
  await stoppable(signal, connector.start({ timeoutMs: timeout }));
  await stoppable(signal, connector.waitUntilReady({ timeoutMs: timeout }));
  return accountOf(connector);
}

function accountOf(connector: PerpetualConnector) {
  const balances = connector.balances().map(({ asset, total }) => ({ asset, total }));
  return { verified: true, balances, openPositions: connector.positions().length };
}

function warnOfEnvironment(cli: Cli, connector: string): void {
  const variable = `${connector}_api_key`.toUpperCase();
  if (!cli.process.environment[variable]) return;
  cli.process.writeError(`perpwire: ${variable} is set and wins over the stored key\n`);
}
