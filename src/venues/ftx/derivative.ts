import type {
  CreateVenueOptions,
  PerpetualVenue,
  VenueDerivative,
  VenueModule,
} from "../../connector/perpetual-venue.ts";
import { account } from "./account.ts";
import { createFtxAuth } from "./auth.ts";
import * as constants from "./constants.ts";
import { isOrderClosed, isOrderNotFound } from "./errors.ts";
import { manifest } from "./manifest.ts";
import { markets } from "./markets.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import { orders } from "./orders.ts";
import { remainder } from "./remainder.ts";
import { userStreamDataSource } from "./user-stream-data-source.ts";
import { createWebUtils } from "./web-utils.ts";

export const derivative: VenueDerivative = { ...markets, ...orders, ...account, ...remainder };

export function createVenue(options: CreateVenueOptions): PerpetualVenue {
  const headerPrefix = constants.HEADER_PREFIX[options.domain] ?? "FTX";
  return {
    manifest,
    domain: options.domain,
    paths: {
      tradingRulesRequestPath: constants.MARKETS_PATH_URL,
      tradingPairsRequestPath: constants.MARKETS_PATH_URL,
      checkNetworkRequestPath: constants.PING_PATH_URL,
    },
    webUtils: createWebUtils(options),
    orderBookDataSource,
    userStreamDataSource,
    derivative,
    rateLimits: constants.RATE_LIMITS,
    marketRateLimits: (markets) =>
      [...markets.byPair.values()].map((market) => constants.marketOrdersLimit(market.symbol)),
    createAuthenticator: (credentials, now) => createFtxAuth({ credentials, headerPrefix, now }),
    // Time errors are never answered with a resynchronisation: the venue's clock cannot be read.
    isRequestExceptionRelatedToTimeSynchronizer: () => false,
    isOrderNotFoundDuringStatusUpdateError: isOrderNotFound,
    isOrderNotFoundDuringCancelationError: (error) => isOrderNotFound(error) || isOrderClosed(error),
  };
}

export const venueModule: VenueModule = { manifest, createVenue };
