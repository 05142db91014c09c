import type { ApiFactoryOptions, PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";
import { AuthError, TimeSyncError } from "../../../src/model/error.ts";
import { parseIsoTime } from "../../../src/model/time.ts";
import type { RestConventions } from "../../../src/net/rest-assistant.ts";
import type { RestRequest, VenueApi } from "../../../src/net/venue-api.ts";
import { timeSynchronizerRestPreProcessor, WebAssistantsFactory } from "../../../src/net/web-assistants-factory.ts";
import { REQUESTS_LIMIT_ID } from "../../../src/venues/ftx/constants.ts";
import type { ListenKeyFixtures, ServerTimeFixtures } from "../../support/connector-fixtures.ts";
import type { Route } from "../../support/scripted-venue.ts";

/**
 * FTX logs in on the socket and tells no time. The tests of listen keys and of the time synchronizer run against FTX
 * with these two abilities added.
 */

const LISTEN_KEY = "listen-key-1";
const KEEP_ALIVE_INTERVAL_MS = 1_800_000;

const request = (method: RestRequest["method"], path: string, isAuthRequired = true): RestRequest => ({
  method,
  path,
  isAuthRequired,
  limitId: REQUESTS_LIMIT_ID,
});

function withListenKey(venue: PerpetualVenue): PerpetualVenue {
  return {
    ...venue,
    manifest: { ...venue.manifest, userStream: { ...venue.manifest.userStream, socket: "user" } },
    webUtils: {
      ...venue.webUtils,
      webSocketUrls: { ...venue.webUtils.webSocketUrls, user: `${venue.webUtils.webSocketUrls.all}/{listenKey}` },
    },
    userStreamDataSource: {
      ...venue.userStreamDataSource,
      listenKey: {
        keepAliveIntervalMs: KEEP_ALIVE_INTERVAL_MS,
        validForMs: 2 * KEEP_ALIVE_INTERVAL_MS,
        getListenKey: async ({ api, signal }) => String(await api.send(request("POST", "/listen_key"), signal)),
        pingListenKey: async ({ api, signal }) => void (await api.send(request("PUT", "/listen_key"), signal)),
      },
    },
  };
}

const listenKeyRoute = (method: Route["method"]): Route => ({
  method,
  path: "/listen_key",
  body: { success: true, result: LISTEN_KEY },
});
const refused = { status: 400, body: { success: false, error: "Invalid parameter listenKey" } };

export const listenKeyFixtures: ListenKeyFixtures = {
  venue: withListenKey,
  listenKey: LISTEN_KEY,
  getListenKey: listenKeyRoute("POST"),
  getListenKeyRefused: { ...listenKeyRoute("POST"), ...refused },
  pingListenKey: listenKeyRoute("PUT"),
  pingListenKeyRefused: { ...listenKeyRoute("PUT"), ...refused },
  keepAliveIntervalMs: KEEP_ALIVE_INTERVAL_MS,
};

const TIME_PATH = "/time";

async function getCurrentServerTime({ api }: { readonly api: VenueApi }): Promise<number> {
  return parseIsoTime(String(await api.send(request("GET", TIME_PATH, false))));
}

function withServerTime(venue: PerpetualVenue): PerpetualVenue {
  const conventions: RestConventions = {
    ...venue.webUtils,
    unwrapResponse(response, sent) {
      try {
        return venue.webUtils.unwrapResponse(response, sent);
      } catch (error) {
        if (!(error instanceof AuthError) || !/Timestamp/.test(error.message)) throw error;
        throw new TimeSyncError(error.message, { cause: error });
      }
    },
  };
  const plain = (options: ApiFactoryOptions) => new WebAssistantsFactory({ ...options, webUtils: conventions });
  return {
    ...venue,
    manifest: { ...venue.manifest, hasServerTime: true },
    webUtils: {
      ...venue.webUtils,
      ...conventions,
      getCurrentServerTime,
      buildApiFactoryWithoutTimeSynchronizerPreProcessor: plain,
      buildApiFactory(options) {
        const { timeSynchronizer } = options;
        if (timeSynchronizer === undefined) return plain(options);
        const api = plain(options).getRestAssistant();
        const update = () => timeSynchronizer.updateServerTimeOffset(() => getCurrentServerTime({ api }));
        return new WebAssistantsFactory({
          ...options,
          webUtils: conventions,
          restPreProcessors: [timeSynchronizerRestPreProcessor(timeSynchronizer, update)],
          updateServerTime: update,
        });
      },
    },
    isRequestExceptionRelatedToTimeSynchronizer: (error) => error instanceof TimeSyncError,
  };
}

export const serverTimeFixtures: ServerTimeFixtures = {
  venue: withServerTime,
  serverTimePath: TIME_PATH,
  serverTime: (nowMs) => ({
    method: "GET",
    path: TIME_PATH,
    body: { success: true, result: new Date(nowMs).toISOString().replace("Z", "000+00:00") },
  }),
  serverTimeRefused: { method: "GET", path: TIME_PATH, status: 500, body: { success: false, error: "Internal Error" } },
  timestampRefused: {
    method: "GET",
    path: "/account",
    status: 401,
    body: { success: false, error: "Not logged in: Timestamp too far from current time" },
  },
  timestampOf: ({ headers }) => Number(headers["ftx-ts"]),
  timeError: new TimeSyncError("Timestamp too far from current time"),
};
