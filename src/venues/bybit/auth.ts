import {
  API_KEY,
  API_SECRET,
  type Authenticator,
  type Credentials,
  type PreparedRequest,
  receiveWindowMs,
  requiredCredential,
  type SigningContext,
} from "../../net/auth.ts";
import { hmac } from "../../net/hmac.ts";
import { withHeaders } from "../../net/rest-encoding.ts";
import { RECV_WINDOW_MS, WS_LOGIN_VALID_MS } from "./constants.ts";

/** Lower-case hexadecimal HMAC-SHA256 (docs, guide). RSA keys are not supported. */
export function generateSignature(secret: string, payload: string): string {
  return hmac("sha256", secret, payload, "hex");
}

export function headerForAuthentication(
  apiKey: string,
  timestamp: string,
  signature: string,
  windowMs: number = RECV_WINDOW_MS,
) {
  return {
    "X-BAPI-API-KEY": apiKey,
    "X-BAPI-TIMESTAMP": timestamp,
    "X-BAPI-RECV-WINDOW": String(windowMs),
    "X-BAPI-SIGN": signature,
  };
}

/** Signed part of a request: the query of a GET, the body of a POST, both exactly as they are sent. */
function signedPart({ method, url, body = "" }: PreparedRequest): string {
  if (method !== "GET") return body;
  return url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
}

export function createBybitAuth(credentials: Credentials, context: SigningContext): Authenticator {
  const apiKey = requiredCredential(credentials, API_KEY);
  const apiSecret = requiredCredential(credentials, API_SECRET);
  return {
    restAuthenticate(request: PreparedRequest): PreparedRequest {
      const timestamp = String(Math.floor(context.now()));
      const windowMs = receiveWindowMs(RECV_WINDOW_MS, context);
      const signature = generateSignature(apiSecret, `${timestamp}${apiKey}${windowMs}${signedPart(request)}`);
      const signed = headerForAuthentication(apiKey, timestamp, signature, windowMs);
      return withHeaders(request, signed);
    },

    wsAuthenticate(): unknown {
      const expires = Math.floor(context.now()) + WS_LOGIN_VALID_MS;
      return { op: "auth", args: [apiKey, expires, generateSignature(apiSecret, `GET/realtime${expires}`)] };
    },
  };
}
