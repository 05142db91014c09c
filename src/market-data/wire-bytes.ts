const QUOTE = 0x22;
const SPACE = 0x20;
const BACKSLASH = 0x5c;

const NOT_READ = -1;

const encoder = new TextEncoder();

export function bytesOf(text: string): Uint8Array {
  return encoder.encode(text);
}

/** True when the bytes at a place are these. */
export function isAt(bytes: Uint8Array, at: number, expected: Uint8Array): boolean {
  for (let place = 0; place < expected.length; place += 1) if (bytes[at + place] !== expected[place]) return false;
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
