/*
 * SHA-256 (FIPS 180-4) of short texts, block by block. OpenSSL works faster through a megabyte; a request's 300 bytes take it
 * longer than this, most of that to find the algorithm and to go over what an order in between pushed out of the caches.
 */

export const BLOCK_BYTES = 64;
export const DIGEST_BYTES = 32;
const ROUNDS = 64;

/** The first 32 bits behind the point of a root. */
const fractionBits = (root: number): number => ((root % 1) * 2 ** 32) | 0;

const PRIMES = Array.from({ length: 312 }, (_, number) => number).filter(isPrime);
const CONSTANTS = Int32Array.from(PRIMES, (prime) => fractionBits(Math.cbrt(prime)));
const INITIAL = Int32Array.from(PRIMES.slice(0, 8), (prime) => fractionBits(Math.sqrt(prime)));

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) return false;
  return number > 1;
}

const schedule = new Int32Array(ROUNDS);

/** State before the first block. */
export const initialState = (): Int32Array => Int32Array.from(INITIAL);

/** Takes one block of 64 bytes from `at` on into the state. */
export function addBlock(state: Int32Array, bytes: Uint8Array, at: number): void {
  const words = schedule;
  for (let word = 0, from = at; word < 16; word += 1, from += 4) {
    words[word] =
      (byte(bytes, from) << 24) | (byte(bytes, from + 1) << 16) | (byte(bytes, from + 2) << 8) | byte(bytes, from + 3);
  }
  for (let word = 16; word < ROUNDS; word += 1) {
    const x = at32(words, word - 15);
    const y = at32(words, word - 2);
    const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    words[word] = low + at32(words, word - 7) + high + at32(words, word - 16);
  }
  let a = at32(state, 0);
  let b = at32(state, 1);
  let c = at32(state, 2);
  let d = at32(state, 3);
  let e = at32(state, 4);
  let f = at32(state, 5);
  let g = at32(state, 6);
  let h = at32(state, 7);
  for (let round = 0; round < ROUNDS; round += 1) {
    const ofE = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const ofA = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const first = (h + ofE + ((e & f) ^ (~e & g)) + at32(CONSTANTS, round) + at32(words, round)) | 0;
    const second = (ofA + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = at32(state, 0) + a;
  state[1] = at32(state, 1) + b;
  state[2] = at32(state, 2) + c;
  state[3] = at32(state, 3) + d;
  state[4] = at32(state, 4) + e;
  state[5] = at32(state, 5) + f;
  state[6] = at32(state, 6) + g;
  state[7] = at32(state, 7) + h;
}

const byte = (bytes: Uint8Array, at: number): number => bytes[at] as number;
const at32 = (words: Int32Array, at: number): number => words[at] as number;

/**
 * Ends a message of `length` bytes in `bytes`, which has room for 72 more, that came after so many `bytesBefore`, whole
 * blocks of which the state knows already.
 */
export function finish(state: Int32Array, bytes: Uint8Array, length: number, bytesBefore: number): void {
  const end = Math.ceil((length + 9) / BLOCK_BYTES) * BLOCK_BYTES;
  bytes[length] = 0x80;
  bytes.fill(0, length + 1, end);
  const bits = (length + bytesBefore) * 8;
  for (let at = 0; at < 4; at += 1) bytes[end - 1 - at] = bits >>> (8 * at);
  for (let at = 0; at < end; at += BLOCK_BYTES) addBlock(state, bytes, at);
}

/** Writes the state as the bytes of the digest. */
export function writeDigest(state: Int32Array, into: Uint8Array): void {
  for (let word = 0; word < 8; word += 1) {
    const value = at32(state, word);
    into[4 * word] = value >>> 24;
    into[4 * word + 1] = value >>> 16;
    into[4 * word + 2] = value >>> 8;
    into[4 * word + 3] = value;
  }
}
