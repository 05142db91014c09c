import {
  API_KEY,
  API_SECRET,
  type Authenticator,
  type Credentials,
  type PreparedRequest,
  requiredCredential,
} from "../../net/auth.ts";
import { hmac } from "../../net/hmac.ts";
import { withHeaders } from "../../net/rest-encoding.ts";

export interface FtxAuthOptions {
  readonly credentials: Credentials;
  /** `FTX` or `FTXUS`. */
  readonly headerPrefix: string;
  /** Epoch milliseconds. */
  readonly now: () => number;
}

/** Lower-case hexadecimal HMAC-SHA256 over `timestamp + METHOD + target + body` (docs, authentication). */
export function generateSignature(secret: string, payload: string): string {
  return hmac("sha256", secret, payload, "hex");
}

/** The four headers. The signature covers neither the key nor the sub-account. */
export function headerForAuthentication(
  options: FtxAuthOptions,
  timestamp: string,
  signature: string,
): Readonly<Record<string, string>> {
  const { credentials, headerPrefix } = options;
  const subAccount =
    credentials.subAccount === undefined
      ? {}
      : { [`${headerPrefix}-SUBACCOUNT`]: encodeURIComponent(credentials.subAccount) };
  return {
    [`${headerPrefix}-KEY`]: requiredCredential(credentials, API_KEY),
    [`${headerPrefix}-TS`]: timestamp,
    [`${headerPrefix}-SIGN`]: signature,
    ...subAccount,
  };
}

/** The path with its query from a full URL, exactly as it will be sent. */
function requestTarget(url: string): string {
  const path = url.indexOf("/", url.indexOf("://") + 3);
  return path < 0 ? "/" : url.slice(path);
}

export function createFtxAuth(options: FtxAuthOptions): Authenticator {
  return {
    restAuthenticate(request: PreparedRequest): PreparedRequest {
      const timestamp = String(Math.floor(options.now()));
      const payload = `${timestamp}${request.method}${requestTarget(request.url)}${request.body ?? ""}`;
      const signature = generateSignature(requiredCredential(options.credentials, API_SECRET), payload);
      return withHeaders(request, headerForAuthentication(options, timestamp, signature));
    },

    wsAuthenticate(): unknown {
      const time = Math.floor(options.now());
      const { subAccount } = options.credentials;
      const apiKey = requiredCredential(options.credentials, API_KEY);
      const apiSecret = requiredCredential(options.credentials, API_SECRET);
      const sign = generateSignature(apiSecret, `${time}websocket_login`);
      return {
        op: "login",
        args: { key: apiKey, sign, time, ...(subAccount === undefined ? {} : { subaccount: subAccount }) },
      };
    },
  };
}
