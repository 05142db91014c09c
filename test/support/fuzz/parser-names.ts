import type { PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";

/** Functions that read nothing of what a venue sends: they write requests, or tell what the venue is. */
const WRITERS = new Set([
  ...[
    "orderBookDataSource.channels",
    "orderBookDataSource.subscribeChannels",
    "orderBookDataSource.unsubscribeChannels",
  ],
  ...["userStreamDataSource.subscribeChannels", "userStreamDataSource.unsubscribeChannels"],
  ...["derivative.canHedge", "webUtils.restUrl", "webUtils.buildApiFactory", "webUtils.requestHeaders"],
  ...["webUtils.buildApiFactoryWithoutTimeSynchronizerPreProcessor", "venue.marketRateLimits"],
  ...["venue.createAuthenticator"],
]);

/** Every function of a venue that reads what the venue sends, as the fuzz names it. */
export function parserNames(venue: PerpetualVenue): readonly string[] {
  const { derivative, orderBookDataSource, userStreamDataSource, webUtils } = venue;
  const { listenKey } = userStreamDataSource;
  const owners = { venue, derivative, orderBookDataSource, userStreamDataSource, webUtils, listenKey: listenKey ?? {} };
  return Object.entries(owners)
    .flatMap(([owner, members]) =>
      Object.entries(members).flatMap(([name, member]) => (typeof member === "function" ? `${owner}.${name}` : [])),
    )
    .filter((name) => !WRITERS.has(name));
}
