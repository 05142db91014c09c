import type { VenueContext } from "../net/venue-api.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";

/** Makes the functions that ask for the address of a socket, where the venue has none that lasts. */
export function addressesOf({ webUtils }: PerpetualVenue, context: () => VenueContext) {
  const { fetchSocketAddress } = webUtils;
  if (fetchSocketAddress === undefined) return {};
  const socketAddress = (socket: string, signal: AbortSignal | undefined) =>
    fetchSocketAddress({ ...context(), signal }, socket);
  return { socketAddress };
}
