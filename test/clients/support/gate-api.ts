import { ApiClient, FuturesApi as Futures, type FuturesApi } from "gate-api";
import type { Endpoint } from "./paper-venue.ts";

// biome-ignore lint/suspicious/noExplicitAny: the client hands out what the venue sent, and that is what tests look at
export type Wire = any;

export const SETTLE = "usdt";
export const CONTRACT = "BTC_USDT";

export function gateClient({ host, port, apiKey, apiSecret }: Endpoint): ApiClient {
  const client = new ApiClient(`http://${host}:${port}/api/v4`);
  client.setApiKeySecret(apiKey, apiSecret);
  return client;
}

export function gateFutures(venue: Endpoint): FuturesApi {
  return new Futures(gateClient(venue));
}

/** The body of an answer. */
export async function bodyOf(call: Promise<{ readonly body: Wire }>): Promise<Wire> {
  return (await call).body;
}

/** Status and label of a refusal; throws when the call succeeds. */
export async function refusalOf(call: Promise<{ readonly body: Wire }>): Promise<readonly [number, string]> {
  try {
    const { body } = await call;
    throw new Error(`not refused, but ${String(body)}`);
  } catch (error) {
    const { response } = error as Wire;
    if (response === undefined) throw error;
    return [response.status, response.data.label];
  }
}
