import { createHmac } from "node:crypto";
import {
  API_KEY,
  API_SECRET,
  type Authenticator,
  type Credentials,
  type PreparedRequest,
  requiredCredential,
  type SigningContext,
} from "../../../../src/net/auth.ts";
import { targetOf } from "../../../../src/net/rest-encoding.ts";

// <signature>
/** HMAC-SHA256 in lower-case hexadecimal digits. */
export function generateSignature(secret: string, payload: string): string {
  return createHmac("sha256", secret).update(payload).digest("hex");
}
// </signature>

// <time>
/** Epoch milliseconds. */
export const timestampOf = (nowMs: number): string => String(Math.floor(nowMs));
// </time>

// <helpers>
// </helpers>

// <headers>
// CHECK: the names of the headers.
export function headerForAuthentication(apiKey: string, timestamp: string, signature: string) {
  return {
    "ACME-KEY": apiKey,
    "ACME-TIMESTAMP": timestamp,
    "ACME-SIGN": signature,
  };
}
// </headers>

export function createAuth(credentials: Credentials, context: SigningContext): Authenticator {
  const apiKey = requiredCredential(credentials, API_KEY);
  const apiSecret = requiredCredential(credentials, API_SECRET);
  // <passphrase>
  // </passphrase>
  // <sub-account>
  // </sub-account>
  return {
    // <rest>
    restAuthenticate(request: PreparedRequest): PreparedRequest {
      const timestamp = timestampOf(context.now());
      // <window>
      // </window>
      // CHECK: what is signed, in which order, against an example of the documentation.
      // <payload>
      const payload = [timestamp, request.method, targetOf(request.url), request.body ?? ""].join("");
      // </payload>
      const signature = generateSignature(apiSecret, payload);
      const headers = {
        ...request.headers,
        ...headerForAuthentication(apiKey, timestamp, signature),
        // <window-header>
        // </window-header>
        // <passphrase-header>
        // </passphrase-header>
        // <sub-account-header>
        // </sub-account-header>
      };
      return { ...request, headers };
    },
    // </rest>

    // <login>
    wsAuthenticate(): unknown {
      const timestamp = timestampOf(context.now());
      // CHECK: the frame that logs in, and what its signature is made over.
      const args = {
        apiKey,
        timestamp,
        // <login-passphrase>
        // </login-passphrase>
        signature: generateSignature(apiSecret, `${timestamp}login`),
      };
      return { op: "login", args };
    },
    // </login>
  };
}
