import { createHmac, createPublicKey, timingSafeEqual, verify } from "node:crypto";
import type { AccountDirectory, Login } from "../accounts.ts";
import { ApiError, missingParameter, refused } from "./errors.ts";
import type { Parameters } from "./parameters.ts";

const DEFAULT_WINDOW_MS = 5_000;
const MAX_WINDOW_MS = 60_000;
/** A client's clock may be ahead by less than this. */
const AHEAD_MS = 1_000;

export function signatureOf(secret: string, payload: string): string {
  return createHmac("sha256", secret).update(payload, "utf8").digest("hex");
}

/**
 * Payload that a client signs: the raw query and the raw body, one after the other, without the signature wherever it
 * stands.
 */
export function signedPayload(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

function withoutSignature(text: string): string {
  return text
    .split("&")
    .filter((pair) => !pair.startsWith("signature="))
    .join("&");
}

/**
 * Payload that a client of the socket signs: all parameters but the signature, by name (docs,
 * websocket-api-general-info).
 */
export function sortedPayload(fields: Readonly<Record<string, string>>): string {
  const names = Object.keys(fields).filter((name) => name !== "signature");
  return names
    .sort()
    .map((name) => `${name}=${fields[name]}`)
    .join("&");
}

/** Finds the owner of a key, for calls that want no signature. */
export function loginOf(apiKey: string | undefined, accounts: AccountDirectory): Login {
  if (apiKey === undefined || apiKey === "") throw new ApiError(401, -2014, "API-key format invalid.");
  const login = accounts.loginOf(apiKey);
  if (login === undefined) {
    throw new ApiError(401, -2015, "Invalid API-key, IP, or permissions for action.");
  }
  return login;
}

interface SignedCall {
  readonly apiKey: string | undefined;
  readonly payload: string;
  readonly parameters: Parameters;
}

/** Finds who signed a call; throws Binance's refusal otherwise. */
export function authenticate(
  { apiKey, payload, parameters }: SignedCall,
  accounts: AccountDirectory,
  nowMs: number,
): Login {
  const login = loginOf(apiKey, accounts);
  const timestamp = parameters.requiredInteger("timestamp");
  const signature = parameters.text("signature");
  if (signature === undefined) throw missingParameter("signature");
  checkTime(timestamp, parameters.integer("recvWindow") ?? DEFAULT_WINDOW_MS, nowMs);
  if (!isSignedBy(accounts.key(login.apiKey)?.apiSecret ?? "", payload, signature)) throw refused(-1022);
  return login;
}

/** Tells that the secret is an Ed25519 key in PEM, the only kind that may log on to a session (docs, session.logon). */
export function isEd25519(secret: string): boolean {
  return secret.startsWith("-----BEGIN PRIVATE KEY-----");
}

function isSignedBy(secret: string, payload: string, signature: string): boolean {
  if (!isEd25519(secret)) return isSameText(signatureOf(secret, payload), signature);
  return verify(null, Buffer.from(payload), createPublicKey(secret), Buffer.from(signature, "base64"));
}

/** The time of a call that a session vouches for. */
export function checkSessionTime(parameters: Parameters, nowMs: number): void {
  const timestamp = parameters.requiredInteger("timestamp");
  checkTime(timestamp, parameters.integer("recvWindow") ?? DEFAULT_WINDOW_MS, nowMs);
}

function checkTime(timestamp: number, windowMs: number, nowMs: number): void {
  if (windowMs > MAX_WINDOW_MS) throw new ApiError(400, -1131, "recvWindow must be less than 60000");
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
