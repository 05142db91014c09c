import type { Intent } from "../net/intent.ts";
import type { VenueApi, VenueRequest } from "../net/venue-api.ts";

/** Sends what a venue described and parses the answer. A parse error has an unknown outcome: the venue did answer. */
export async function execute<T>(
  api: VenueApi,
  request: VenueRequest<T>,
  signal?: AbortSignal,
  intent?: Intent,
): Promise<T> {
  try {
    return request.parse(await api.send(request.request, signal, intent));
  } finally {
    intent?.settled();
  }
}
