import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { VenueChoices } from "../../../packages/cli/src/create/choices.ts";
import type { Authenticator, Credentials, PreparedRequest, SigningContext } from "../../../src/net/auth.ts";
import { createBinanceAuth } from "../../../src/venues/binance/auth.ts";
import { createBybitAuth } from "../../../src/venues/bybit/auth.ts";
import { createGateIoAuth } from "../../../src/venues/gate-io/auth.ts";
import { createOkxAuth } from "../../../src/venues/okx/auth.ts";
import { choices, filesInRepository, plantTree } from "./tree.ts";

type CreateAuth = (credentials: Credentials, context: SigningContext) => Authenticator;

/** A venue as it would be scaffolded, the one that is there, and the places of the signature in both. */
interface Twin {
  readonly venue: VenueChoices;
  readonly create: CreateAuth;
  readonly signatureOf: (request: PreparedRequest) => string | null | undefined;
  readonly scaffolded: (request: PreparedRequest) => string | null | undefined;
  readonly requests: readonly PreparedRequest[];
}

const HOST = "https://venue.test";
const GET: PreparedRequest = { method: "GET", url: `${HOST}/v5/fills?symbol=BTCUSDT&limit=5`, headers: {} };
const DELETE: PreparedRequest = { method: "DELETE", url: `${HOST}/v5/orders?symbol=BTCUSDT&orderId=7`, headers: {} };
const POST: PreparedRequest = {
  ...{ method: "POST", url: `${HOST}/v5/orders`, headers: {} },
  body: '{"symbol":"BTCUSDT","size":"-3"}',
};
const header = (name: string) => (request: PreparedRequest) => request.headers[name];
const inQuery = ({ url }: PreparedRequest) => new URL(url).searchParams.get("signature");

const TWINS: readonly Twin[] = [
  {
    venue: choices("like_gate_io", {
      ...{ signatureAlgorithm: "hmac-sha512", sign: "method,path,query,body-sha512,timestamp", signTime: "seconds" },
      ...{ signSeparator: "newline", credentials: "apiKey,apiSecret,userId", stream: "signed-subscriptions" },
      ...{ sizes: "contracts", signedSizes: "yes", continuity: "contiguous-rest", envelope: "bare" },
    }),
    create: createGateIoAuth,
    signatureOf: header("SIGN"),
    scaffolded: header("LIKEGATEIO-SIGN"),
    requests: [GET, DELETE, POST],
  },
  {
    venue: choices("like_okx", {
      ...{ signatureEncoding: "base64", signTime: "iso", credentials: "apiKey,apiSecret,passphrase" },
      ...{ sizes: "contracts", positionModes: "hedge" },
    }),
    create: createOkxAuth,
    signatureOf: header("OK-ACCESS-SIGN"),
    scaffolded: header("LIKEOKX-SIGN"),
    requests: [GET, DELETE, POST],
  },
  {
    venue: choices("like_bybit", { sign: "timestamp,key,window,query,body", continuity: "contiguous-stream" }),
    create: createBybitAuth,
    signatureOf: header("X-BAPI-SIGN"),
    scaffolded: header("LIKEBYBIT-SIGN"),
    requests: [GET, POST],
  },
  {
    venue: choices("like_binance", {
      ...{ signatureIn: "query", sign: "window,query,body", stream: "listen-key", envelope: "bare" },
    }),
    create: createBinanceAuth,
    signatureOf: inQuery,
    scaffolded: inQuery,
    requests: [GET, DELETE],
  },
];

const CREDENTIALS = { apiKey: "key", apiSecret: "secret", passphrase: "phrase", userId: "1000" };
const NOW_MS = 1_790_000_000_123.75;

let tree: Awaited<ReturnType<typeof plantTree>>;

beforeAll(async () => {
  const venues = await Promise.all(TWINS.map(({ venue }) => filesInRepository(venue)));
  tree = await plantTree(venues.flat());
}, 120_000);

afterAll(() => tree[Symbol.asyncDispose]());

async function scaffoldedAuth({ name }: VenueChoices): Promise<Authenticator> {
  const path = join(tree.root, "src/venues", name.replaceAll("_", "-"), "auth.ts");
  const { createAuth } = (await import(path)) as { createAuth: CreateAuth };
  return createAuth(CREDENTIALS, { now: () => NOW_MS });
}

describe("a venue that is scaffolded by the answers of one that is there", () => {
  it.each(TWINS)("signs requests as it does: $venue.name", async ({ venue, create, requests, ...twin }) => {
    const own = create(CREDENTIALS, { now: () => NOW_MS });
    const scaffolded = await scaffoldedAuth(venue);
    for (const request of requests) {
      const expected = twin.signatureOf(await own.restAuthenticate(request));
      expect(expected).toMatch(/^[\w+/=]{40,}$/);
      expect(twin.scaffolded(await scaffolded.restAuthenticate(request)), request.method).toBe(expected);
    }
  });

  it("signs each subscription by itself as Gate.io wants it", async () => {
    const [gate] = TWINS as readonly [Twin];
    const own = gate.create(CREDENTIALS, { now: () => NOW_MS });
    const scaffolded = await scaffoldedAuth(gate.venue);
    const channel = "futures.orders";
    const signed = Object(await own.signFrame?.({ channel, event: "subscribe" }));
    expect(signed.auth.SIGN).toMatch(/^[0-9a-f]{128}$/);
    const frame = await scaffolded.signFrame?.({ channel, op: "subscribe" });
    expect(frame).toMatchObject({ auth: { apiKey: "key", signature: signed.auth.SIGN } });
    expect([own.wsAuthenticate(), scaffolded.wsAuthenticate()]).toEqual([undefined, undefined]);
  });
});
