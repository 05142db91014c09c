import type { PerpetualVenue } from "../../../src/connector/perpetual-venue.ts";
import { createVenueMarkets, type VenueMarkets } from "../../../src/model/venue-markets.ts";
import { accountFields, type Credentials } from "../../../src/net/auth.ts";
import type { RestRequest } from "../../../src/net/venue-api.ts";
import type { ErrorRow, Route, SharedPath } from "../../../src/testing/kit/fixture-shapes.ts";
import { ownPathOf } from "../../../src/testing/kit/shared-paths.ts";
import { fill } from "../../../src/testing/kit/template.ts";

type Words = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

interface Named {
  readonly tradingPair?: string;
  readonly exchangeSymbolForTokens?: string;
  readonly startMs?: number;
  readonly sharedPaths?: readonly SharedPath[];
  readonly credentials?: Credentials;
}

/** Payloads of a venue beside its fixtures. */
export interface Payloads {
  readonly answers: readonly (readonly [path: string, body: unknown])[];
  readonly frames: readonly unknown[];
}

/** Real payloads of a venue: answers by path, frames, and what requests are refused with. */
export interface Seeds {
  /** Shortest first. */
  readonly answers: ReadonlyMap<string, readonly unknown[]>;
  readonly frames: readonly unknown[];
  readonly refusals: readonly { readonly status: number; readonly body: unknown }[];
  readonly markets: VenueMarkets;
  readonly nowMs: number;
  /** The path by which `answers` knows what a request asks for. */
  pathOf(request: RestRequest): string;
}

/** Pages of a thousand rows say no more than their first ones. */
const ROWS_KEPT = 3;

function short(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, ROWS_KEPT).map(short);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, short(inner)]));
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const isErrorRow = (value: object): value is ErrorRow => "body" in value && "error" in value && "outcome" in value;
const isRoute = (value: object): value is Route => "method" in value && "path" in value && "body" in value;

/** Payloads of one shape: more of them say no more. */
const KEPT_OF_A_SHAPE = 4;

/** Words of the fields' names, kinds of values, and texts that look like words: two payloads that share it are read alike. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${[...new Set(value.map(shapeOf))].join()}]`;
  if (typeof value === "string") return /^[A-Za-z_-]{1,24}$/.test(value) ? value : "text";
  if (!isObject(value)) return typeof value;
  return `{${Object.entries(value).map(([name, inner]) => `${name}:${shapeOf(inner)}`)}}`;
}

export class Shapes {
  readonly #kept = new Map<string, number>();

  isWanted(where: string, payload: unknown): boolean {
    const shape = `${where} ${shapeOf(payload)}`;
    const kept = this.#kept.get(shape) ?? 0;
    this.#kept.set(shape, kept + 1);
    return kept < KEPT_OF_A_SHAPE;
  }
}

/** Gathers every answer, refusal and frame that the fixtures of a venue hold, and of other payloads a few of each shape. */
export async function seedsOf(
  venue: PerpetualVenue,
  fixtures: object,
  nowMs: number,
  others: readonly Payloads[] = [],
): Promise<Seeds> {
  const words = ("words" in fixtures ? fixtures.words : {}) as Words;
  const filled: unknown = fill(fixtures, valuesAt(nowMs, fixtures), words);
  const answers = new Map<string, unknown[]>();
  const frames: unknown[] = [];
  const refusals: { readonly status: number; readonly body: unknown }[] = [];
  const shapes = new Shapes();
  const answer = (path: string, body: unknown): void => void answers.set(path, [...(answers.get(path) ?? []), body]);
  const isFrame = (value: unknown): boolean =>
    [venue.orderBookDataSource, venue.userStreamDataSource].some(
      (source) => source.channelOriginatingMessage(value) !== "unknown",
    );
  const walk = (value: unknown): void => {
    if (!isObject(value)) return;
    if (!Array.isArray(value) && isRoute(value)) answer(value.path, value.body);
    else if (!Array.isArray(value) && isErrorRow(value))
      for (const code of value.codes ?? [0])
        refusals.push({ status: value.status ?? 200, body: fill(value.body, { code }, words) });
    else if (!Array.isArray(value) && isFrame(value)) frames.push(short(value));
    for (const inner of Object.values(value)) walk(inner);
  };
  walk(filled);
  const { sharedPaths, credentials = {} }: Named = fixtures;
  const pathOf = ({ path, data }: RestRequest): string => ownPathOf(path, data, sharedPaths)?.path ?? path;
  const api = { send: async (request: RestRequest) => bodyOf(venue, request, answers.get(pathOf(request))?.[0]) };
  const { markets } = venue.derivative.parseExchangeInfo(await venue.derivative.requestExchangeInfo({ api }));
  for (const other of others) {
    for (const [path, body] of other.answers) if (shapes.isWanted(path, short(body))) answer(path, body);
    for (const frame of other.frames) if (shapes.isWanted("", short(frame))) frames.push(short(frame));
  }
  const { name } = venue.manifest;
  const sizeOf = (body: unknown): number => JSON.stringify(body)?.length ?? 0;
  for (const [path, bodies] of answers)
    answers.set(
      path,
      bodies.map(short).sort((a, b) => sizeOf(a) - sizeOf(b)),
    );
  const known = createVenueMarkets(name, name, markets, accountFields(venue.manifest.credentials, credentials));
  return { answers, frames, refusals, markets: known, nowMs, pathOf };
}

function bodyOf(venue: PerpetualVenue, request: RestRequest, body: unknown): unknown {
  return venue.webUtils.unwrapResponse({ status: 200, headers: {}, text: JSON.stringify(body) }, request);
}

/** Values of an order on the fixtures' market. */
function valuesAt(nowMs: number, fixtures: object) {
  const { tradingPair = "BTC-USDT", exchangeSymbolForTokens = "{base}{quote}", startMs = nowMs } = fixtures as Named;
  const [base, quote] = tradingPair.split("-");
  const symbol = fill(exchangeSymbolForTokens, { base, quote });
  const order = { clientOrderId: "pw-1", exchangeOrderId: "91000001", side: "buy", positionSide: "both" };
  const terms = {
    orderType: "limit",
    timeInForce: "GTC",
    amount: "1",
    signedAmount: "1",
    contracts: "100",
    price: "5000",
  };
  const times = { startMs, nowMs, updatedMs: nowMs, index: 1, leverage: "5", positionMode: "oneWay" };
  return { ...order, ...terms, ...times, symbol, tradingPair, base, quote };
}
