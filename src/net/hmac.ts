import { hash } from "node:crypto";

/** Algorithms with the lengths of their blocks and of what they make, bytes (RFC 2104, RFC 4868). */
const LENGTHS = { sha256: { block: 64, digest: 32 }, sha512: { block: 128, digest: 64 } } as const;
const INNER = 0x36;
const OUTER = 0x5c;
/** Accounts of one process that are signed for in turn, at most, without a key being prepared again. */
const MAX_KEYS = 16;

interface Key {
  readonly inner: Buffer;
  /** With room for the inner hash behind it. */
  readonly outer: Buffer;
}

type Algorithm = keyof typeof LENGTHS;

const keys: Readonly<Record<Algorithm, Map<string, Key>>> = { sha256: new Map(), sha512: new Map() };

/**
 * HMAC of a text. Two hashes with a key that was prepared before take a fraction of what an `Hmac` object does, which is
 * made, found its algorithm for and given up for each request.
 */
export function hmac(algorithm: Algorithm, secret: string, text: string, encoding: "hex" | "base64"): string {
  const { block } = LENGTHS[algorithm];
  const { inner, outer } = keyOf(algorithm, secret);
  const message = Buffer.allocUnsafe(block + Buffer.byteLength(text));
  message.set(inner);
  message.write(text, block);
  outer.set(hash(algorithm, message, "buffer"), block);
  return hash(algorithm, outer, encoding);
}

function keyOf(algorithm: Algorithm, secret: string): Key {
  const known = keys[algorithm].get(secret);
  if (known !== undefined) return known;
  if (keys[algorithm].size >= MAX_KEYS) keys[algorithm].clear();
  const { block, digest } = LENGTHS[algorithm];
  const given = Buffer.from(secret);
  const padded = Buffer.alloc(block);
  (given.length > block ? hash(algorithm, given, "buffer") : given).copy(padded);
  const outer = Buffer.alloc(block + digest);
  outer.set(padded.map((byte) => byte ^ OUTER));
  const key = { inner: Buffer.from(padded.map((byte) => byte ^ INNER)), outer };
  keys[algorithm].set(secret, key);
  return key;
}
