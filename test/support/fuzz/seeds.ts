import type { PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";
import { createVenueSession, type VenueSession } from "../../../src/model/venue-session.ts";
import type { Route } from "../../../src/testing/kit/fixture-shapes.ts";
import { fill } from "../../../src/testing/kit/template.ts";

type Words = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Real payloads of a venue: answers by path, and frames. */
export interface Seeds {
  readonly answers: ReadonlyMap<string, readonly unknown[]>;
  readonly frames: readonly unknown[];
  readonly session: VenueSession;
  readonly nowMs: number;
}

/** Pages of a thousand rows say no more than their first ones. */
const ROWS_KEPT = 3;

function short(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, ROWS_KEPT).map(short);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, short(inner)]));
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isRoute = (value: object): value is Route => "method" in value && "path" in value && "body" in value;

/** Gathers every answer and every frame that the fixtures of a venue hold. */
export async function seedsOf(venue: PerpetualVenue, fixtures: object, nowMs: number): Promise<Seeds> {
  const words = ("words" in fixtures ? fixtures.words : {}) as Words;
  const filled: unknown = fill(fixtures, valuesAt(nowMs), words);
  const answers = new Map<string, unknown[]>();
  const frames: unknown[] = [];
  const { orderBookDataSource: books, userStreamDataSource: stream } = venue;
  const walk = (value: unknown): void => {
    if (!isObject(value)) return;
    if (!Array.isArray(value) && isRoute(value))
      answers.set(value.path, [...(answers.get(value.path) ?? []), value.body]);
    else if (!Array.isArray(value)) {
      const kinds = [books.channelOriginatingMessage(value), stream.channelOriginatingMessage(value)];
      if (kinds.some((kind) => kind !== "unknown")) frames.push(short(value));
    }
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(filled);
  const api = { send: async ({ path }: { readonly path: string }) => bodyOf(venue, answers.get(path)?.[0]) };
  const { markets } = venue.derivative.parseExchangeInfo(await venue.derivative.requestExchangeInfo({ api }));
  const { name } = venue.manifest;
  for (const [path, bodies] of answers) answers.set(path, bodies.map(short));
  return { answers, frames, session: createVenueSession(name, name, markets), nowMs };
}

function bodyOf(venue: PerpetualVenue, body: unknown): unknown {
  const request = { method: "GET", path: "", isAuthRequired: false, limitId: "" } as const;
  return venue.webUtils.unwrapResponse({ status: 200, headers: {}, text: JSON.stringify(body) }, request);
}

function valuesAt(nowMs: number) {
  const order = { clientOrderId: "pw-1", exchangeOrderId: "91000001", side: "buy", positionSide: "both" };
  const terms = {
    orderType: "limit",
    timeInForce: "GTC",
    amount: "1",
    signedAmount: "1",
    contracts: "100",
    price: "5000",
  };
  const times = { startMs: nowMs, nowMs, updatedMs: nowMs, index: 1, leverage: "5", positionMode: "oneWay" };
  return { ...order, ...terms, ...times, symbol: "BTCUSDT", tradingPair: "BTC-USDT", base: "BTC", quote: "USDT" };
}
