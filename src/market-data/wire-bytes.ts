const QUOTE = 0x22;
const SPACE = 0x20;
const BACKSLASH = 0x5c;
const POINT = 0x2e;
const MINUS = 0x2d;
const DIGIT = 0x30;

/**
 * Result of a reader where the bytes are not what it reads. This and the bytes of signs are constants of each reader's
 * own file: V8 reads an imported one from memory at each use, which made a message a seventh slower.
 */
const NOT_READ = -1;

const encoder = new TextEncoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** True when the bytes at a place are these. */
export function isAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  return isSame(bytes, at, expected, 0, expected.length);
}

/** True when the bytes at a place are a part of others. */
export function isSame(bytes: Uint8Array, at: number, expected: Uint8Array, from: number, to: number): boolean {
  let place = from;
  const shift = at - from;
  // Four at a time take half as long.
  for (; place + 4 <= to; place += 4) {
    const differs =
      ((bytes[place + shift] as number) ^ (expected[place] as number)) |
      ((bytes[place + shift + 1] as number) ^ (expected[place + 1] as number)) |
      ((bytes[place + shift + 2] as number) ^ (expected[place + 2] as number)) |
      ((bytes[place + shift + 3] as number) ^ (expected[place + 3] as number));
    if (differs !== 0) return false;
  }
  for (; place < to; place += 1) if (bytes[place + shift] !== expected[place]) return false;
  return true;
}

/** The place of the quote that ends a text, from after the one that begins it; none where something is escaped in it. */
export function endOfText(bytes: Uint8Array, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    // Control characters are no JSON, and neither is the end of the message.
    if (byte === BACKSLASH || !(byte >= SPACE)) return NOT_READ;
    at += 1;
  }
}

const WORDS = ["true", "false", "null"].map(bytesOf);

/** The place after a text, a number or a word; none where it is something else. */
export function endOfScalar(bytes: Uint8Array, from: number): number {
  const first = bytes[from] as number;
  if (first === QUOTE) {
    const end = endOfText(bytes, from + 1);
    return end === NOT_READ ? end : end + 1;
  }
  if ((first ^ DIGIT) <= 9) return endOfNumber(bytes, from);
  if (first === MINUS) return endOfNumber(bytes, from + 1);
  for (const word of WORDS) if (isAt(bytes, from, word)) return from + word.length;
  return NOT_READ;
}

/** A JSON number without sign and exponent. */
function endOfNumber(bytes: Uint8Array, from: number): number {
  let at = from;
  while (((bytes[at] as number) ^ DIGIT) <= 9) at += 1;
  if (at === from || (at - from > 1 && bytes[from] === DIGIT)) return NOT_READ;
  if (bytes[at] !== POINT) return at;
  const point = at;
  at += 1;
  while (((bytes[at] as number) ^ DIGIT) <= 9) at += 1;
  return at - point > 1 ? at : NOT_READ;
}
