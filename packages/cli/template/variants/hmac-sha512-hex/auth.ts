import { createHmac } from "node:crypto";

// <signature>
/** HMAC-SHA512 in lower-case hexadecimal digits. */
export function generateSignature(secret: string, payload: string): string {
  return createHmac("sha512", secret).update(payload).digest("hex");
}
// </signature>
