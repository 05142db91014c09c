import { credentialSuffix } from "../../net/auth.ts";
import type { VenueFile } from "../seed-symbols.ts";
import type { VenueFacts } from "./venue-facts.ts";

/**
 * Describes the fault of an item's symbol for this venue; undefined where the symbol is present. Members of the
 * engine's classes are checked by the compiler; what a venue brings itself is looked up in the venue.
 */
export function missing(symbol: string, facts: VenueFacts): string | undefined {
  if (symbol.startsWith("{venue}/")) return missingExport(symbol.slice("{venue}/".length), facts);
  if (symbol.endsWith(".yml")) return missingKeys(symbol, facts);
  if (symbol.endsWith(".ts")) return missingFile(symbol.replaceAll("{venue}", facts.folder), facts);
  const [owner = "", member = ""] = symbol.split(".");
  const object = ownersOf(facts)[owner];
  if (object === undefined || member in object) return undefined;
  return `${facts.folder} has no ${symbol}`;
}

function ownersOf({ venue, fixtures }: VenueFacts): Readonly<Record<string, object>> {
  const { manifest, webUtils, derivative, orderBookDataSource, userStreamDataSource } = venue;
  return {
    PerpetualVenue: venue,
    VenueManifest: manifest,
    VenueHeartbeat: manifest.heartbeat,
    VenueWebUtils: webUtils,
    VenueDerivative: derivative,
    VenueOrderBookDataSource: orderBookDataSource,
    VenueUserStreamDataSource: userStreamDataSource,
    ListenKeyRequests: userStreamDataSource.listenKey ?? {},
    Authenticator: venue.createAuthenticator(fixtures.credentials, { now: () => fixtures.startMs }),
  };
}

function missingExport(name: string, { exports, folder }: VenueFacts): string | undefined {
  const [file = "", member = ""] = name.split(".");
  const found = exports[file as VenueFile][member];
  return found === undefined ? `src/venues/${folder}/${file}.ts exports no ${member}` : undefined;
}

function missingFile(path: string, { readText }: VenueFacts): string | undefined {
  return readText(path) === undefined ? `there is no ${path}` : undefined;
}

function missingKeys(path: string, { readText, fixtures }: VenueFacts): string | undefined {
  const text = readText(path) ?? "";
  const specs = fixtures.venueModule.manifest.credentials.filter(({ isRequired }) => isRequired);
  const keys = specs.map((spec) => `${fixtures.connectorName}_${credentialSuffix(spec)}`);
  const absent = keys.filter((key) => !text.includes(key));
  return absent.length === 0 ? undefined : `${path} has no ${absent.join(" and no ")}`;
}
