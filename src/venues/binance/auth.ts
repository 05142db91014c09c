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
import { LISTEN_KEY_PATH_URL, RECEIVE_WINDOW_MS } from "./constants.ts";

/** Lower-case hexadecimal HMAC-SHA256 over query and body, put together without a separator (docs, general-info). */
export function generateSignature(secret: string, payload: string): string {
  return hmac("sha256", secret, payload, "hex");
}

export const headerForAuthentication = (apiKey: string) => ({ "X-MBX-APIKEY": apiKey });

/** Signs a request's own parameters: adds the receive window, the time, and the signature last. */
export function addAuthToParams(
  params: string,
  secret: string,
  timestampMs: number,
  windowMs: number = RECEIVE_WINDOW_MS,
): string {
  const own = params === "" ? "" : `${params}&`;
  const payload = `${own}recvWindow=${windowMs}&timestamp=${timestampMs}`;
  return `${payload}&signature=${generateSignature(secret, payload)}`;
}

export function createBinanceAuth(credentials: Credentials, context: SigningContext): Authenticator {
  const apiKey = requiredCredential(credentials, API_KEY);
  const apiSecret = requiredCredential(credentials, API_SECRET);
  return {
    /** Parameters of GET and DELETE are in the query, those of POST and PUT in a form body: never in both. */
    restAuthenticate(request: PreparedRequest): PreparedRequest {
      const headers = { ...request.headers, ...headerForAuthentication(apiKey) };
      // Listen keys need the key and no signature.
      if (request.url.endsWith(LISTEN_KEY_PATH_URL)) return { ...request, headers };
      const windowMs = receiveWindowMs(RECEIVE_WINDOW_MS, context);
      const sign = (params: string) => addAuthToParams(params, apiSecret, Math.floor(context.now()), windowMs);
      if (request.body !== undefined) return { ...request, headers, body: sign(request.body) };
      const [base = "", query = ""] = request.url.split("?", 2);
      return { ...request, headers, url: `${base}?${sign(query)}` };
    },

    /** Parameters of a message are signed in the order of their names (docs, websocket-api-general-info). */
    signOrderFrame(message) {
      const { params, ...rest } = message as { readonly params: Readonly<Record<string, string>> };
      const timestamp = Math.floor(context.now());
      const unsigned = { ...params, apiKey, recvWindow: receiveWindowMs(RECEIVE_WINDOW_MS, context), timestamp };
      const payload = Object.entries(unsigned)
        .map(([name, value]) => `${name}=${value}`)
        .toSorted()
        .join("&");
      return { ...rest, params: { ...unsigned, signature: generateSignature(apiSecret, payload) } };
    },

    // The private stream is opened with a listen key.
    wsAuthenticate: () => undefined,
  };
}
