import { ListenKeyLease } from "../../account/listen-key.ts";
import { UserStreamDataSource } from "../../account/user-stream-data-source.ts";
import { addressesOf } from "../../connector/venue-sockets.ts";
import { snapshotSourceOf } from "../../market-data/continuity.ts";
import { OrderBookDataSource } from "../../market-data/order-book-data-source.ts";
import { createVenueMarkets, type VenueMarkets } from "../../model/venue-markets.ts";
import { accountFields } from "../../net/auth.ts";
import { parseJson } from "../../net/json.ts";
import type { RestPreProcessor } from "../../net/rest-assistant.ts";
import { Throttler } from "../../net/throttler.ts";
import type { VenueContext } from "../../net/venue-api.ts";
import type { WebAssistantsFactory } from "../../net/web-assistants-factory.ts";
import { assertIsRoute } from "./fixture-shapes.ts";
import { isPaste } from "./paste.ts";
import type { Scene } from "./scene.ts";

/** Pieces that the engine would build around a venue, for tests of one piece. */
export interface Components {
  readonly markets: VenueMarkets;
  readonly factory: WebAssistantsFactory;
  readonly orderBookDataSource: OrderBookDataSource;
  readonly userStreamDataSource: UserStreamDataSource;
  /** Undefined where the venue has no listen keys. */
  readonly lease: ListenKeyLease | undefined;
  context(): VenueContext;
}

export interface ComponentsOptions {
  readonly restPreProcessors?: readonly RestPreProcessor[] | undefined;
  /** False: none can sign. Default true. */
  readonly hasCredentials?: boolean | undefined;
}

export function createComponents(
  scene: Scene,
  { restPreProcessors, hasCredentials = true }: ComponentsOptions = {},
): Components {
  const { venue, fixtures, logger } = scene;
  const { manifest, webUtils } = venue;
  const runtime = scene.world.runtime("connector");
  const { clock, timers, random } = runtime;
  const { markets: listed } = venue.derivative.parseExchangeInfo(exchangeInfoOf(scene));
  const account = accountFields(manifest.credentials, fixtures.credentials);
  const markets = createVenueMarkets(manifest.name, venue.domain, listed, account);
  const rateLimits = [...venue.rateLimits, ...venue.marketRateLimits(markets)];
  const factory = webUtils.buildApiFactory({
    runtime,
    throttler: new Throttler({ rateLimits, clock, timers }),
    authenticator: hasCredentials
      ? venue.createAuthenticator(fixtures.credentials, { now: () => clock.now() })
      : undefined,
    restPreProcessors,
    logger,
  });
  const context = (): VenueContext => ({ api: factory.getRestAssistant(), markets, now: () => clock.now() });
  const { fundingInfo } = manifest;
  const addresses = addressesOf(venue, context);
  const orderBookDataSource = new OrderBookDataSource({
    runtime,
    logger,
    venue: venue.orderBookDataSource,
    context,
    webAssistants: factory,
    webSocketUrls: webUtils.webSocketUrls,
    ...addresses,
    heartbeat: manifest.heartbeat,
    limits: manifest.publicStreams,
    tradingPairs: [fixtures.tradingPair],
    snapshotSource: snapshotSourceOf(manifest.continuity),
    snapshotDepth: manifest.continuity.depth,
    fundingInfoPollIntervalMs: fundingInfo.source === "poll" ? fundingInfo.intervalMs : fundingInfo.pollIntervalMs,
    isFundingInfoPolledBesides: fundingInfo.source === "stream" && fundingInfo.pollIntervalMs !== undefined,
  });
  const requests = venue.userStreamDataSource.listenKey;
  const withSignal = (signal: AbortSignal): VenueContext => ({ ...context(), signal });
  const lease = requests && new ListenKeyLease({ requests, context: withSignal, clock, timers, random, logger });
  const streamUrl = webUtils.webSocketUrls[manifest.userStream.socket] ?? "";
  const userStreamDataSource = new UserStreamDataSource({
    venue: venue.userStreamDataSource,
    markets,
    factory,
    socketAddress: addresses.socketAddress && ((signal) => addresses.socketAddress(manifest.userStream.socket, signal)),
    streamUrl: (listenKey = "") => streamUrl.replace("{listenKey}", listenKey),
    lease,
    parse: parseJson,
    heartbeat: manifest.heartbeat,
    clock,
    timers,
    random,
    logger,
  });
  return { markets, factory, orderBookDataSource, userStreamDataSource, lease, context };
}

function exchangeInfoOf(scene: Scene): unknown {
  const { fixtures, venue } = scene;
  const { allSymbolsRequestMockResponse: route } = fixtures;
  if (route === undefined || isPaste(route))
    throw new TypeError("the test does not name `allSymbolsRequestMockResponse`");
  assertIsRoute(route);
  const { status = 200, body } = route;
  const response = { status, headers: {}, text: JSON.stringify(scene.fill(body)) };
  const request = { method: "GET", path: "/", isAuthRequired: false, limitId: "" } as const;
  return venue.webUtils.unwrapResponse(response, request);
}
