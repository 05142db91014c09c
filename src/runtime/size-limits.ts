/**
 * Largest body that is read from a server; the largest answer of a venue (all of its markets) has some 3 MB. Reading
 * stops there: a body without end fills the memory, and one of more than 512 MiB no longer fits into a string.
 */
export const MAX_BODY_BYTES = 32 * 2 ** 20;
export const MAX_MESSAGE_BYTES = 16 * 2 ** 20;

/** `CLOSE` code of RFC 6455 for a message that is too big to be read. */
export const MESSAGE_TOO_BIG = 1009;

export function tooLarge(what: string, bytes: number): string {
  return `${what} of more than ${bytes / 2 ** 20} MB`;
}

/** Tells that a text has more bytes than `bytes` in UTF-8. */
export function isLongerThan(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && Buffer.byteLength(text) > bytes;
}
