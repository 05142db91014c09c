import { createPrivateKey, sign } from "node:crypto";
import { ConfigError } from "../../../../../src/model/error.ts";

// <signature>
/** DER of a PKCS #8 key, up to its 32 bytes. */
const KEY_PREFIX = Buffer.from("302e020100300506032b657004220420", "hex");

/** Ed25519 in Base64. CHECK: how the venue writes its keys: here as the Base64 of their 32 bytes. */
export function generateSignature(secret: string, payload: string): string {
  const bytes = Buffer.from(secret, "base64");
  if (bytes.length !== 32) throw new ConfigError("the secret is no Ed25519 key: the Base64 of 32 bytes");
  const key = createPrivateKey({ key: Buffer.concat([KEY_PREFIX, bytes]), format: "der", type: "pkcs8" });
  return sign(null, Buffer.from(payload), key).toString("base64");
}
// </signature>
