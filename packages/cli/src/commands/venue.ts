import { resolve } from "node:path";
import { type Command, Option } from "commander";
import { ConfigError } from "../../../../src/model/error.ts";
import { type Credentials, credentialSuffix } from "../../../../src/net/auth.ts";
import type { PaperVenue, PaperVenueOptions } from "../../../../src/paper/index.ts";
import { realWork } from "../../../../src/runtime/real-work.ts";
import type { TlsIdentity } from "../../../../src/runtime/runtime.ts";
import { amountText, secondsToMs, wholeNumber } from "../arguments.ts";
import type { Cli, OutputFlags } from "../cli.ts";
import { apiNames, credentialSpecsOf, paperApi } from "../connectors.ts";
import { createLogger } from "../logging.ts";
import { Output } from "../output.ts";
import { aborted, withStopSignal } from "../stop-signal.ts";

interface VenueFlags extends OutputFlags {
  readonly api: string;
  readonly host: string;
  readonly port: number;
  readonly seed?: string | undefined;
  readonly quiet?: boolean | undefined;
  readonly faults?: string | undefined;
  readonly chaos?: boolean | undefined;
  /** Milliseconds. */
  readonly fundingInterval?: number | undefined;
  readonly balance?: string | undefined;
  readonly rateLimits: "strict" | "off";
  readonly apiKey?: string | undefined;
  readonly apiSecret?: string | undefined;
  readonly insuranceFund?: string | undefined;
  readonly tls?: boolean | undefined;
  readonly tlsCa?: string | undefined;
  readonly maxConnections?: number | undefined;
  readonly endedOrders?: number | undefined;
  /** Milliseconds. */
  readonly endedOrdersFor?: number | undefined;
  readonly controlHost?: readonly string[] | undefined;
  readonly stopWithInput?: boolean | undefined;
}

const DEFAULT_TLS_CA = "perpwire-paper-ca.pem";

const EXAMPLES = `
Prints one line when it is ready and runs until SIGINT or SIGTERM; its exit code is then 0.

Examples:
  perpwire venue                                          a venue on a free port, with a generated key
  perpwire venue --port 8080 --seed 7 --balance 50000     the same market every time
  perpwire venue --faults latency=5..50,dropFrame=0.001   a venue on a bad line
  perpwire venue --api all --port 8080                    every protocol over one market, on one port
  perpwire venue --chaos --json                           everything at once; one JSON line tells URLs and key`;

export function registerVenue(program: Command, cli: Cli): void {
  program
    .command("venue")
    .description("run a paper perpetual exchange that speaks a real venue's protocol")
    .addOption(new Option("--api <protocol>", "the wire protocol").choices([...apiNames(), "all"]).default("bybit"))
    .option("--host <address>", "where to listen; other machines reach it only when told so", "127.0.0.1")
    .option("--port <number>", "0 takes a free one", wholeNumber(0, 65_535), 0)
    .option("--seed <text>", "decides the market, the faults and the generated key")
    .option("--quiet", "a full book that nobody moves")
    .option("--faults <list>", "what goes wrong, for example latency=5..50,error5xx=0.01; a wrong name lists all")
    .option("--chaos", "everything goes wrong, at the rates of a bad day; --faults overrides")
    .option("--funding-interval <seconds>", "time between fundings, an hour by default", secondsToMs)
    .option("--balance <usd>", "what the account starts with, 100000 by default", amountText(false))
    .addOption(new Option("--rate-limits <kind>", "the venue's limits").choices(["strict", "off"]).default("strict"))
    .option("--api-key <text>", "a paper key instead of a generated one")
    .option("--api-secret <text>", "its paper secret")
    .option("--insurance-fund <usd>", "what it starts with; when it is used up, winners are deleveraged")
    .option("--tls", "https and wss, with a certificate of its own that is made at each start")
    .option("--tls-ca <file>", `where that certificate is written for clients, ${DEFAULT_TLS_CA} by default`)
    .option("--max-connections <number>", "TCP connections at once, 1024 by default", wholeNumber(1, 65_535))
    .option("--ended-orders <number>", "how many each account remembers, 100000 by default", wholeNumber(1, 10_000_000))
    .option("--ended-orders-for <seconds>", "how long each account remembers them, for ever by default", secondsToMs)
    .option("--control-host <name...>", "further names under which the control API may be called")
    .option("--stop-with-input", "end when standard input does, for a program that runs it")
    .option("--json", "one JSON line when ready")
    .addHelpText("after", EXAMPLES)
    .action((flags: VenueFlags) => withStopSignal(cli, (signal) => runVenue(cli, flags, signal)));
}

async function runVenue(cli: Cli, flags: VenueFlags, signal: AbortSignal): Promise<void> {
  if (flags.tlsCa !== undefined && flags.tls !== true) {
    throw new ConfigError("--tls-ca is where --tls writes its certificate", { hint: "give --tls too, or neither" });
  }
  const secured = flags.tls === true ? await secure(cli, flags) : undefined;
  const logger = await createLogger(cli, "warn");
  const options = { ...(await venueOptions(flags)), tls: secured?.identity, logger };
  const { createPaperVenue } = await realWork(import("../../../../src/paper/index.ts"));
  const runtime = await cli.runtime();
  await using venue = await createPaperVenue(options, runtime);
  announce(new Output(cli, flags), flags, venue, secured);
  await (flags.stopWithInput === true ? inputEnd(cli, signal) : aborted(signal));
}

interface Secured {
  readonly identity: TlsIdentity;
  /** File where clients find the certificate. */
  readonly file: string;
  readonly fingerprint: string;
}

/** Makes a certificate for this machine's names and the host that is listened on, and writes it for clients. */
async function secure(cli: Cli, { host, tlsCa = DEFAULT_TLS_CA }: VenueFlags): Promise<Secured> {
  const { fingerprintOf, selfSignedIdentity } = await realWork(import("../../../../src/runtime/certificate.ts"));
  const { clock, files } = await cli.runtime();
  const hosts = [...new Set(["localhost", "127.0.0.1", "::1", host])].filter((name) => !EVERYWHERE.has(name));
  const identity = selfSignedIdentity(hosts, clock.now());
  const file = resolve(cli.process.workingDirectory, tlsCa);
  await files.writeText(file, identity.certificate);
  return { identity, file, fingerprint: fingerprintOf(identity.certificate) };
}

/** Addresses that listen everywhere and name no host. */
const EVERYWHERE: ReadonlySet<string> = new Set(["0.0.0.0", "::"]);

/** Resolves when standard input ends, or `signal` fires. */
async function inputEnd(cli: Cli, signal: AbortSignal): Promise<void> {
  const lines = cli.process.inputLines(signal)[Symbol.asyncIterator]();
  while ((await lines.next()).done !== true);
}

async function venueOptions(flags: VenueFlags): Promise<PaperVenueOptions> {
  const { api, host, port, quiet, fundingInterval, balance, rateLimits } = flags;
  const { parseFaults } = await realWork(import("../../../../src/paper/index.ts"));
  return {
    api: paperApi(api) ?? "all",
    host,
    port,
    seed: flags.seed,
    quiet,
    rateLimits,
    accounts: accountsOf(flags),
    startingBalance: balance,
    fundingIntervalMs: fundingInterval,
    insuranceFund: flags.insuranceFund,
    maxConnections: flags.maxConnections,
    endedOrdersKept: flags.endedOrders,
    endedOrdersKeptMs: flags.endedOrdersFor,
    controlHosts: flags.controlHost,
    faults: parseFaults([flags.chaos === true ? "chaos" : "", flags.faults ?? ""].join(",")),
  };
}

function accountsOf({ apiKey, apiSecret }: VenueFlags): PaperVenueOptions["accounts"] {
  if (apiKey === undefined && apiSecret === undefined) return undefined;
  if (!apiKey || !apiSecret) {
    throw new ConfigError("a paper key needs its secret", { hint: "give both --api-key and --api-secret, or neither" });
  }
  return [{ apiKey, apiSecret }];
}

function announce(output: Output, { api, seed }: VenueFlags, venue: PaperVenue, secured: Secured | undefined): void {
  const { rest, ws, urls, control, host, port, apiKey, apiSecret, passphrase } = venue;
  const tls = secured === undefined ? undefined : { ca: secured.file, fingerprint: secured.fingerprint };
  const credentials = Object.fromEntries(Object.keys(urls).map((name) => [name, venue.credentials(name)]));
  output.json({ rest, ws, urls, apiKey, apiSecret, passphrase, credentials, api, host, port, control, seed, tls });
  const variables = Object.entries(urls).map(([name, url]) => {
    const prefix = `${name.toUpperCase()}_PERPETUAL`;
    const given: Credentials = credentials[name] ?? {};
    const known = credentialSpecsOf(prefix.toLowerCase());
    // A protocol may have no connector: then all that its clients need is named.
    const specs = known.length > 0 ? known : Object.keys(given).map((name) => ({ name }));
    const keys = specs.flatMap((spec) => {
      const value = given[spec.name];
      return value === undefined ? [] : [[credentialSuffix(spec).toUpperCase(), value] as const];
    });
    return [["REST_URL", url.rest] as const, ["WS_URL", url.ws] as const, ...keys]
      .map(([suffix, value]) => `${prefix}_${suffix}=${value}`)
      .join(" ");
  });
  const trust = tls === undefined ? "" : ` NODE_EXTRA_CA_CERTS=${tls.ca} (SHA-256 ${tls.fingerprint})`;
  output.line(`paper venue (${api}) is ready; ${variables.join(" ")}${trust}`);
}
