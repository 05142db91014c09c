import {
  API_KEY,
  type Authenticator,
  type Credentials,
  type PreparedRequest,
  requiredCredential,
  type SigningContext,
} from "../../../../../src/net/auth.ts";
import { generateSignature, timestampOf } from "../../venue/auth.ts";

// <headers>
// CHECK: the name of the header.
export const headerForAuthentication = (apiKey: string) => ({ "ACME-KEY": apiKey });

/** The URL with parameters of the signature's own; the signature comes after them. */
export function addAuthToParams(url: string, params: string): string {
  return `${url}${url.includes("?") ? "&" : "?"}${params}`;
}
// </headers>

type Signer = Pick<Authenticator, "restAuthenticate">;

export function createAuth(credentials: Credentials, apiSecret: string, context: SigningContext): Signer {
  const apiKey = requiredCredential(credentials, API_KEY);
  return {
    // <rest>
    restAuthenticate(unsigned: PreparedRequest): PreparedRequest {
      const timestamp = timestampOf(context.now());
      // <window>
      // </window>
      // CHECK: the names of the parameters.
      // <parameters>
      const url = addAuthToParams(unsigned.url, `timestamp=${timestamp}`);
      // </parameters>
      const headers = {
        ...unsigned.headers,
        ...headerForAuthentication(apiKey),
        // <passphrase-header>
        // </passphrase-header>
        // <sub-account-header>
        // </sub-account-header>
      };
      const request = { ...unsigned, headers, url };
      // CHECK: what is signed, in which order, against an example of the documentation.
      // <payload>
      const payload = url;
      // </payload>
      const signature = encodeURIComponent(generateSignature(apiSecret, payload));
      return { ...request, url: `${request.url}&signature=${signature}` };
    },
    // </rest>
  };
}
