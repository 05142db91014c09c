import type { PreparedRequest } from "./auth.ts";

const REPLACEMENT = "[redacted]";
/** Shorter values that the signer adds are flags and receive windows: replacing them would garble the message. */
const MIN_SECRET = 8;
/** Shortest beginning of a secret that counts; less before an ellipsis says little. */
const MIN_BEGINNING = 4;
const ELLIPSIS = "...";

/** Fields that hold secrets, as their names tell: API keys, listen keys, passphrases, signatures, tokens. */
const SECRET_NAME = /key|secret|pass|sign|token/i;

/**
 * Lists the values that the signer put into a request: new values in headers, query and body, and the whole of a query
 * and a body that it changed. Values of digits alone are left out, for clock errors are read by timestamps; they stay
 * where the name of their field says that they are a secret.
 */
export function secretsOf(unsigned: PreparedRequest, signed: PreparedRequest): readonly string[] {
  const added: Field[] = Object.entries(signed.headers).filter(([name, value]) => unsigned.headers[name] !== value);
  for (const [before = "", after = ""] of [
    [queryOf(unsigned.url), queryOf(signed.url)],
    [unsigned.body, signed.body],
  ]) {
    if (before === after) continue;
    const known = new Set(fieldsOf(before).map(String));
    added.push(["", after], ...fieldsOf(after).filter((field) => !known.has(String(field))));
  }
  return secretsIn(added);
}

/**
 * Lists the secrets of a message that logs a socket in, and of the query of its URL: a listen key opens the account's
 * stream.
 */
export function secretsOfSocket(url: string, login?: unknown): readonly string[] {
  return secretsIn([...fieldsOf(queryOf(url) ?? ""), ...textsIn("", login)]);
}

type Field = readonly [name: string, value: string];

/** The longest first: a query holds its own values. */
function secretsIn(fields: readonly Field[]): readonly string[] {
  const secrets = new Set(fields.flatMap(([name, value]) => secretFormsOf(name, value)));
  return [...secrets].sort((left, right) => right.length - left.length);
}

/** A short secret is known by its field alone: its value may be that of a price, a flag or a word. */
function secretFormsOf(name: string, value: string): readonly string[] {
  const isNamed = SECRET_NAME.test(name);
  if (value.length >= MIN_SECRET) return isNamed || !/^\d+$/.test(value) ? formsOf(value) : [];
  if (!isNamed || value === "") return [];
  return [
    `${JSON.stringify(name)}:${JSON.stringify(value)}`,
    `${name}=${encodeURIComponent(value)}`,
    `${name}: ${value}`,
  ];
}

/** A secret as it is, as JSON writes it and as a URL does. */
export function formsOf(secret: string): readonly string[] {
  return [...new Set([secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret.toWellFormed())])];
}

/** Fields of a query or of a body: a form or JSON. */
function fieldsOf(text: string): readonly Field[] {
  if (/^\s*[[{]/.test(text)) {
    try {
      return textsIn("", JSON.parse(text));
    } catch {
      return [];
    }
  }
  return text.split("&").flatMap((pair): readonly Field[] => {
    const [name = "", ...rest] = pair.split("=");
    const value = rest.join("=");
    return [...new Set([value, decoded(value)])].map((form) => [name, form] as const);
  });
}

/** Texts in a value, each with the name of the field that holds it, also where that is a list. */
function textsIn(name: string, value: unknown): readonly Field[] {
  if (typeof value === "string") return [[name, value]];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(name, item));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([field, item]) => textsIn(field, item));
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

/**
 * A short secret (a paper venue's key may have one letter) is taken out where it stands as a word, not out of words, and
 * one of digits alone where it is a whole number, not out of prices, times and ids.
 */
export function redact(text: string, secrets: readonly string[]): string {
  return secrets.reduce(
    (result, secret) =>
      withoutBeginning(
        result.replaceAll(secret, (found: string, at: number, whole: string) =>
          isSecretAt(secret, whole, at) ? REPLACEMENT : found,
        ),
        secret,
      ),
    text,
  );
}

/** An excerpt of a text, and the reason of a socket's close, may end in the middle of a secret. */
function withoutBeginning(text: string, secret: string): string {
  if (secret.length < MIN_SECRET) return text;
  const cut = (part: string, at: number, parts: readonly string[]): string => {
    const most = Math.min(secret.length - 1, part.length);
    const least = at === parts.length - 1 ? MIN_SECRET : MIN_BEGINNING;
    for (let length = most; length >= least; length -= 1) {
      if (part.endsWith(secret.slice(0, length))) return `${part.slice(0, -length)}${REPLACEMENT}`;
    }
    return part;
  };
  return text.split(ELLIPSIS).map(cut).join(ELLIPSIS);
}

function isSecretAt(secret: string, text: string, at: number): boolean {
  if (secret.length < MIN_SECRET && !isWordAt(text, at, secret.length)) return false;
  const end = at + secret.length;
  return (
    !/^\d+$/.test(secret) ||
    !(/\d\.?$/.test(text.slice(Math.max(0, at - 2), at)) || /^\.?\d/.test(text.slice(end, end + 2)))
  );
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
