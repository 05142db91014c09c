import type { BookSides } from "../book-levels.ts";
import { amountText } from "./wire.ts";

export const CHECKSUM_DEPTH = 100;

const CRC_TABLE: Uint32Array = buildTable();

function buildTable(): Uint32Array {
  const table = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte += 1) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit += 1) {
      remainder = (remainder & 1) === 1 ? (remainder >>> 1) ^ 0xedb88320 : remainder >>> 1;
    }
    table[byte] = remainder >>> 0;
  }
  return table;
}

/** CRC-32 (IEEE 802.3) of ASCII text, unsigned. */
export function crc32(text: string): number {
  let crc = 0xffffffff;
  for (let index = 0; index < text.length; index += 1) {
    crc = (CRC_TABLE[(crc ^ text.charCodeAt(index)) & 0xff] ?? 0) ^ (crc >>> 8);
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** Bid and ask take turns, best first; where one side ends, the other goes on alone. */
export function checksumText(book: BookSides): string {
  const parts: string[] = [];
  for (let rank = 0; rank < CHECKSUM_DEPTH; rank += 1) {
    for (const level of [book.bids[rank], book.asks[rank]]) {
      if (level !== undefined) parts.push(amountText(level[0]), amountText(level[1]));
    }
  }
  return parts.join(":");
}

export function bookChecksum(book: BookSides): number {
  return crc32(checksumText(book));
}
