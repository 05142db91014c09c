import type { VenueWebUtils } from "../../../../../src/connector/perpetual-venue.ts";
import { type ApiFactoriesOptions, createApiFactories } from "../../../../../src/net/api-factories.ts";

// <server-time>
// </server-time>

type Factories = Pick<VenueWebUtils, "webSocketUrls"> & ReturnType<typeof createApiFactories>;

export function factories(
  conventions: ApiFactoriesOptions["conventions"],
  webSocketUrls: VenueWebUtils["webSocketUrls"],
): Factories {
  return {
    // <factories>
    ...createApiFactories({ conventions }),
    webSocketUrls,
    // </factories>
  };
}
