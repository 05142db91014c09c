import type { VenueModule } from "./connector/perpetual-venue.ts";
import { ConfigError } from "./model/error.ts";

interface Registration {
  readonly load: () => Promise<VenueModule>;
  readonly domain: string;
}

/** Connector names are Hummingbot's. Imports are literal, so that bundlers see them, and lazy, so that one costs one. */
const VENUES: Readonly<Record<string, Registration>> = {
  ftx_perpetual: {
    load: async () => (await import("./venues/ftx/derivative.ts")).venueModule,
    domain: "ftx_perpetual",
  },
  ftx_us_perpetual: {
    load: async () => (await import("./venues/ftx/derivative.ts")).venueModule,
    domain: "ftx_us_perpetual",
  },
};

/** Every connector name that `connect` takes. */
export const CONNECTOR_NAMES: readonly string[] = Object.keys(VENUES);

/** The venue and the domain that a connector name stands for; throws `ConfigError` with the names that exist. */
export async function loadVenue(name: string): Promise<{ readonly module: VenueModule; readonly domain: string }> {
  const registration = Object.hasOwn(VENUES, name) ? VENUES[name] : undefined;
  if (registration === undefined) {
    throw new ConfigError(`there is no connector "${name}"`, { hint: `there are ${CONNECTOR_NAMES.join(", ")}` });
  }
  return { module: await registration.load(), domain: registration.domain };
}
