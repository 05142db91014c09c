import type { Lane, VenueContext } from "../net/venue-api.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { PerpetualVenue, VenueManifest } from "./perpetual-venue.ts";

/**
 * Resolves when one more connection may be made to a URL: see `ConnectionAttempts`, and the venue's limit on new ones. The
 * private one does not stand in line behind those of hundreds of markets, and theirs not behind that of orders.
 */
export function connectionAllowed(
  { webSocketConnectionLimitId }: VenueManifest,
  factory: WebAssistantsFactory,
  url: string | undefined,
  signal: AbortSignal | undefined,
  lane: Lane = "book",
): Promise<void> | undefined {
  return factory.connectionAllowed(url, webSocketConnectionLimitId, { signal, lane });
}

/** Makes the functions that ask for the address of a socket, where the venue has none that lasts. */
export function addressesOf({ webUtils }: PerpetualVenue, context: () => VenueContext) {
  const { fetchSocketAddress } = webUtils;
  if (fetchSocketAddress === undefined) return {};
  const socketAddress = (socket: string, signal: AbortSignal | undefined) =>
    fetchSocketAddress({ ...context(), signal }, socket);
  return { socketAddress };
}
