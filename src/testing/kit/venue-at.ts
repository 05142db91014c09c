import type { PerpetualVenue } from "../../connector/perpetual-venue.ts";
import type { PerpetualConnectorFixtures } from "./fixtures.ts";

const USER_REST_URL = "http://user.test";
const USER_WEB_SOCKET_URL = "ws://user.test";

/** The venue at addresses of a user's own, for tests that send nothing. */
export function venueAtUser(
  { venueModule, connectorName, domain = connectorName }: PerpetualConnectorFixtures,
  other = domain,
): PerpetualVenue {
  return venueModule.createVenue({ domain: other, restUrl: USER_REST_URL, webSocketUrl: USER_WEB_SOCKET_URL });
}
