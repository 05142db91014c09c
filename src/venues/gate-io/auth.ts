import { hash } from "node:crypto";
import {
  API_KEY,
  API_SECRET,
  type Authenticator,
  type Credentials,
  type PreparedRequest,
  receiveWindowMs,
  requiredCredential,
  type SigningContext,
  USER_ID,
} from "../../net/auth.ts";
import { hmac } from "../../net/hmac.ts";
import { targetOf, withHeaders } from "../../net/rest-encoding.ts";
import { CREATE_BATCH_PATH_URL, LOGIN_CHANNEL, ORDERS_PATH_URL, REQUEST_VALID_MS } from "./constants.ts";
import { isFrame } from "./web-utils.ts";

/** Lower-case hexadecimal HMAC-SHA512 (docs, authentication). */
export function generateSignature(secret: string, payload: string): string {
  return hmac("sha512", secret, payload, "hex");
}

const hashOf = (body: string): string => hash("sha512", body);

/** Method, path, query, hash of the body and time, a line each: the query as it reads, not as a URL encodes it. */
export function signedText({ method, url, body = "" }: PreparedRequest, timestamp: string): string {
  const target = targetOf(url);
  const at = target.indexOf("?");
  const path = at < 0 ? target : target.slice(0, at);
  const query = at < 0 ? "" : decodeURIComponent(target.slice(at + 1));
  return [method, path, query, hashOf(body), timestamp].join("\n");
}

export function headerForAuthentication(apiKey: string, timestamp: string, signature: string) {
  return { KEY: apiKey, Timestamp: timestamp, SIGN: signature };
}

/** Requests that make an order or change one. */
function hasDeadline({ method, url }: PreparedRequest): boolean {
  const target = targetOf(url);
  if (method === "POST") return target === ORDERS_PATH_URL || target === CREATE_BATCH_PATH_URL;
  return method === "PUT" && target.startsWith(`${ORDERS_PATH_URL}/`);
}

export function createGateIoAuth(credentials: Credentials, context: SigningContext): Authenticator {
  const apiKey = requiredCredential(credentials, API_KEY);
  const apiSecret = requiredCredential(credentials, API_SECRET);
  requiredCredential(credentials, USER_ID);
  const seconds = () => Math.floor(context.now() / 1_000);
  return {
    restAuthenticate(request: PreparedRequest): PreparedRequest {
      const timestamp = String(seconds());
      const signature = generateSignature(apiSecret, signedText(request, timestamp));
      const expiresMs = Math.floor(context.now()) + receiveWindowMs(REQUEST_VALID_MS, context);
      const deadline = hasDeadline(request) ? { "x-gate-exptime": String(expiresMs) } : {};
      const signed = headerForAuthentication(apiKey, timestamp, signature);
      return withHeaders(request, { ...deadline, ...signed });
    },

    /** Makes no login: each subscription is signed by itself. */
    wsAuthenticate: () => undefined,

    /** Logs in for orders, which are not signed any more then (docs, WebSocket, futures login). */
    wsAuthenticateForOrders() {
      const timestamp = String(seconds());
      const signature = generateSignature(apiSecret, ["api", LOGIN_CHANNEL, "", timestamp].join("\n"));
      const payload = { api_key: apiKey, signature, timestamp, req_id: "login" };
      return { channel: LOGIN_CHANNEL, event: "api", payload };
    },

    signFrame(message: unknown): unknown {
      if (!isFrame(message)) return message;
      const time = seconds();
      const { channel, event } = message;
      const SIGN = generateSignature(apiSecret, `channel=${String(channel)}&event=${String(event)}&time=${time}`);
      return { ...message, time, auth: { method: "api_key", KEY: apiKey, SIGN } };
    },
  };
}
