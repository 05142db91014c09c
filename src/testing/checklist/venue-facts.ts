import type { PerpetualVenue } from "../../connector/perpetual-venue.ts";
import type { PreparedRequest } from "../../net/auth.ts";
import type { PerpetualConnectorFixtures } from "../kit/fixtures.ts";
import { isPaste, pastesIn } from "../kit/paste.ts";
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
  /** Outermost fields of a JSON body. */
  readonly body: readonly string[];
}

/** Asks the venue what its files alone do not tell. Nothing is sent. */
export async function venueFacts(source: VenueSource): Promise<VenueFacts> {
  const { venueModule, connectorName, domain = connectorName } = source.fixtures;
  const restUrl = "http://venue.test:443";
  const venue = venueModule.createVenue({ domain, restUrl, webSocketUrl: "ws://venue.test:443/ws" });
  return { ...source, venue, signed: await signedParts(venue, source.fixtures, `${restUrl}/signed`) };
}

/** Signs a question; where nothing that is asked is signed, the first of the known signatures' requests. */
async function signedParts(
  venue: PerpetualVenue,
  { credentials, startMs, authVectors }: PerpetualConnectorFixtures,
  url: string,
): Promise<SignedParts> {
  const question = { method: "GET", url, headers: {} } as const;
  const ofQuestion = addedParts(
    question,
    await venue.createAuthenticator(credentials, { now: () => startMs }).restAuthenticate(question),
  );
  const [known] = isPaste(authVectors) || pastesIn(authVectors).length > 0 ? [] : authVectors;
  if (known === undefined || Object.values(ofQuestion).some((names) => names.length > 0)) return ofQuestion;
  const action = { method: known.method, url: known.url, headers: {}, body: known.body };
  const authenticator = venue.createAuthenticator(known.credentials ?? credentials, { now: () => known.nowMs });
  return addedParts(action, await authenticator.restAuthenticate(action));
}

/** Names of what a signed request has and the unsigned one has not. */
function addedParts(unsigned: PreparedRequest, signed: PreparedRequest): SignedParts {
  const added = (namesOf: (request: PreparedRequest) => readonly string[]): readonly string[] => {
    const before = namesOf(unsigned);
    return namesOf(signed).filter((name) => !before.includes(name));
  };
  return {
    headers: added(({ headers }) => Object.keys(headers)),
    params: added(({ url }) => [...new URL(url).searchParams.keys()]),
    body: added(({ body }) => jsonNames(body)),
  };
}

function jsonNames(text = ""): readonly string[] {
  if (!text.startsWith("{")) return [];
  return Object.keys(JSON.parse(text) as Readonly<Record<string, unknown>>);
}
