import type { PreparedRequest } from "./auth.ts";

const REPLACEMENT = "[redacted]";
/** Shorter values that the signer adds are flags and receive windows: replacing them would garble the message. */
const SHORTEST_SECRET = 8;
/** Less of a secret before an ellipsis says little. */
const SHORTEST_BEGINNING = 4;
const ELLIPSIS = "...";

/**
 * What the signer put into a request: header and query values that were not there before, the whole signed query, and
 * the body where it was changed. Timestamps (digits only) are left out: clock errors are read by them.
 */
export function secretsOf(unsigned: PreparedRequest, signed: PreparedRequest): readonly string[] {
  const secrets = new Set<string>();
  const add = (value: string | undefined): void => {
    if (value !== undefined && value.length >= SHORTEST_SECRET && !/^\d+$/.test(value)) secrets.add(value);
  };
  for (const [name, value] of Object.entries(signed.headers)) if (unsigned.headers[name] !== value) add(value);
  const query = queryOf(signed.url);
  add(query);
  const known = new Set((queryOf(unsigned.url) ?? "").split("&"));
  for (const pair of (query ?? "").split("&")) {
    if (known.has(pair)) continue;
    const value = pair.slice(pair.indexOf("=") + 1);
    add(value);
    add(decoded(value));
  }
  if (signed.body !== unsigned.body) add(signed.body);
  // The longest first: a query holds its own values.
  return [...secrets].sort((left, right) => right.length - left.length);
}

/** What a message that logs a socket in holds, and the query of its URL: a listen key opens the account's stream. */
export function secretsOfSocket(url: string, login?: unknown): readonly string[] {
  const query = (queryOf(url) ?? "").split("&").map((pair) => pair.slice(pair.indexOf("=") + 1));
  const secrets = [...query, ...query.map(decoded), ...textsIn(login)].filter(
    (text) => text.length >= SHORTEST_SECRET && !/^\d+$/.test(text),
  );
  return [...new Set(secrets)].sort((left, right) => right.length - left.length);
}

function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Takes the secrets out of every text an error carries (message, stack, codes) and out of its causes. */
export function redactError(error: unknown, secrets: readonly string[]): void {
  const seen = new Set<unknown>();
  for (let current = error; current instanceof Error && !seen.has(current); current = current.cause) {
    seen.add(current);
    for (const name of Object.getOwnPropertyNames(current)) {
      const value: unknown = Reflect.get(current, name);
      if (typeof value === "string") Reflect.set(current, name, redact(value, secrets));
    }
  }
}

/** A short secret (a paper venue's key may have one letter) is taken out where it stands as a word, not out of words. */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (result, secret) =>
      withoutBeginning(
        result.replaceAll(secret, (found: string, at: number, whole: string) =>
          secret.length >= SHORTEST_SECRET || isWordAt(whole, at, found.length) ? REPLACEMENT : found,
        ),
        secret,
      ),
    text,
  );
}

/** An excerpt of a text, and the reason of a socket's close, may end in the middle of a secret. */
function withoutBeginning(text: string, secret: string): string {
  if (secret.length < SHORTEST_SECRET) return text;
  const cut = (part: string, at: number, parts: readonly string[]): string => {
    const most = Math.min(secret.length - 1, part.length);
    const least = at === parts.length - 1 ? SHORTEST_SECRET : SHORTEST_BEGINNING;
    for (let length = most; length >= least; length -= 1) {
      if (part.endsWith(secret.slice(0, length))) return `${part.slice(0, -length)}${REPLACEMENT}`;
    }
    return part;
  };
  return text.split(ELLIPSIS).map(cut).join(ELLIPSIS);
}

function isWordAt(text: string, at: number, length: number): boolean {
  return (
    !/[\p{L}\p{N}]$/u.test(text.slice(Math.max(0, at - 2), at)) &&
    !/^[\p{L}\p{N}]/u.test(text.slice(at + length, at + length + 2))
  );
}

function queryOf(url: string): string | undefined {
  const at = url.indexOf("?");
  return at < 0 ? undefined : url.slice(at + 1);
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}
