import { formatIsoTime } from "../../model/time.ts";
import {
  API_KEY,
  API_SECRET,
  type Authenticator,
  type Credentials,
  PASSPHRASE,
  type PreparedRequest,
  requiredCredential,
  type SigningContext,
} from "../../net/auth.ts";
import { hmac } from "../../net/hmac.ts";
import { targetOf, withHeaders } from "../../net/rest-encoding.ts";

/** HMAC-SHA256 in Base64 (docs, overview, signature). */
export function generateSignature(secret: string, payload: string): string {
  return hmac("sha256", secret, payload, "base64");
}

export function headerForAuthentication(apiKey: string, passphrase: string, timestamp: string, signature: string) {
  return {
    "OK-ACCESS-KEY": apiKey,
    "OK-ACCESS-SIGN": signature,
    "OK-ACCESS-TIMESTAMP": timestamp,
    "OK-ACCESS-PASSPHRASE": passphrase,
  };
}

export function createOkxAuth(credentials: Credentials, { now }: SigningContext): Authenticator {
  const apiKey = requiredCredential(credentials, API_KEY);
  const apiSecret = requiredCredential(credentials, API_SECRET);
  const passphrase = requiredCredential(credentials, PASSPHRASE);
  return {
    /** The path is signed with its query, the body as it is sent. */
    restAuthenticate(request: PreparedRequest): PreparedRequest {
      const { method, url, body = "" } = request;
      const timestamp = formatIsoTime(Math.floor(now()));
      const signature = generateSignature(apiSecret, `${timestamp}${method}${targetOf(url)}${body}`);
      const signed = headerForAuthentication(apiKey, passphrase, timestamp, signature);
      return withHeaders(request, signed);
    },

    /** The timestamp is in seconds here. */
    wsAuthenticate(): unknown {
      const timestamp = String(Math.floor(now() / 1_000));
      const sign = generateSignature(apiSecret, `${timestamp}GET/users/self/verify`);
      return { op: "login", args: [{ apiKey, passphrase, timestamp, sign }] };
    },
  };
}
