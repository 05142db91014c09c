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

const SHIFT_TABLES: (Int32Array | undefined)[] = [];

/**
 * The register after `length` zero bytes: by linearity, what a register contributes when a text of that length, whose
 * own register from 0 is known, is appended. Four tables of 256 per length, made at first use.
 */
export function crcShift(register: number, length: number): number {
  const table = SHIFT_TABLES[length] ?? makeShiftTable(length);
  return (
    (table[register & 255] as number) ^
    (table[256 + ((register >>> 8) & 255)] as number) ^
    (table[512 + ((register >>> 16) & 255)] as number) ^
    (table[768 + (register >>> 24)] as number)
  );
}

function makeShiftTable(length: number): Int32Array {
  const zeros = new Uint8Array(length);
  const table = new Int32Array(1024);
  for (let position = 0; position < 4; position += 1) {
    for (let byte = 0; byte < 256; byte += 1) {
      table[position * 256 + byte] = crcOfBytes(byte << (position * 8), zeros, 0, length);
    }
  }
  SHIFT_TABLES[length] = table;
  return table;
}

const UTF8 = new TextEncoder();

/** The CRC-32 of a text, unsigned. */
export function crc32(text: string): number {
  const bytes = UTF8.encode(text);
  return ~crcOfBytes(-1, bytes, 0, bytes.length) >>> 0;
}
