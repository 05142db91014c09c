import type { VenueManifest } from "./connector/perpetual-venue.ts";
import { ConfigError } from "./model/error.ts";
import { type Credentials, chosenCredentials } from "./net/auth.ts";
import type { ProtocolDefinition, ProtocolName } from "./paper/protocols/protocols.ts";
import type { PaperVenueOptions } from "./paper/venue-options.ts";
import { realWork } from "./runtime/real-work.ts";
import type { Runtime } from "./runtime/runtime.ts";

/** Values of `paper` in the connect options: the exchange in the box as it is, or with options of its own. */
export interface PaperOptions extends Omit<PaperVenueOptions, "api"> {
  /** Protocol of the box for a venue from outside of the package. */
  readonly protocol?: ProtocolDefinition | undefined;
  /** False: the connector has no key there, and reads market data alone. Default true. */
  readonly hasAccount?: boolean | undefined;
}

/** A running exchange in the box, and how the connector reaches it. */
export interface PaperHome {
  readonly urls: { readonly restUrl: string; readonly webSocketUrl: string };
  readonly options: { readonly credentials: Credentials | undefined; readonly companion: AsyncDisposable };
}

/** Starts the exchange in the box for a venue's connector. Throws `ConfigError` where it does not speak the protocol. */
export async function openPaperHome(
  { name, credentials: specs }: VenueManifest,
  options: PaperOptions | true,
  runtime: Runtime,
): Promise<PaperHome> {
  const { PROTOCOL_NAMES, createPaperVenue } = await realWork(import("./paper/index.ts"));
  const { protocol, hasAccount = true, ...others } = options === true ? {} : options;
  const api = protocol ?? PROTOCOL_NAMES.find((known: ProtocolName) => `${known}_perpetual` === name);
  if (api === undefined) {
    const hint = `it speaks ${PROTOCOL_NAMES.join(", ")}; give paper.protocol, or restUrl and webSocketUrl of a server that speaks it`;
    throw new ConfigError(`the exchange in the box does not speak the protocol of ${name}`, { hint });
  }
  if ("api" in others) {
    const hint = "leave api out: the exchange in the box speaks the protocol of the connector";
    throw new ConfigError(`paper.api is ${String(others.api)}`, { hint });
  }
  const venue = await createPaperVenue({ ...others, api }, runtime);
  const { rest: restUrl, ws: webSocketUrl } = venue;
  const credentials = hasAccount ? chosenCredentials(specs, venue.credentials()) : undefined;
  return { urls: { restUrl, webSocketUrl }, options: { credentials, companion: venue } };
}
