import { parseIsoTime } from "../../model/time.ts";
import type { PreparedRequest } from "../../net/auth.ts";
import type { RestRequest } from "../../net/venue-api.ts";
import { assert } from "./assertion.ts";
import {
  type AuthFixture,
  HTTP_METHODS,
  type HttpMethod,
  type RequestChanges,
  type RequestShape,
} from "./fixture-shapes.ts";
import type { FixtureOrder, Scene } from "./scene.ts";
import type { ScriptedRequest } from "./scripted-venue.ts";
import { differences, isRecord, type Values } from "./template.ts";

/** A request is as its shape says, authentication aside. */
export function assertRequest(
  scene: Scene,
  request: ScriptedRequest | undefined,
  shape: RequestShape,
  { order, auth, more = {} }: { readonly order?: FixtureOrder; readonly auth: AuthFixture; readonly more?: Values },
): void {
  assert.ok(request !== undefined, `no request ${shape.method} ${shape.path} was sent`);
  const { method, path, params = {}, body, further = false } = scene.fill(shape, order, more);
  const target = `${request.method} ${request.path}`;
  assert.deepEqual(differences(`${method} ${path}`, target), [], "what differs");
  assert.deepEqual(differences(params, without(request.params, auth.params), further), [], `parameters of ${target}`);
  const sent = isRecord(request.body) ? without(request.body, auth.body) : request.body;
  assert.deepEqual(
    differences(body, isEmpty(sent) && body === undefined ? undefined : sent, further),
    [],
    `body of ${target}`,
  );
}

const isUnsigned = ({ method, wire }: ScriptedRequest, { isForActionsOnly }: AuthFixture): boolean =>
  isForActionsOnly === true && (method === "GET" || wire === undefined);

/** A shape with changes in its body, or in its parameters where it has no body. */
export function changedShape(shape: RequestShape, changes: RequestChanges): RequestShape {
  if (isRecord(shape.body)) return { ...shape, body: { ...shape.body, ...changes } };
  return { ...shape, params: { ...shape.params, ...changes } };
}

/** Asserts that a request shows who asks, and when: within a second of the moment at which it arrived. */
export function assertAuthenticated(scene: Scene, request: ScriptedRequest | undefined, auth: AuthFixture): void {
  assert.ok(request !== undefined, "no request was sent");
  if (isUnsigned(request, auth)) return;
  const sent = `${request.method} ${request.path}`;
  const isKeyOnly = auth.keyOnly?.some((path) => scene.fill(path) === request.path) === true;
  const shown = [request.headers, request.params, isRecord(request.body) ? request.body : {}].flatMap(Object.values);
  const { credentials } = scene.fixtures;
  for (const { name, label, isSecret, namesAccount } of scene.venue.manifest.credentials) {
    const isSent = isSecret && namesAccount && credentials[name] !== undefined;
    assert.ok(!isSent || shown.includes(credentials[name]), `${sent} does not hold the ${label}`);
  }
  if (isKeyOnly) return;
  for (const name of auth.headers ?? [])
    assert.ok((request.headers[name] ?? "") !== "", `${sent} has no header ${name}`);
  for (const name of auth.params ?? [])
    assert.ok((request.params[name] ?? "") !== "", `${sent} has no parameter ${name}`);
  const body = isRecord(request.body) ? request.body : {};
  for (const name of auth.body ?? []) assert.ok((body[name] ?? "") !== "", `the body of ${sent} has no ${name}`);
  const offByMs = signedAtMs(request, auth) - request.atMs;
  assert.ok(Math.abs(offByMs) <= 1_000, `${sent} is signed ${offByMs} ms off`);
}

/**
 * Asserts that the signature is the one that the user's secret makes of the request as it arrived, at the time that it
 * names: a body or a query that was changed after it was signed, and another secret, have another.
 */
export async function assertSigned(scene: Scene, request: ScriptedRequest, auth: AuthFixture): Promise<void> {
  if (isUnsigned(request, auth)) return;
  if (auth.keyOnly?.some((path) => scene.fill(path) === request.path) === true) return;
  const { venue, server, fixtures } = scene;
  const nowMs = signedAtMs(request, auth);
  const authenticator = venue.createAuthenticator(fixtures.credentials, { now: () => nowMs });
  const origin = new URL(server.restUrl).origin;
  const unsigned = { url: `${origin}${unsignedTarget(request, auth)}`, body: unsignedBody(request, auth) };
  const method = methodOf(request);
  const signed = await authenticator.restAuthenticate({ method, headers: {}, ...unsigned });
  const again = Object.entries(signed.headers).map(([name, value]) => [name.toLowerCase(), value] as const);
  const expected = Object.fromEntries(again.filter(([name]) => auth.headers?.includes(name) === true));
  const own = Object.fromEntries((auth.headers ?? []).map((name) => [name, request.headers[name]]));
  const sent = `${method} ${request.path}`;
  assert.deepEqual(own, { ...own, ...expected }, `${sent} is not signed as it was sent`);
  assert.equal(`${origin}${request.target}`, signed.url, `${sent} is not signed as it was sent`);
  assert.equal(request.rawBody, signed.body ?? "", `the body of ${sent} is not signed as it was sent`);
}

function methodOf({ method }: ScriptedRequest): HttpMethod {
  const found = HTTP_METHODS.find((each) => each === method);
  return found ?? assert.fail(`${method} is no method of a request`);
}

/** A query or a form without what a signature adds to it, each pair as it was sent. */
function withoutPairs(query: string, names: readonly string[] = []): string {
  const isOther = (pair: string) => !names.includes(decodeURIComponent(pair.split("=")[0] ?? ""));
  return query.split("&").filter(isOther).join("&");
}

function unsignedTarget({ target }: ScriptedRequest, { params }: AuthFixture): string {
  const [path = "", query = ""] = target.split("?");
  const rest = withoutPairs(query, params);
  return rest === "" ? path : `${path}?${rest}`;
}

function unsignedBody({ rawBody, body }: ScriptedRequest, auth: AuthFixture): string | undefined {
  if (rawBody === "") return undefined;
  if (body === undefined) return withoutPairs(rawBody, auth.params);
  if (auth.body === undefined || !isRecord(body)) return rawBody;
  return JSON.stringify(without(body, auth.body));
}

/** Epoch milliseconds that a request was signed with. */
export function signedAtMs(request: ScriptedRequest, { timestamp }: AuthFixture): number {
  return timeIn(request, timestamp);
}

function timeIn(
  request: Pick<ScriptedRequest, "headers" | "params" | "body">,
  place: AuthFixture["timestamp"],
): number {
  const { in: where, name, format = "ms" } = place;
  const body = isRecord(request.body) ? request.body : {};
  const value = { headers: request.headers, params: request.params, body }[where][name];
  if (format === "iso") return parseIsoTime(String(value));
  return Number(value) * (format === "seconds" ? 1_000 : 1);
}

const HOUR_MS = 3_600_000;

/** Asserts that `auth` names all that signing adds to a new order, and that the time until which it is taken is to come. */
export async function assertNamed(scene: Scene, order: RestRequest, auth: AuthFixture): Promise<void> {
  const { venue, fixtures } = scene;
  const nowMs = Math.floor(scene.world.now());
  const authenticator = venue.createAuthenticator(fixtures.credentials, { now: () => nowMs });
  const query = Object.entries(order.params ?? {}).filter(([, value]) => value !== undefined);
  const search = new URLSearchParams(query.map(([name, value]) => [name, String(value)]));
  const unsigned = {
    url: `${venue.webUtils.restUrl(order)}${query.length === 0 ? "" : `?${search}`}`,
    body: order.data === undefined ? undefined : JSON.stringify(order.data),
  };
  const signed = await authenticator.restAuthenticate({ method: order.method, headers: {}, ...unsigned });
  const [before, after] = [partsOf({ headers: {}, ...unsigned }), partsOf(signed)];
  // Credentials that are sent are looked for in every request by their values.
  const isCredential = (value: unknown) => Object.values(fixtures.credentials).some((each) => each === value);
  const added = (["headers", "params", "body"] as const).flatMap((where) =>
    Object.entries(after[where]).flatMap(([name, value]) =>
      name in before[where] || isCredential(value) ? [] : [name],
    ),
  );
  const { headers = [], params = [], body = [], timestamp, deadline } = auth;
  const named = new Set(
    [...headers, ...params, ...body, timestamp.name, deadline?.name].map((name) => name?.toLowerCase()),
  );
  const unnamed = added.filter((name) => !named.has(name.toLowerCase()));
  assert.ok(
    unnamed.length === 0,
    `signing adds ${unnamed.join(", ")} to an order, which \`auth\` does not name: give it as \`deadline\` where it is ` +
      "the time until which an order is taken, else among `headers`, `params` or `body`",
  );
  if (deadline === undefined) return;
  const deadlineMs = timeIn(after, deadline);
  assert.ok(
    deadlineMs > nowMs && deadlineMs < nowMs + HOUR_MS,
    `an order that is signed at ${nowMs} is taken until ${deadlineMs} (\`deadline\` of auth): expected a time within the next hour`,
  );
}

function partsOf({ headers, url, body = "" }: Pick<PreparedRequest, "headers" | "url" | "body">) {
  const fields: unknown = body.startsWith("{") ? JSON.parse(body) : {};
  return {
    headers: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
    params: Object.fromEntries(new URL(url).searchParams),
    body: isRecord(fields) ? fields : {},
  };
}

function without(fields: Values, names: readonly string[] = []): Values {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}
