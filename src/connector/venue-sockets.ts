import type { Lane, VenueContext } from "../net/venue-api.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { PerpetualVenue, VenueManifest } from "./perpetual-venue.ts";

/**
 * Resolves when the venue's limit on new connections has room for one more. The private one does not stand in line behind
 * those of hundreds of markets.
 */
export function connectionAllowed(
  { webSocketConnectionLimitId: limitId }: VenueManifest,
  { throttler }: WebAssistantsFactory,
  signal: AbortSignal | undefined,
  lane: Lane = "poll",
): Promise<void> | undefined {
  return limitId === undefined ? undefined : throttler.acquire(limitId, { signal, lane });
}

/** Makes the functions that ask for the address of a socket, where the venue has none that lasts. */
export function addressesOf({ webUtils }: PerpetualVenue, context: () => VenueContext) {
  const { fetchSocketAddress } = webUtils;
  if (fetchSocketAddress === undefined) return {};
  const socketAddress = (socket: string, signal: AbortSignal | undefined) =>
    fetchSocketAddress({ ...context(), signal }, socket);
  return { socketAddress };
}
