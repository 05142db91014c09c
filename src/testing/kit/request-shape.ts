import assert from "node:assert/strict";
import { parseIsoTime } from "../../model/time.ts";
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
  assert.deepEqual(differences(`${method} ${path}`, target), []);
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
  const { in: where, name, format = "ms" } = timestamp;
  const body = isRecord(request.body) ? request.body : {};
  const value = { headers: request.headers, params: request.params, body }[where][name];
  if (format === "iso") return parseIsoTime(String(value));
  return Number(value) * (format === "seconds" ? 1_000 : 1);
}

function without(fields: Values, names: readonly string[] = []): Values {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));
}

function isEmpty(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).length === 0;
}
