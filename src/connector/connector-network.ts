import { LatencyHistogram } from "../market-data/latency-histogram.ts";
import { ConfigError } from "../model/error.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { Authenticator, Credentials } from "../net/auth.ts";
import { noncesOf } from "../net/nonces.ts";
import type { RequestMetrics } from "../net/rest-assistant.ts";
import type { SharedRateLimits } from "../net/shared-rate-limits.ts";
import { Throttler } from "../net/throttler.ts";
import { TimeSynchronizer } from "../net/time-synchronizer.ts";
import type { VenueApi, VenueContext } from "../net/venue-api.ts";
import type { OrderSocketSetup, WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { OrderEntryWay } from "./connector-options.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { readEvery } from "./retry-read.ts";

/** Longest difference between the travel times of two requests that breaks no limit of the venue. */
const RATE_LIMIT_MARGIN_MS = 50;

export interface ConnectorNetworkOptions {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly credentials: Credentials | undefined;
  readonly logger: Logger;
  readonly requestTimeoutMs: number;
  readonly sharePercentage: number | undefined;
  /** Absent where this connector counts its requests alone. */
  readonly sharedRateLimits: SharedRateLimits | undefined;
  readonly orderEntry: OrderEntryWay | undefined;
}

/** Counts of REST requests so far. */
export interface RequestCounters {
  requests: number;
  failures: number;
}

const TIME_SYNCHRONIZATION_INTERVAL_MS = 60_000;

function orderSocketOf({
  venue,
  orderEntry = "rest",
  credentials,
}: ConnectorNetworkOptions): OrderSocketSetup | undefined {
  if (orderEntry !== "socket" || credentials === undefined) return undefined;
  const { manifest, webUtils, orderSocket: conventions } = venue;
  const url = conventions && webUtils.webSocketUrls[conventions.socket];
  if (conventions === undefined || url === undefined) {
    const where = conventions === undefined ? manifest.displayName : `the domain ${venue.domain}`;
    throw new ConfigError(`${where} takes no orders over a socket`, { hint: 'leave orderEntry out, or say "rest"' });
  }
  return { conventions, url, heartbeat: manifest.heartbeat, connectionLimitId: manifest.webSocketConnectionLimitId };
}

function throttlerOf({ venue, runtime, sharePercentage, sharedRateLimits }: ConnectorNetworkOptions): Throttler {
  const { rateLimits, webUtils, domain, paths } = venue;
  const { clock, timers } = runtime;
  const limits = { rateLimits, clock, timers, marginMs: RATE_LIMIT_MARGIN_MS };
  if (sharedRateLimits === undefined) return new Throttler({ ...limits, sharePercentage });
  if (sharePercentage !== undefined) {
    const hint = "connectors that share limits have one share: new SharedRateLimits({ sharePercentage: 50 })";
    throw new ConfigError("rateLimitsSharePercentage and sharedRateLimits exclude each other", { hint });
  }
  // Nearly all limits are of REST; the same venue may be behind other sockets.
  const request = { method: "GET", path: paths.checkNetworkRequestPath, isAuthRequired: false, limitId: "" } as const;
  const { origin } = new URL(webUtils.restUrl(request));
  // Simulated clocks come with a simulated network.
  const isClockSimulated = runtime.isNetworkSimulated === true;
  return sharedRateLimits.throttlerFor({ ...limits, servers: `${domain} ${origin}`, isClockSimulated });
}

/** Network of a connector: throttler, clock, credentials and the assistants that share them. */
export class ConnectorNetwork {
  readonly factory: WebAssistantsFactory;
  readonly authenticator: Authenticator | undefined;
  readonly counters: RequestCounters = { requests: 0, failures: 0 };
  /** Times from a request that changes orders, or now and then a setting, to its answer. */
  readonly orderRoundTrips = new LatencyHistogram();
  readonly #options: ConnectorNetworkOptions;
  readonly #timeSynchronizer: TimeSynchronizer;
  readonly #plainFactory: WebAssistantsFactory;

  constructor(options: ConnectorNetworkOptions) {
    this.#options = options;
    const { venue, runtime, credentials, logger, requestTimeoutMs } = options;
    const { clock } = runtime;
    this.#timeSynchronizer = new TimeSynchronizer({ clock });
    const throttler = throttlerOf(options);
    this.authenticator =
      credentials === undefined
        ? undefined
        : venue.createAuthenticator(credentials, {
            now: () => this.#timeSynchronizer.signingTime(),
            uncertaintyMs: () => this.#timeSynchronizer.uncertaintyMs,
            nonces: noncesOf(runtime),
          });
    const factoryOptions = {
      runtime,
      throttler,
      authenticator: this.authenticator,
      timeSynchronizer: this.#timeSynchronizer,
      defaultTimeoutMs: requestTimeoutMs,
      logger,
      onRequest: (metrics: RequestMetrics) => this.#count(metrics),
    };
    const orderSocket = orderSocketOf(options);
    this.factory = venue.webUtils.buildApiFactory({ ...factoryOptions, orderSocket });
    this.#plainFactory = venue.webUtils.buildApiFactoryWithoutTimeSynchronizerPreProcessor(factoryOptions);
  }

  #count(metrics: RequestMetrics): void {
    this.counters.requests += 1;
    if (metrics.status === undefined || metrics.status >= 400) this.counters.failures += 1;
    if (metrics.status !== undefined && metrics.isChange) this.orderRoundTrips.record(metrics.durationMs);
  }

  get api(): VenueApi {
    return this.factory.getRestAssistant();
  }

  /** The venue's time as far as known, ours where it has none. */
  now(): number {
    return this.#timeSynchronizer.time();
  }

  /** Listener to the times of the venue's messages; undefined where the venue tells its time when it is asked. */
  get noteVenueTime(): ((venueMs: number) => void) | undefined {
    if (this.#options.venue.manifest.hasServerTime) return undefined;
    return (venueMs) => this.#timeSynchronizer.noteVenueTime(venueMs);
  }

  /** True where the venue has no time to synchronise with. */
  get isTimeSynchronized(): boolean {
    return !this.#options.venue.manifest.hasServerTime || this.#timeSynchronizer.isSynchronized;
  }

  context(markets: VenueMarkets): VenueContext {
    const { timers } = this.#options.runtime;
    return { api: this.api, markets, now: () => this.now(), pause: () => timers.sleep(0) };
  }

  /** The first look at the venue's clock. */
  async start(signal: AbortSignal): Promise<void> {
    await this.updateTimeSynchronizer(signal);
  }

  /** Takes a sample of the venue's time, through an assistant that does not wait for it. */
  async updateTimeSynchronizer(signal: AbortSignal): Promise<void> {
    const { getCurrentServerTime } = this.#options.venue.webUtils;
    if (getCurrentServerTime === undefined) return;
    const api: VenueApi = {
      send: (request) => this.#plainFactory.getRestAssistant().send(request, signal),
    };
    await this.#timeSynchronizer.updateServerTimeOffset(() => getCurrentServerTime({ api }));
  }

  /** Runs until aborted, or ends at once where the venue has no time. */
  async timeSynchronizationLoop(signal: AbortSignal): Promise<void> {
    const { runtime, logger, venue } = this.#options;
    if (!venue.manifest.hasServerTime) return;
    const { clock, timers } = runtime;
    const intervalMs = TIME_SYNCHRONIZATION_INTERVAL_MS;
    const loop = { what: "the venue's time", intervalMs, clock, timers, signal, logger };
    await readEvery(loop, (attempt) => this.updateTimeSynchronizer(attempt));
  }
}
