import { createHmac, timingSafeEqual } from "node:crypto";
import type { ServerRequest } from "../../../runtime/runtime.ts";
import type { AccountDirectory, Login } from "../accounts.ts";
import { ApiError, missingParameter, refused } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

const USUAL_WINDOW_MS = 5_000;
const LONGEST_WINDOW_MS = 60_000;
/** A client's clock may be ahead by less than this. */
const AHEAD_MS = 1_000;

export function signatureOf(secret: string, payload: string): string {
  return createHmac("sha256", secret).update(payload, "utf8").digest("hex");
}

/** What a client signs: the raw query and the raw body, one after the other, without the signature wherever it stands. */
export function signedPayload(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

function withoutSignature(text: string): string {
  return text
    .split("&")
    .filter((pair) => !pair.startsWith("signature="))
    .join("&");
}

/** Who sent the key of a request, for calls that want no signature. */
export function loginOf(request: ServerRequest, accounts: AccountDirectory): Login {
  const apiKey = request.headers["x-mbx-apikey"] ?? "";
  if (apiKey === "") throw new ApiError(401, -2014, "API-key format invalid.");
  const login = accounts.loginOf(apiKey);
  if (login === undefined) {
    throw new ApiError(401, -2015, "Invalid API-key, IP, or permissions for action.");
  }
  return login;
}

/** Who signed a request; throws what Binance would answer. */
export function authenticate(
  request: ServerRequest,
  query: string,
  parameters: Parameters,
  accounts: AccountDirectory,
  nowMs: number,
): Login {
  const login = loginOf(request, accounts);
  const timestamp = parameters.requiredInteger("timestamp");
  const signature = parameters.text("signature");
  if (signature === undefined) throw missingParameter("signature");
  checkTime(timestamp, parameters.integer("recvWindow") ?? USUAL_WINDOW_MS, nowMs);
  const secret = accounts.key(login.apiKey)?.apiSecret ?? "";
  if (!isSameText(signatureOf(secret, signedPayload(query, request.body)), signature)) throw refused(-1022);
  return login;
}

function checkTime(timestamp: number, windowMs: number, nowMs: number): void {
  if (windowMs > LONGEST_WINDOW_MS) throw new ApiError(400, -1131, "recvWindow must be less than 60000");
  if (timestamp >= nowMs + AHEAD_MS) {
    throw new ApiError(400, -1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (nowMs - timestamp > windowMs) {
    throw new ApiError(400, -1021, "Timestamp for this request is outside of the recvWindow.");
  }
}

function isSameText(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
