import { createHmac, hash } from "node:crypto";
import { hmac as hmacOf } from "@noble/hashes/hmac.js";
import { sha256 } from "@noble/hashes/sha2.js";

const INNER = 0x36;
const OUTER = 0x5c;
/** Accounts of one process that are signed for in turn, at most, without a key being prepared again. */
const MAX_KEYS = 16;
/** Length up to which a text is hashed here, characters: most requests are much shorter. */
const MAX_SHORT = 2_048;
const MAX_BYTES_OF_CHARACTER = 3;

type Algorithm = "sha256" | "sha512";
type Encoding = "hex" | "base64";

/** HMAC of a text. The key is prepared once: an `Hmac` object does that, and finds its algorithm, for each request anew. */
export function hmac(algorithm: Algorithm, secret: string, text: string, encoding: Encoding): string {
  if (text.length > MAX_SHORT) return createHmac(algorithm, secret).update(text).digest(encoding);
  return algorithm === "sha256" ? hmac256(secret, text, encoding) : hmac512(secret, text, encoding);
}

/** Prepared keys by their secrets. */
class Keys<Key> {
  readonly #keys = new Map<string, Key>();
  readonly #prepare: (secret: string) => Key;

  constructor(prepare: (secret: string) => Key) {
    this.#prepare = prepare;
  }

  of(secret: string): Key {
    const known = this.#keys.get(secret);
    if (known !== undefined) return known;
    if (this.#keys.size >= MAX_KEYS) this.#keys.clear();
    const key = this.#prepare(secret);
    this.#keys.set(secret, key);
    return key;
  }
}

/** States behind the block of the key: OpenSSL takes as long to find its algorithm as to hash a request. */
const keys256 = new Keys((secret) => hmacOf.create(sha256, Buffer.from(secret)));

const state = hmacOf.create(sha256, new Uint8Array(0));
const message = Buffer.alloc(MAX_SHORT * MAX_BYTES_OF_CHARACTER);
const digest = Buffer.alloc(sha256.outputLen);

function hmac256(secret: string, text: string, encoding: Encoding): string {
  const hashing = keys256.of(secret)._cloneInto(state);
  hashing.update(message.subarray(0, message.write(text)));
  hashing.digestInto(digest);
  return digest.toString(encoding);
}

const BLOCK_BYTES_512 = 128;
const DIGEST_BYTES_512 = 64;

/** Blocks of the key for both hashes (RFC 2104), the outer one with room for the inner hash behind it. */
const keys512 = new Keys((secret) => {
  const given = Buffer.from(secret);
  const padded = Buffer.alloc(BLOCK_BYTES_512);
  (given.length > BLOCK_BYTES_512 ? hash("sha512", given, "buffer") : given).copy(padded);
  const outer = Buffer.alloc(BLOCK_BYTES_512 + DIGEST_BYTES_512);
  outer.set(padded.map((byte) => byte ^ OUTER));
  return { inner: Buffer.from(padded.map((byte) => byte ^ INNER)), outer };
});

function hmac512(secret: string, text: string, encoding: Encoding): string {
  const { inner, outer } = keys512.of(secret);
  const bytes = Buffer.allocUnsafe(BLOCK_BYTES_512 + Buffer.byteLength(text));
  bytes.set(inner);
  bytes.write(text, BLOCK_BYTES_512);
  outer.set(hash("sha512", bytes, "buffer"), BLOCK_BYTES_512);
  return hash("sha512", outer, encoding);
}
