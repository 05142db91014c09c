import { createHmac, timingSafeEqual } from "node:crypto";
import type { ServerRequest } from "../../../runtime/runtime.ts";
import type { AccountDirectory, Login, LoginRefusal } from "../accounts.ts";
import { unauthorized } from "./errors.ts";

/** A request whose time is further than this from ours, either way, is refused. */
const TIMESTAMP_WINDOW_MS = 30_000;
const HEADER_PREFIXES = ["ftx", "ftxus"] as const;

export function hmacHex(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text, "utf8").digest("hex");
}

/** Payload that a client signs: its time, the method, the target as sent and the raw body, for any method. */
export function requestPayload(timestamp: string, request: ServerRequest, target: string = request.target): string {
  return `${timestamp}${request.method.toUpperCase()}${target}${request.body}`;
}

export function loginPayload(timeMs: number): string {
  return `${timeMs}websocket_login`;
}

/** Returns who signed the request; throws the 401 that FTX would answer. */
export function authenticate(request: ServerRequest, accounts: AccountDirectory, nowMs: number): Login {
  const prefix = HEADER_PREFIXES.find((candidate) => request.headers[`${candidate}-key`] !== undefined);
  if (prefix === undefined) throw unauthorized("Not logged in");
  const key = accounts.key(request.headers[`${prefix}-key`] ?? "");
  if (key === undefined) throw unauthorized("Not logged in: Invalid API key");
  const timestamp = request.headers[`${prefix}-ts`] ?? "";
  if (!isWithinWindow(timestamp, nowMs)) throw unauthorized("Not logged in: Timestamp too far from current time");
  const signature = request.headers[`${prefix}-sign`] ?? "";
  if (!isSignedBy(key.apiSecret, timestamp, request, signature)) {
    throw unauthorized("Not logged in: Invalid signature");
  }
  return loginTo(accounts, key.apiKey, decodeSubaccount(request.headers[`${prefix}-subaccount`]));
}

function isWithinWindow(timestamp: string, nowMs: number): boolean {
  return /^\d{1,15}$/.test(timestamp) && Math.abs(Number(timestamp) - nowMs) <= TIMESTAMP_WINDOW_MS;
}

/** ftx-api 1.1.14 sends `/api/fills?` and signs `/api/fills`: a bare trailing `?` may be missing in what was signed. */
function isSignedBy(secret: string, timestamp: string, request: ServerRequest, signature: string): boolean {
  const targets = request.target.endsWith("?") ? [request.target.slice(0, -1), request.target] : [request.target];
  return targets.some((target) => sameText(hmacHex(secret, requestPayload(timestamp, request, target)), signature));
}

function sameText(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}

function decodeSubaccount(header: string | undefined): string | undefined {
  if (header === undefined || header === "") return undefined;
  try {
    return decodeURIComponent(header);
  } catch {
    throw unauthorized("No such subaccount");
  }
}

function loginTo(accounts: AccountDirectory, apiKey: string, subaccount: string | undefined): Login {
  const result = accounts.login(apiKey, subaccount);
  if ("refused" in result) throw unauthorized(refusalText(result.refused, accounts.key(apiKey)?.onlySubaccount));
  return result;
}

function refusalText(refusal: LoginRefusal, onlySubaccount: string | undefined): string {
  if (refusal === "noSuchKey") return "Not logged in: Invalid API key";
  return refusal === "otherSubaccountOnly"
    ? `Only have permissions for subaccount ${onlySubaccount}`
    : "No such subaccount";
}

/** The `args` of a WebSocket login; a failed one has a single text, whatever was wrong. */
export function authenticateSocket(
  args: Readonly<Record<string, unknown>>,
  accounts: AccountDirectory,
  nowMs: number,
): Login | undefined {
  const { key, sign, time, subaccount } = args;
  if (typeof key !== "string" || typeof sign !== "string") return undefined;
  const timeMs = typeof time === "string" ? Number(time) : time;
  if (typeof timeMs !== "number" || !isWithinWindow(String(timeMs), nowMs)) return undefined;
  const known = accounts.key(key);
  if (known === undefined || !sameText(hmacHex(known.apiSecret, loginPayload(timeMs)), sign)) return undefined;
  const result = accounts.login(key, typeof subaccount === "string" && subaccount !== "" ? subaccount : undefined);
  return "refused" in result ? undefined : result;
}
