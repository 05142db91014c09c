import { createHmac } from "node:crypto";

// <signature>
/** HMAC-SHA256 in Base64. */
export function generateSignature(secret: string, payload: string): string {
  return createHmac("sha256", secret).update(payload).digest("base64");
}
// </signature>
