import type { VenueModule } from "./connector/perpetual-venue.ts";
import { ConfigError } from "./model/error.ts";
import { nearestName } from "./model/names.ts";
import {
  type CredentialSpec,
  KEY_AND_ADDRESSES,
  KEY_AND_SECRET,
  PASSPHRASE,
  SUB_ACCOUNT,
  USER_ID,
} from "./net/auth.ts";
import { realWork } from "./runtime/real-work.ts";

/** A venue that comes with the package. One row adds a venue to `connect()` and the command. */
interface Registration {
  /** Imports are literal, so that bundlers see them, and lazy, so that one connector costs one. */
  readonly load: () => Promise<VenueModule>;
  /** Connector names, Hummingbot's; each stands for a domain of the venue. */
  readonly connectors: readonly [string, ...string[]];
  /** A copy of the manifest's, so that a configuration can be read without loading venues. */
  readonly credentials: readonly CredentialSpec[];
}

const VENUES: readonly Registration[] = [
  {
    load: async () => (await import("./venues/ftx/derivative.ts")).venueModule,
    connectors: ["ftx_perpetual", "ftx_us_perpetual"],
    credentials: [...KEY_AND_SECRET, SUB_ACCOUNT],
  },
  {
    load: async () => (await import("./venues/bybit/derivative.ts")).venueModule,
    connectors: ["bybit_perpetual", "bybit_perpetual_testnet", "bybit_perpetual_demo"],
    credentials: KEY_AND_SECRET,
  },
  {
    load: async () => (await import("./venues/binance/derivative.ts")).venueModule,
    connectors: ["binance_perpetual", "binance_perpetual_testnet"],
    credentials: KEY_AND_SECRET,
  },
  {
    load: async () => (await import("./venues/okx/derivative.ts")).venueModule,
    connectors: ["okx_perpetual", "okx_perpetual_demo"],
    credentials: [...KEY_AND_SECRET, PASSPHRASE],
  },
  {
    load: async () => (await import("./venues/gate-io/derivative.ts")).venueModule,
    connectors: ["gate_io_perpetual", "gate_io_perpetual_testnet"],
    credentials: [...KEY_AND_SECRET, USER_ID],
  },
  {
    load: async () => (await import("./venues/hyperliquid/derivative.ts")).venueModule,
    connectors: ["hyperliquid_perpetual", "hyperliquid_perpetual_testnet"],
    credentials: KEY_AND_ADDRESSES,
  },
];

const registrationOf = (name: string) => VENUES.find(({ connectors }) => connectors.includes(name));

/** Every connector name that `connect` takes. */
export const CONNECTOR_NAMES: readonly string[] = VENUES.flatMap(({ connectors }) => connectors);

/** The first connector of each venue, in the order in which they were added. */
export const VENUE_NAMES: readonly string[] = VENUES.map(({ connectors: [first] }) => first);

/** Lists the credentials that a connector's venue asks for; none for an unknown name. */
export function credentialSpecsOf(name: string): readonly CredentialSpec[] {
  return registrationOf(name)?.credentials ?? [];
}

/** The venue and the domain that a connector name stands for; throws `ConfigError` with the names that exist. */
export async function loadVenue(name: string): Promise<{ readonly module: VenueModule; readonly domain: string }> {
  const registration = registrationOf(name);
  if (registration === undefined) throw unknownConnector(name, CONNECTOR_NAMES);
  return { module: await realWork(registration.load()), domain: name };
}

/** Says which of the connectors that there are is meant. */
export function unknownConnector(name: string, names: readonly string[]): ConfigError {
  // Names such as `bybit` without the last part are many letters away from what is meant.
  const nearest = nearestName(name, names) ?? names.find((known) => known.startsWith(`${name}_`));
  const meant = nearest === undefined ? "" : `did you mean "${nearest}"? `;
  return new ConfigError(`there is no connector "${name}"`, { hint: `${meant}there are ${names.join(", ")}` });
}
