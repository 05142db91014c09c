import type { Market } from "../../src/model/market.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import type { RestRequest, VenueApi, VenueContext } from "../../src/net/venue-api.ts";

/** Answers requests by a function and keeps them. */
export class RecordingApi implements VenueApi {
  readonly requests: RestRequest[] = [];
  readonly #answer: (request: RestRequest) => unknown;

  constructor(answer: (request: RestRequest) => unknown) {
    this.#answer = answer;
  }

  async send(request: RestRequest): Promise<unknown> {
    this.requests.push(request);
    return this.#answer(request);
  }
}

/** What the engine hands to a venue's functions, without an engine. */
export function venueContext(
  api: VenueApi,
  connectorName: string,
  markets: readonly Market[],
  nowMs: number,
): VenueContext {
  return { api, markets: createVenueMarkets(connectorName, connectorName, markets), now: () => nowMs };
}
