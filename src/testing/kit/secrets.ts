import { API_KEY, type CredentialSpec, type Credentials } from "../../net/auth.ts";
import { assert } from "./assertion.ts";
import type { ScriptedRequest, ScriptedVenue } from "./scripted-venue.ts";

/** Signers call what they make so, in headers, queries, forms and frames. */
const SIGNATURE = /sign/i;
const LISTEN_KEY = /listen_?key/i;
/** Shorter texts occur in log lines by chance. */
const MIN_SECRET = 12;

/** Lists the parts of the credentials that nobody may see; the key itself is sent with each request. */
export function secretsOf(credentials: Credentials, specs: readonly CredentialSpec[]) {
  return specs.flatMap(({ name, label, isSecret }) => {
    const secret = credentials[name];
    return secret === undefined || !isSecret || name === API_KEY.name ? [] : [{ name, label, secret }];
  });
}

/** Asserts that a text holds no secret of the user, no signature that was sent and no listen key. */
export function assertNoSecrets(
  text: string,
  server: ScriptedVenue,
  credentials: Credentials,
  specs: readonly CredentialSpec[],
): void {
  for (const { label, secret } of secretsOf(credentials, specs)) {
    assert.ok(!text.includes(secret), `a log line holds the ${label}`);
  }
  const isTold = (names: RegExp, values: readonly [string, unknown][]) =>
    values.find(
      ([name, value]) => names.test(name) && String(value).length >= MIN_SECRET && text.includes(String(value)),
    );
  const sent = [
    ...server.requests.flatMap(valuesOf),
    ...server.connections.flatMap(({ received }) => received.flatMap(fieldsIn)),
  ];
  assert.equal(isTold(SIGNATURE, sent)?.[0], undefined, "a log line holds a signature");
  assert.equal(
    isTold(LISTEN_KEY, [...sent, ...server.connections.flatMap(listenKeyOf)])?.[0],
    undefined,
    "a log line holds a listen key",
  );
}

function valuesOf({ headers, params, body }: ScriptedRequest): [string, unknown][] {
  return [...Object.entries(headers), ...Object.entries(params), ...fieldsIn(body)];
}

/** Every text of a frame, by its field. */
function fieldsIn(frame: unknown): [string, unknown][] {
  if (typeof frame !== "object" || frame === null) return [];
  return Object.entries(frame).flatMap(([name, value]): [string, unknown][] =>
    typeof value === "object" ? fieldsIn(value) : [[name, value]],
  );
}

/** A listen key is a parameter of the address, or the last part of it. */
function listenKeyOf({
  target,
  isPrivate,
}: {
  readonly target: string;
  readonly isPrivate: boolean;
}): [string, unknown][] {
  if (!isPrivate) return [];
  const url = new URL(target, "ws://venue.test");
  return [...url.searchParams.entries(), ["listenKey", url.pathname.split("/").at(-1) ?? ""]];
}
