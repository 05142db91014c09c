import { createHmac, hash } from "node:crypto";
import { addBlock, BLOCK_BYTES, DIGEST_BYTES, finish, initialState, writeDigest } from "./sha256.ts";

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

/** A block of the key, with one of the two constants in each byte (RFC 2104). */
function paddedKey(algorithm: Algorithm, blockBytes: number, secret: string, constant: number): Buffer {
  const given = Buffer.from(secret);
  const padded = Buffer.alloc(blockBytes);
  (given.length > blockBytes ? hash(algorithm, given, "buffer") : given).copy(padded);
  return Buffer.from(padded.map((byte) => byte ^ constant));
}

/** States of the inner and of the outer hash behind the block of the key. */
const keys256 = new Keys((secret) => {
  const stateBehind = (constant: number): Int32Array => {
    const state = initialState();
    addBlock(state, paddedKey("sha256", BLOCK_BYTES, secret, constant), 0);
    return state;
  };
  return { inner: stateBehind(INNER), outer: stateBehind(OUTER) };
});

const state = initialState();
const message = Buffer.alloc(MAX_SHORT * MAX_BYTES_OF_CHARACTER + 2 * BLOCK_BYTES);
const digest = Buffer.alloc(2 * BLOCK_BYTES);

function hmac256(secret: string, text: string, encoding: Encoding): string {
  const { inner, outer } = keys256.of(secret);
  state.set(inner);
  finish(state, message, message.write(text), BLOCK_BYTES);
  writeDigest(state, digest);
  state.set(outer);
  finish(state, digest, DIGEST_BYTES, BLOCK_BYTES);
  writeDigest(state, digest);
  return digest.toString(encoding, 0, DIGEST_BYTES);
}

const BLOCK_BYTES_512 = 128;
const DIGEST_BYTES_512 = 64;

/** Blocks of the key for both hashes, the outer one with room for the inner hash behind it. */
const keys512 = new Keys((secret) => {
  const outer = Buffer.alloc(BLOCK_BYTES_512 + DIGEST_BYTES_512);
  outer.set(paddedKey("sha512", BLOCK_BYTES_512, secret, OUTER));
  return { inner: paddedKey("sha512", BLOCK_BYTES_512, secret, INNER), outer };
});

function hmac512(secret: string, text: string, encoding: Encoding): string {
  const { inner, outer } = keys512.of(secret);
  const bytes = Buffer.allocUnsafe(BLOCK_BYTES_512 + Buffer.byteLength(text));
  bytes.set(inner);
  bytes.write(text, BLOCK_BYTES_512);
  outer.set(hash("sha512", bytes, "buffer"), BLOCK_BYTES_512);
  return hash("sha512", outer, encoding);
}
