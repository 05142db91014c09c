import { createHmac } from "node:crypto";

// <signature>
/** HMAC-SHA512 in Base64. */
export function generateSignature(secret: string, payload: string): string {
  return createHmac("sha512", secret).update(payload).digest("base64");
}
// </signature>
