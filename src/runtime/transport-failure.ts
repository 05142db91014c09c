import { TransportError } from "../model/error.ts";

/** Kind of network failure; the error's `code` is `TRANSPORT_` and this in capitals. */
type FailureKind = "refused" | "connect" | "handshake" | "timeout" | "reset" | "closed" | "too_large" | "invalid";

/** Message of an unresolved name in Node.js's words, with the name of the host left out. */
export const UNRESOLVED = "cannot connect (getaddrinfo ENOTFOUND)";

export interface TransportFailureOptions {
  readonly bytesMayHaveLeft: boolean;
  /** The HTTP status with which a server refused a WebSocket. */
  readonly status?: number | undefined;
  readonly cause?: unknown;
}

/** Makes the error of a network failure, in the same words for both runtimes. */
export function transportFailure(
  kind: FailureKind,
  what: string,
  reason: string,
  options: TransportFailureOptions,
): TransportError {
  return new TransportError(`${what}: ${reason}`, {
    code: `TRANSPORT_${kind.toUpperCase()}`,
    bytesMayHaveLeft: options.bytesMayHaveLeft,
    ...(kind === "invalid" ? { retry: "never" as const } : {}),
    ...(options.status === undefined ? {} : { venueCode: String(options.status) }),
    cause: options.cause,
  });
}

/** Signatures and listen keys travel in the query, passwords before an "@": they stay out of messages. */
export function withoutQuery(url: string): string {
  const upToQuery = url.replace(/[?#].*/s, "");
  if (splitUrl(url) !== undefined) return upToQuery;
  const scheme = /^[a-z]{1,10}:\/\//i.exec(upToQuery)?.[0] ?? "";
  const at = upToQuery.lastIndexOf("@");
  return at < 0 ? upToQuery : scheme + upToQuery.slice(at + 1);
}

export interface UrlParts {
  readonly isSecure: boolean;
  readonly host: string;
  readonly port: number;
  /** Path and query exactly as given: signatures are made over them, so no parser may normalise them. */
  readonly target: string;
}

export function splitUrl(url: string): UrlParts | undefined {
  const match = /^(https?|wss?):\/\/(\[[^\]]+\]|[^/?#:@]+)(?::(\d+))?((?:[/?][^#]*)?)(?:#.*)?$/i.exec(url);
  const [, scheme, host, port, rest] = match ?? [];
  if (scheme === undefined || host === undefined || rest === undefined) return undefined;
  const isSecure = /s$/i.test(scheme);
  const target = rest.startsWith("/") ? rest : `/${rest}`;
  return { isSecure, host, port: port === undefined ? (isSecure ? 443 : 80) : Number(port), target };
}
