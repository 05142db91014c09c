import type { PerpetualVenue } from "../../connector/perpetual-venue.ts";
import type { PerpetualConnectorFixtures } from "../kit/fixtures.ts";
import type { VenueFile } from "../seed-symbols.ts";

/** A venue as the repository holds it: its fixtures, its files and what it exports. */
export interface VenueSource {
  /** The name of its folders in `src/venues` and `test/venues`, and of its page in `docs/venues`. */
  readonly folder: string;
  readonly fixtures: PerpetualConnectorFixtures;
  /** Exports of its files. */
  readonly exports: Readonly<Record<VenueFile, Readonly<Record<string, unknown>>>>;
  /** The text of a file of the repository, by its path from the top; undefined where there is none. */
  readText(path: string): string | undefined;
}

/** Facts about a venue that the checklist is run on. */
export interface VenueFacts extends VenueSource {
  readonly venue: PerpetualVenue;
  /** Parts that a signature adds to a request. */
  readonly signed: SignedParts;
}

export interface SignedParts {
  readonly headers: readonly string[];
  readonly params: readonly string[];
}

/** Asks the venue what its files alone do not tell. Nothing is sent. */
export async function venueFacts(source: VenueSource): Promise<VenueFacts> {
  const { venueModule, connectorName, domain = connectorName } = source.fixtures;
  const restUrl = "http://venue.test:443";
  const venue = venueModule.createVenue({ domain, restUrl, webSocketUrl: "ws://venue.test:443/ws" });
  return { ...source, venue, signed: await signedParts(venue, source.fixtures, `${restUrl}/signed`) };
}

async function signedParts(
  venue: PerpetualVenue,
  { credentials, startMs }: PerpetualConnectorFixtures,
  url: string,
): Promise<SignedParts> {
  const authenticator = venue.createAuthenticator(credentials, { now: () => startMs });
  const signed = await authenticator.restAuthenticate({ method: "GET", url, headers: {} });
  return { headers: Object.keys(signed.headers), params: [...new URL(signed.url).searchParams.keys()] };
}
