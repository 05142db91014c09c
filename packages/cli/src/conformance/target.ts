import type { VenueManifest } from "../../../../src/connector/perpetual-venue.ts";
import { AuthError, ConfigError } from "../../../../src/model/error.ts";
import { PaperControl } from "../../../../src/paper/control-client.ts";
import type { Cli } from "../cli.ts";
import { placesOf, type VenueFlags } from "../connection.ts";
import { type ConnectorSettings, readSettings } from "../connector-settings.ts";
import { isPaperVenue, paperKeyOf, TESTNET } from "../stakes.ts";
import { type PaperOptions, startPaperVenue, type VenueKind, type VenueUnderTest } from "./venue-under-test.ts";

export interface TargetFlags extends VenueFlags {
  readonly paper?: boolean | undefined;
  readonly live?: boolean | undefined;
}

/**
 * Destination of the run: the server that a flag, the environment or the configuration names; the venue itself with
 * `--live`; the testnet that the connector's name stands for; otherwise a paper venue, started for the run. Keys alone
 * name nothing.
 */
export type Target =
  | { readonly kind: "embedded" }
  | { readonly kind: "named"; readonly restUrl: string | undefined; readonly webSocketUrl: string | undefined };

export async function targetOf(
  cli: Cli,
  connector: string,
  flags: TargetFlags,
  connectorNames: readonly string[],
): Promise<Target> {
  if (flags.paper === true && flags.live === true) {
    throw new ConfigError("--paper and --live exclude each other", { hint: "give one of them, or neither" });
  }
  if (flags.paper === true) {
    if (flags.restUrl === undefined && flags.wsUrl === undefined) return { kind: "embedded" };
    const hint = "--paper starts a venue of its own: leave one of the two out";
    throw new ConfigError("--paper and the address of a server exclude each other", { hint });
  }
  const { restUrl, webSocketUrl } = await settingsOf(cli, connector, flags, connectorNames, false);
  const isNamed = restUrl !== undefined || webSocketUrl !== undefined || flags.live === true || TESTNET.test(connector);
  return isNamed ? { kind: "named", restUrl, webSocketUrl } : { kind: "embedded" };
}

/** Opens the target: starts the paper venue, or reads the keys of a named one. */
export async function openTarget(
  cli: Cli,
  connector: string,
  manifest: VenueManifest,
  target: Target,
  options: { readonly flags: TargetFlags; readonly paper: PaperOptions; readonly connectorNames: readonly string[] },
  signal: AbortSignal,
): Promise<VenueUnderTest> {
  const runtime = await cli.runtime();
  if (target.kind === "embedded") {
    const venue = await startPaperVenue(runtime, manifest, options.paper);
    for (const keys of [venue.credentials, venue.counterparty]) {
      for (const { name, isSecret } of manifest.credentials) {
        const secret = keys?.[name];
        if (isSecret && secret !== undefined) cli.secrets.add(secret);
      }
    }
    return venue;
  }
  const settings = await settingsOf(cli, connector, options.flags, options.connectorNames, true, signal);
  const { credentials, restUrl, webSocketUrl } = settings;
  if (credentials === undefined) throw missingCredentials(connector);
  const isPaper = await isPaperVenue(cli, settings, signal);
  const kind = isPaper ? "paper" : kindOf(connector, settings);
  return {
    kind,
    description: `${kind === "paper" ? "paper venue" : kind} at ${restUrl ?? `${manifest.displayName}'s own servers`}`,
    credentials,
    restUrl,
    webSocketUrl,
    control: isPaper ? controlOf(settings, runtime.http, paperKeyOf(credentials) ?? "") : undefined,
    counterparty: undefined,
    stop: async () => undefined,
  };
}

/** A server that the user names may be anything: only the venue's own testnet is taken for one. */
function kindOf(connector: string, { restUrl, webSocketUrl }: ConnectorSettings): VenueKind {
  return TESTNET.test(connector) && restUrl === undefined && webSocketUrl === undefined ? "testnet" : "live";
}

function controlOf(
  { restUrl }: ConnectorSettings,
  http: ConstructorParameters<typeof PaperControl>[0],
  apiKey: string,
): PaperControl | undefined {
  return restUrl === undefined ? undefined : new PaperControl(http, new URL("/paper", restUrl).href, apiKey);
}

function settingsOf(
  cli: Cli,
  connector: string,
  flags: VenueFlags,
  connectorNames: readonly string[],
  needsCredentials: boolean,
  signal?: AbortSignal,
): Promise<ConnectorSettings> {
  return readSettings(cli, { connector, connectorNames, ...placesOf(flags), needsCredentials, signal });
}

function missingCredentials(connector: string): AuthError {
  return new AuthError(`${connector} has no credentials`, {
    code: "CREDENTIALS_MISSING",
    hint: `run perpwire connect ${connector} first, or leave the venue to --paper`,
  });
}
