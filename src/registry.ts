import type { VenueModule } from "./connector/perpetual-venue.ts";
import { ConfigError } from "./model/error.ts";
import { nearestName } from "./model/names.ts";
import { realWork } from "./runtime/real-work.ts";

interface Registration {
  readonly load: () => Promise<VenueModule>;
  readonly domain: string;
}

// Imports are literal, so that bundlers see them, and lazy, so that one connector costs one.
const loadFtx = async () => (await import("./venues/ftx/derivative.ts")).venueModule;
const loadBybit = async () => (await import("./venues/bybit/derivative.ts")).venueModule;
const loadBinance = async () => (await import("./venues/binance/derivative.ts")).venueModule;
const loadOkx = async () => (await import("./venues/okx/derivative.ts")).venueModule;

/** Connector names are Hummingbot's; each stands for a venue and one of its domains. */
const VENUES: Readonly<Record<string, Registration>> = {
  ftx_perpetual: { load: loadFtx, domain: "ftx_perpetual" },
  ftx_us_perpetual: { load: loadFtx, domain: "ftx_us_perpetual" },
  bybit_perpetual: { load: loadBybit, domain: "bybit_perpetual" },
  bybit_perpetual_testnet: { load: loadBybit, domain: "bybit_perpetual_testnet" },
  bybit_perpetual_demo: { load: loadBybit, domain: "bybit_perpetual_demo" },
  binance_perpetual: { load: loadBinance, domain: "binance_perpetual" },
  binance_perpetual_testnet: { load: loadBinance, domain: "binance_perpetual_testnet" },
  okx_perpetual: { load: loadOkx, domain: "okx_perpetual" },
  okx_perpetual_demo: { load: loadOkx, domain: "okx_perpetual_demo" },
};

/** Every connector name that `connect` takes. */
export const CONNECTOR_NAMES: readonly string[] = Object.keys(VENUES);

/** The venue and the domain that a connector name stands for; throws `ConfigError` with the names that exist. */
export async function loadVenue(name: string): Promise<{ readonly module: VenueModule; readonly domain: string }> {
  const registration = Object.hasOwn(VENUES, name) ? VENUES[name] : undefined;
  if (registration === undefined) {
    // Without the last part `bybit` is many letters away from what is meant.
    const nearest = nearestName(name, CONNECTOR_NAMES) ?? CONNECTOR_NAMES.find((known) => known.startsWith(`${name}_`));
    const meant = nearest === undefined ? "" : `did you mean "${nearest}"? `;
    throw new ConfigError(`there is no connector "${name}"`, {
      hint: `${meant}there are ${CONNECTOR_NAMES.join(", ")}`,
    });
  }
  return { module: await realWork(registration.load()), domain: registration.domain };
}
