import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { ServerRequest } from "../../../runtime/runtime.ts";
import type { AccountDirectory, Login } from "../accounts.ts";
import { splitTarget } from "../request-target.ts";
import { expired, GateError } from "./errors.ts";

/** Largest distance of a request's time from the venue's, either way. */
const WINDOW_MS = 60_000;

/** Claim to have signed something with a key. */
interface Claim {
  readonly apiKey: string;
  readonly signature: string;
  /** Time as sent, Unix seconds. */
  readonly timestamp: string;
  /** Forms of what may have been signed. */
  readonly payloads: readonly string[];
}

export function hmacHex(secret: string, text: string): string {
  return createHmac("sha512", secret).update(text, "utf8").digest("hex");
}

/** Throws what Gate answers. The time is judged before the key. */
function verify({ apiKey, signature, timestamp, payloads }: Claim, accounts: AccountDirectory, nowMs: number): Login {
  // The official client for Node sends milliseconds behind the point.
  const timeMs = /^\d{1,12}(\.\d{1,9})?$/.test(timestamp) ? Number(timestamp) * 1_000 : Number.NaN;
  if (!(Math.abs(timeMs - nowMs) <= WINDOW_MS)) {
    throw expired(`gap between request Timestamp and server time exceeds ${WINDOW_MS / 1_000}`);
  }
  const key = accounts.key(apiKey);
  const login = accounts.loginOf(apiKey);
  if (key === undefined || login === undefined) throw new GateError(401, "INVALID_KEY", "Invalid key provided");
  if (payloads.some((payload) => sameText(hmacHex(key.apiSecret, payload), signature))) return login;
  throw new GateError(401, "INVALID_SIGNATURE", "Signature mismatch");
}

/** Returns who signed the request of REST. */
export function authenticate(request: ServerRequest, accounts: AccountDirectory, nowMs: number): Login {
  const { method, target, body, headers } = request;
  const { key: apiKey, timestamp, sign: signature } = headers;
  const missing = [apiKey, timestamp, signature].indexOf(undefined);
  if (apiKey === undefined || timestamp === undefined || signature === undefined) {
    const name = ["KEY", "Timestamp", "SIGN"][missing] ?? "KEY";
    throw new GateError(401, "MISSING_REQUIRED_HEADER", `Missing required header: ${name}`);
  }
  const { path, query } = splitTarget(target);
  const bodyHash = createHash("sha512").update(body, "utf8").digest("hex");
  const form = (text: string) => [method.toUpperCase(), path, text, bodyHash, timestamp].join("\n");
  return verify({ apiKey, signature, timestamp, payloads: [query, decoded(query)].map(form) }, accounts, nowMs);
}

/** The query is signed as it is before it is percent-encoded; many clients have nothing in it that would be. */
function decoded(query: string): string {
  try {
    return decodeURIComponent(query.replaceAll("+", " "));
  } catch {
    return query;
  }
}

/** Finds who signed a subscription: each carries its own signature. */
export function authenticateChannel(
  message: { readonly channel: string; readonly event: string; readonly time: string },
  { KEY, SIGN }: { readonly KEY: string; readonly SIGN: string },
  accounts: AccountDirectory,
  nowMs: number,
): Login {
  const { channel, event, time } = message;
  const payloads = [`channel=${channel}&event=${event}&time=${time}`];
  return verify({ apiKey: KEY, signature: SIGN, timestamp: time, payloads }, accounts, nowMs);
}

/** Finds who signed `futures.login`; `parameters` is the JSON that was sent with it, which may be none. */
export function authenticateLogin(
  channel: string,
  claim: Omit<Claim, "payloads"> & { readonly parameters: string },
  accounts: AccountDirectory,
  nowMs: number,
): Login {
  const payloads = [`api\n${channel}\n${claim.parameters}\n${claim.timestamp}`];
  return verify({ ...claim, payloads }, accounts, nowMs);
}

function sameText(expected: string, given: string): boolean {
  const [left, right] = [Buffer.from(expected), Buffer.from(given)];
  return left.length === right.length && timingSafeEqual(left, right);
}
