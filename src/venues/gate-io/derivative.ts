import { defineVenue } from "../../connector/define-venue.ts";
import type { VenueDerivative, VenueModule } from "../../connector/perpetual-venue.ts";
import { account } from "./account.ts";
import { createGateIoAuth } from "./auth.ts";
import * as constants from "./constants.ts";
import { isOrderNotFound } from "./errors.ts";
import { manifest } from "./manifest.ts";
import { markets } from "./markets.ts";
import { orderBookDataSource } from "./order-book-data-source.ts";
import { orderSocket } from "./order-socket.ts";
import { orders } from "./orders.ts";
import { remainder } from "./remainder.ts";
import { userStreamDataSource } from "./user-stream-data-source.ts";
import { createWebUtils } from "./web-utils.ts";

export const derivative: VenueDerivative = { ...markets, ...orders, ...account, ...remainder };

export const venueModule: VenueModule = defineVenue({
  manifest,
  paths: {
    tradingRulesRequestPath: constants.CONTRACTS_PATH_URL,
    checkNetworkRequestPath: constants.SERVER_TIME_PATH_URL,
  },
  createWebUtils,
  orderBookDataSource,
  userStreamDataSource,
  derivative,
  orderSocket,
  rateLimits: constants.RATE_LIMITS,
  createAuthenticator: createGateIoAuth,
  errors: { isOrderNotFoundDuringStatusUpdateError: isOrderNotFound },
});
