import type { VenueManifest } from "../../../../src/connector/perpetual-venue.ts";
import { ConfigError } from "../../../../src/model/error.ts";
import { type Credentials, chosenCredentials } from "../../../../src/net/auth.ts";
import { PaperControl } from "../../../../src/paper/control-client.ts";
import { realWork } from "../../../../src/runtime/real-work.ts";
import type { Runtime } from "../../../../src/runtime/runtime.ts";
import { paperApiOf } from "../connectors.ts";

/** `paper` is an exchange in the box, started for this run or by somebody else; nothing real is at stake there. */
export type VenueKind = "paper" | "testnet" | "live";

/** Venue that the connector is tried on, with the means of changing it besides trading. */
export interface VenueUnderTest {
  readonly kind: VenueKind;
  /** Description for people: `paper venue, seed 7`. */
  readonly description: string;
  readonly credentials: Credentials;
  readonly restUrl: string | undefined;
  readonly webSocketUrl: string | undefined;
  /** Makes a paper venue misbehave. */
  readonly control: PaperControl | undefined;
  /** Another account of the venue, to trade against. */
  readonly counterparty: Credentials | undefined;
  stop(): Promise<void>;
}

export interface PaperOptions {
  readonly seed: number | string;
  readonly fundingIntervalMs: number;
}

const KEY_LENGTH = 40;

/** Starts a living paper venue with two accounts in this process, reached over sockets like any other. */
export async function startPaperVenue(
  runtime: Runtime,
  manifest: VenueManifest,
  { seed, fundingIntervalMs }: PaperOptions,
): Promise<VenueUnderTest> {
  const api = paperApiOf(manifest.name);
  if (api === undefined) {
    throw new ConfigError(`the paper venue does not speak the protocol of ${manifest.name}`, {
      hint: "name a server with --rest-url and --ws-url, or take the venue itself with --live",
    });
  }
  const { createPaperVenue } = await realWork(import("../../../../src/paper/index.ts"));
  const key = () => runtime.random.hex(KEY_LENGTH);
  const account = () => ({ apiKey: key(), apiSecret: key(), passphrase: key() });
  const [own, other] = [account(), account()];
  const accounts = [
    { ...own, username: "desk@example.com" },
    { ...other, username: "counterparty@example.com" },
  ];
  const venue = await createPaperVenue({ api, seed, fundingIntervalMs, accounts }, runtime);
  const credentialsOf = ({ apiKey }: typeof own) =>
    chosenCredentials(manifest.credentials, venue.credentials(undefined, apiKey));
  return {
    kind: "paper",
    description: `paper venue, seed ${seed}`,
    credentials: credentialsOf(own),
    restUrl: venue.rest,
    webSocketUrl: venue.ws,
    control: new PaperControl(runtime.http, venue.control, own.apiKey),
    counterparty: credentialsOf(other),
    stop: () => venue.stop(),
  };
}
