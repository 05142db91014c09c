import type { PerpetualVenue, VenueDerivative } from "../../connector/perpetual-venue.ts";
import { Decimal } from "../../model/decimal.ts";
import { OrderRejectedError, TimeSyncError, VenueUnavailableError } from "../../model/error.ts";
import { createApiFactories, isTimeSyncError } from "../../net/api-factories.ts";
import type { RestConventions } from "../../net/rest-assistant.ts";
import type { RestRequest, VenueApi } from "../../net/venue-api.ts";
import type { ListenKeyFixture, Route, ServerTimeFixture } from "./fixture-shapes.ts";
import type { PerpetualConnectorFixtures } from "./fixtures.ts";
import { isPaste } from "./paste.ts";

/**
 * A venue that has no listen key, or tells no time, is given the ability with invented paths: what the tests of it are
 * about lives in the engine, and must work for every venue that gets it one day.
 */
const PATHS = "/perpwire-kit";
const LISTEN_KEY_PATH = `${PATHS}/listen_key`;
const TIME_PATH = `${PATHS}/time`;
const KEEP_ALIVE_INTERVAL_MS = 1_800_000;
const REFUSED_TIME = "the time of the request is too far off";

interface StandIn<T> {
  readonly fixture: T;
  /** Name of the ability where it is the kit's; absent where the venue has it itself. */
  readonly invented?: string | undefined;
  /** Adds the ability; absent where the venue has it itself. */
  readonly venue?: ((venue: PerpetualVenue) => PerpetualVenue) | undefined;
}

const route = (method: Route["method"], path: string, body: unknown, status = 200): Route => ({
  method,
  path,
  status,
  body,
});

function request(
  venue: PerpetualVenue,
  method: RestRequest["method"],
  path: string,
  isAuthRequired: boolean,
): RestRequest {
  return { method, path, isAuthRequired, limitId: venue.rateLimits[0]?.limitId ?? "" };
}

/** The venue's own conventions, and the kit's for its own paths and for its own refusal. */
function conventionsOf({ webUtils }: PerpetualVenue): RestConventions {
  return {
    ...webUtils,
    unwrapResponse(response, sent) {
      if (response.text.includes(REFUSED_TIME)) throw new TimeSyncError(REFUSED_TIME);
      if (!sent.path.startsWith(PATHS)) return webUtils.unwrapResponse(response, sent);
      if (response.status >= 500) throw new VenueUnavailableError(`the venue answered ${response.status}`);
      if (response.status >= 400) throw new OrderRejectedError(`the venue answered ${response.status}`);
      return JSON.parse(response.text);
    },
  };
}

/** The venue with other conventions, and with the time synchronizer where it can tell its time. */
function withConventions(
  venue: PerpetualVenue,
  getCurrentServerTime = venue.webUtils.getCurrentServerTime,
  more: Partial<RestConventions> = {},
): PerpetualVenue {
  const conventions = { ...conventionsOf(venue), ...more };
  const factories = createApiFactories({ conventions, getCurrentServerTime });
  const time = getCurrentServerTime === undefined ? {} : { getCurrentServerTime };
  return { ...venue, webUtils: { ...venue.webUtils, ...conventions, ...time, ...factories } };
}

function withListenKey(venue: PerpetualVenue): PerpetualVenue {
  const changed = withConventions(venue);
  // Its URL holds the key, so that none is asked for.
  const { fetchSocketAddress, ...webUtils } = changed.webUtils;
  const { webSocketUrls } = webUtils;
  const own = webSocketUrls[venue.manifest.userStream.socket] ?? "";
  return {
    ...changed,
    manifest: { ...venue.manifest, userStream: { ...venue.manifest.userStream, socket: "listenKey" } },
    webUtils: { ...webUtils, webSocketUrls: { ...webSocketUrls, listenKey: `${own}/{listenKey}` } },
    userStreamDataSource: {
      ...venue.userStreamDataSource,
      listenKey: {
        keepAliveIntervalMs: KEEP_ALIVE_INTERVAL_MS,
        validForMs: 2 * KEEP_ALIVE_INTERVAL_MS,
        fetchListenKey: async ({ api, signal }) =>
          String(await api.send(request(venue, "POST", LISTEN_KEY_PATH, true), signal)),
        pingListenKey: async ({ api, signal }) =>
          void (await api.send(request(venue, "PUT", LISTEN_KEY_PATH, true), signal)),
      },
    },
  };
}

function withServerTime(venue: PerpetualVenue): PerpetualVenue {
  const getServerTime = async ({ api }: { readonly api: VenueApi }) =>
    Number(await api.send(request(venue, "GET", TIME_PATH, false)));
  return {
    ...withConventions(venue, getServerTime, { isRequestExceptionRelatedToTimeSynchronizer: isTimeSyncError }),
    manifest: { ...venue.manifest, hasServerTime: true },
  };
}

/** The venue's own listen key, or the kit's stand-in. */
export function listenKeyOf({ listenKey }: Pick<PerpetualConnectorFixtures, "listenKey">): StandIn<ListenKeyFixture> {
  if (listenKey !== undefined && "listenKey" in listenKey) return { fixture: listenKey };
  const key = "listen-key-of-the-kit-1";
  return {
    invented: isPaste(listenKey) ? undefined : "a listen key",
    venue: withListenKey,
    fixture: {
      listenKey: key,
      fetchListenKey: route("POST", LISTEN_KEY_PATH, key),
      getListenKeyRefused: route("POST", LISTEN_KEY_PATH, "no", 400),
      pingListenKey: route("PUT", LISTEN_KEY_PATH, {}),
      pingListenKeyRefused: route("PUT", LISTEN_KEY_PATH, "no", 400),
    },
  };
}

/** The venue's own time, or the kit's stand-in; a signed request of `refused` is then refused for its time. */
export function serverTimeOf(
  { serverTime }: Pick<PerpetualConnectorFixtures, "serverTime">,
  refused: Pick<Route, "method" | "path">,
): StandIn<ServerTimeFixture> {
  if (serverTime !== undefined && "serverTime" in serverTime) return { fixture: serverTime };
  return {
    invented: isPaste(serverTime) ? undefined : "a server time",
    venue: withServerTime,
    fixture: {
      serverTime: route("GET", TIME_PATH, "{nowMs}"),
      serverTimeRefused: route("GET", TIME_PATH, "no", 500),
      timestampRefused: { ...route(refused.method, refused.path, REFUSED_TIME, 400) },
    },
  };
}

const MIN_NOTIONAL = "1000";

/** The venue's own smallest notional, or the kit's where the markets have none. */
export function smallestNotionalOf({
  expectedTradingRule: rule,
}: Pick<PerpetualConnectorFixtures, "expectedTradingRule">): Omit<StandIn<never>, "fixture"> {
  if (isPaste(rule) || rule.minNotionalSize !== "0") return {};
  const minNotionalSize = new Decimal(MIN_NOTIONAL);
  return {
    invented: "a smallest notional",
    venue: (venue) =>
      withDerivative(venue, ({ parseExchangeInfo }) => ({
        parseExchangeInfo(exchangeInfo) {
          const info = parseExchangeInfo(exchangeInfo);
          const markets = info.markets.map((market) => ({ ...market, rule: { ...market.rule, minNotionalSize } }));
          return { ...info, markets };
        },
      })),
  };
}

/** The venue's own word for an order that has expired; where it has none, what it calls canceled has expired. */
export function expiredOrderOf({ orderStates }: Pick<PerpetualConnectorFixtures, "orderStates">): StandIn<string> {
  const [word] = isPaste(orderStates) ? ["-"] : (orderStates.states.expired?.split(" ") ?? []);
  if (word !== undefined) return { fixture: word };
  return {
    fixture: "",
    invented: "orders that expire",
    venue: (venue) =>
      withDerivative(venue, ({ requestOrderStatus }) => ({
        async requestOrderStatus(context, order) {
          const update = await requestOrderStatus(context, order);
          return update.state === "canceled" ? { ...update, state: "expired" } : update;
        },
      })),
  };
}

function withDerivative(
  venue: PerpetualVenue,
  change: (derivative: VenueDerivative) => Partial<VenueDerivative>,
): PerpetualVenue {
  return { ...venue, derivative: { ...venue.derivative, ...change(venue.derivative) } };
}
