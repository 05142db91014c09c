/** CRC-32 (IEEE, as in zlib) as a register that texts can be appended to without reading them again. */

const POLYNOMIAL = 0xedb88320;
const BYTE_TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let register = byte;
  for (let bit = 0; bit < 8; bit += 1) register = (register & 1) === 1 ? (register >>> 1) ^ POLYNOMIAL : register >>> 1;
  return register;
});

/** The register after `bytes[from, to)`, from a register to start with. */
export function crcOfBytes(register: number, bytes: Uint8Array, from: number, to: number): number {
  let result = register;
  for (let at = from; at < to; at += 1) {
    result = (result >>> 8) ^ (BYTE_TABLE[(result ^ (bytes[at] as number)) & 255] as number);
  }
  return result;
}

/** The register that becomes `register` when `byte` is appended to it. */
export function crcBefore(register: number, byte: number): number {
  for (let index = 0; index < 256; index += 1) {
    const entry = BYTE_TABLE[index] as number;
    if (entry >>> 24 === register >>> 24) return ((register ^ entry) << 8) | ((index ^ byte) & 255);
  }
  throw new RangeError("the CRC table has every high byte");
}

/** Texts that are appended by their registers are at most this long. */
const MAX_APPENDED = 64;
/** Entries of one length: four tables of 256. */
const ENTRIES = 1_024;
/** Tables of all lengths in one array: an array of arrays took a third longer to read. Made at first use. */
let shifts = new Int32Array(0);
const isMade = new Uint8Array(MAX_APPENDED);

/**
 * The register after `length` zero bytes, at most 63: by linearity, what a register contributes when a text of that
 * length, whose own register from 0 is known, is appended.
 */
export function crcShift(register: number, length: number): number {
  if (isMade[length] !== 1) makeShifts(length);
  const from = length * ENTRIES;
  return (
    (shifts[from + (register & 255)] as number) ^
    (shifts[from + 256 + ((register >>> 8) & 255)] as number) ^
    (shifts[from + 512 + ((register >>> 16) & 255)] as number) ^
    (shifts[from + 768 + (register >>> 24)] as number)
  );
}

function makeShifts(length: number): void {
  if (!(length >= 0 && length < MAX_APPENDED)) throw new RangeError(`no text of ${length} bytes is appended`);
  if (shifts.length === 0) shifts = new Int32Array(MAX_APPENDED * ENTRIES);
  const zeros = new Uint8Array(length);
  for (let position = 0; position < 4; position += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      const shifted = crcOfBytes(byte << (position * 8), zeros, 0, length);
      shifts[length * ENTRIES + position * 256 + byte] = shifted;
    }
  }
  isMade[length] = 1;
}

const UTF8 = new TextEncoder();

/** The CRC-32 of a text, unsigned. */
export function crc32(text: string): number {
  const bytes = UTF8.encode(text);
  return ~crcOfBytes(-1, bytes, 0, bytes.length) >>> 0;
}
