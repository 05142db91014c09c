import { parseAmount } from "../../src/paper/engine/amount.ts";
import type { ProtocolDefinition } from "../../src/paper/index.ts";
import { OkxServer } from "../../src/paper/protocols/okx/server.ts";
import type { VenueModule } from "../../src/venue.ts";
import { venueModule as okx } from "../../src/venues/okx/derivative.ts";

const NAME = "acme_perpetual";
const manifest = { ...okx.manifest, name: NAME, displayName: "Acme", domains: [NAME], defaultDomain: NAME };

/** OKX by another name, as a module from outside of the package exports a venue. */
export const venueModule: VenueModule = {
  ...okx,
  manifest,
  createVenue: (options) => ({ ...okx.createVenue({ ...options, domain: "okx_perpetual" }), manifest, domain: NAME }),
};

/** What the exchange in the box speaks for it. */
export const paperProtocol: ProtocolDefinition = {
  name: "acme",
  create: (ports) => new OkxServer(ports),
  engine: { makerFee: parseAmount("0"), takerFee: parseAmount("0.001"), fundingDivisor: 1n },
  clientIdsTaken: "ever",
  stepIsSmallestOrder: true,
};
