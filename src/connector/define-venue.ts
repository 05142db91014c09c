import type { VenueUserStreamDataSource } from "../account/venue-user-stream-data-source.ts";
import type { VenueOrderBookDataSource } from "../market-data/venue-order-book-data-source.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { Authenticator, Credentials, SigningContext } from "../net/auth.ts";
import type { OrderSocketConventions } from "../net/order-socket.ts";
import type { RateLimit } from "../net/throttler.ts";
import type {
  CreateVenueOptions,
  VenueCapabilities,
  VenueDerivative,
  VenueManifest,
  VenueModule,
  VenuePaths,
  VenueWebUtils,
} from "./perpetual-venue.ts";

/** The files of a venue folder, as `defineVenue` puts them together. */
export interface VenueDefinition {
  readonly manifest: VenueManifest;
  /** `tradingPairsRequestPath` is that of the trading rules where it is left out. */
  readonly paths: Omit<VenuePaths, "tradingPairsRequestPath"> & Partial<VenuePaths>;
  readonly orderBookDataSource: VenueOrderBookDataSource;
  readonly userStreamDataSource: VenueUserStreamDataSource;
  readonly derivative: VenueDerivative;
  readonly orderSocket?: OrderSocketConventions | undefined;
  /** Limits that hold before any market is known. */
  readonly rateLimits: readonly RateLimit[];
  /** Limits of each market; none where every limit is the account's or the address's. */
  readonly marketRateLimits?: ((markets: VenueMarkets) => readonly RateLimit[]) | undefined;
  readonly errors: {
    isOrderNotFoundDuringStatusUpdateError(error: unknown): boolean;
    /** Classifier for cancels; by default the one of status updates. */
    readonly isOrderNotFoundDuringCancelationError?: ((error: unknown) => boolean) | undefined;
  };
  createWebUtils(options: CreateVenueOptions): VenueWebUtils;
  createAuthenticator(credentials: Credentials, context: SigningContext, domain: string): Authenticator;
}

function capabilitiesOf({ derivative, orderSocket }: VenueDefinition): VenueCapabilities {
  return {
    amend: derivative.amendOrder !== undefined,
    batchCreate: derivative.placeOrders !== undefined,
    batchCancel: derivative.placeCancels !== undefined,
    deadManSwitch: derivative.cancelAllAfter !== undefined,
    orderSocket: orderSocket !== undefined,
  };
}

/** Makes a venue of its files: what every venue would write alike is derived here, once. */
export function defineVenue(definition: VenueDefinition): VenueModule {
  const { manifest, paths, errors, createWebUtils, createAuthenticator, ...parts } = definition;
  const { isOrderNotFoundDuringStatusUpdateError } = errors;
  const capabilities = capabilitiesOf(definition);
  return {
    manifest,
    capabilities,
    createVenue(options) {
      const { domain } = options;
      return {
        ...parts,
        manifest,
        capabilities,
        domain,
        paths: { ...paths, tradingPairsRequestPath: paths.tradingPairsRequestPath ?? paths.tradingRulesRequestPath },
        webUtils: createWebUtils(options),
        marketRateLimits: definition.marketRateLimits ?? (() => []),
        createAuthenticator: (credentials, context) => createAuthenticator(credentials, context, domain),
        isOrderNotFoundDuringStatusUpdateError,
        isOrderNotFoundDuringCancelationError:
          errors.isOrderNotFoundDuringCancelationError ?? isOrderNotFoundDuringStatusUpdateError,
      };
    },
  };
}
