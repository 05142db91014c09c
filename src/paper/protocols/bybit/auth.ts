import { createHmac, timingSafeEqual } from "node:crypto";
import type { ServerRequest } from "../../../runtime/runtime.ts";
import type { AccountDirectory, Login } from "../accounts.ts";
import { splitTarget } from "../request-target.ts";
import { BAD_KEY, BAD_SIGN, BybitError, invalidParameter, TIME_ERROR } from "./errors.ts";

const DEFAULT_RECV_WINDOW_MS = 5_000;
/** A request from further in the future than this is refused (docs v5, guide). */
const FUTURE_MS = 1_000;

export function hmacHex(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text, "utf8").digest("hex");
}

/** Payload that a client signs: the query of a GET and the body of a POST, both exactly as sent. */
export function requestPayload(request: ServerRequest, timestamp: string, recvWindow: string, apiKey: string): string {
  const { method, target, body } = request;
  return `${timestamp}${apiKey}${recvWindow}${method.toUpperCase() === "GET" ? splitTarget(target).query : body}`;
}

/** Returns who signed the request; throws what Bybit would answer. */
export function authenticate(request: ServerRequest, accounts: AccountDirectory, nowMs: number): Login {
  const { headers } = request;
  const apiKey = headers["x-bapi-api-key"];
  const timestamp = headers["x-bapi-timestamp"];
  const signature = headers["x-bapi-sign"];
  if (apiKey === undefined || timestamp === undefined || signature === undefined) {
    throw new BybitError(BAD_KEY, "API key is invalid.", 401);
  }
  const { key, login } = accountOf(accounts, apiKey);
  const recvWindow = headers["x-bapi-recv-window"];
  checkTime(timestamp, recvWindow, nowMs);
  const payload = requestPayload(request, timestamp, recvWindow ?? String(DEFAULT_RECV_WINDOW_MS), apiKey);
  const alternative = recvWindow === undefined ? requestPayload(request, timestamp, "", apiKey) : payload;
  const isSigned = [payload, alternative].some((text) => sameText(hmacHex(key.apiSecret, text), signature));
  if (!isSigned) throw new BybitError(BAD_SIGN, `error sign! origin_string[${payload}]`);
  return login;
}

function accountOf(accounts: AccountDirectory, apiKey: string) {
  const key = accounts.key(apiKey);
  const login = accounts.loginOf(apiKey);
  if (key === undefined || login === undefined) throw new BybitError(BAD_KEY, "API key is invalid.");
  return { key, login };
}

/** Throws the 10002, in the text that clients know it by. */
export function checkTime(timestamp: string, recvWindow: string | undefined, nowMs: number): void {
  const windowMs = recvWindow === undefined ? DEFAULT_RECV_WINDOW_MS : Number(recvWindow);
  if (!Number.isInteger(windowMs) || windowMs < 0) throw invalidParameter("recv_window");
  const timeMs = /^\d{1,15}$/.test(timestamp) ? Number(timestamp) : Number.NaN;
  if (timeMs >= nowMs - windowMs && timeMs < nowMs + FUTURE_MS) return;
  throw new BybitError(
    TIME_ERROR,
    "invalid request, please check your server timestamp or recv_window param. " +
      `req_timestamp[${timestamp}],server_timestamp[${Math.floor(nowMs)}],recv_window[${windowMs}]`,
  );
}

/** The `args` of a WebSocket `auth`: key, when it expires (a number or its text) and the signature. */
export function authenticateSocket(args: unknown, accounts: AccountDirectory, nowMs: number): Login {
  const [apiKey, expires, signature] = Array.isArray(args) ? args : [];
  if (typeof apiKey !== "string" || typeof signature !== "string") throw invalidParameter("args");
  if (typeof expires !== "number" && typeof expires !== "string") throw invalidParameter("expires");
  const { key, login } = accountOf(accounts, apiKey);
  if (!(Number(expires) > nowMs)) throw invalidParameter("expires");
  if (!sameText(hmacHex(key.apiSecret, `GET/realtime${expires}`), signature)) {
    throw new BybitError(BAD_SIGN, "Invalid sign");
  }
  return login;
}

function sameText(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
