// CRC-32 over the texts of a book's best levels, bids and asks in turn, from the register and the length of each text.
// `src/market-data/level-crc.ts` calls it; `npm run kernel` compiles it.

/** Room for a side of a book: bits of the slots that have a level, and by cursors the registers and lengths of texts. */
export const SIDE_BYTES: usize = 0x6600;
export const SLOTS: i32 = 4096;
export const CURSORS: i32 = 5120;
export const CRCS: usize = 0x200;
export const LENGTHS: usize = 0x5200;
/** Sides of books, bids and asks in turn. */
export const SIDES: usize = 0x50000;
export const MAX_SIDES: i32 = 32;

/** Longest text, bytes. */
const MAX_LENGTH: i32 = 47;
/** Tables of registers after so many zeros, by the length and by each of the four bytes: 1,024 int32 a length. */
const SHIFTS: usize = 0x10000;
const SHIFT_BYTES: usize = 0x1000;
/** The same for powers of two, which long texts are made of. */
const LONG_SHIFTS: usize = 0x40000;
const LONG_BITS: i32 = 16;
const POLYNOMIAL: u32 = 0xedb88320;

/** Writes the table after one zero more than that of another table. */
function writeNext(from: usize, to: usize): void {
  for (let entry: usize = 0; entry < 1024; entry++) {
    let register = load<u32>(from + (entry << 2));
    for (let bit = 0; bit < 8; bit++) register = (register & 1) != 0 ? (register >>> 1) ^ POLYNOMIAL : register >>> 1;
    store<u32>(to + (entry << 2), register);
  }
}

@inline
function shifted(register: u32, table: usize): u32 {
  return (
    load<u32>(table + (<usize>(register & 255) << 2)) ^
    load<u32>(table + 0x400 + (<usize>((register >>> 8) & 255) << 2)) ^
    load<u32>(table + 0x800 + (<usize>((register >>> 16) & 255) << 2)) ^
    load<u32>(table + 0xc00 + (<usize>(register >>> 24) << 2))
  );
}

/** Called once. */
export function prepare(): void {
  for (let entry: usize = 0; entry < 1024; entry++) {
    store<u32>(SHIFTS + (entry << 2), <u32>(entry & 255) << <u32>((entry >> 8) << 3));
  }
  for (let length: usize = 1; length <= <usize>MAX_LENGTH; length++) {
    writeNext(SHIFTS + (length - 1) * SHIFT_BYTES, SHIFTS + length * SHIFT_BYTES);
  }
  memory.copy(LONG_SHIFTS, SHIFTS + SHIFT_BYTES, SHIFT_BYTES);
  for (let bit: usize = 1; bit < <usize>LONG_BITS; bit++) {
    const before = LONG_SHIFTS + (bit - 1) * SHIFT_BYTES;
    for (let entry: usize = 0; entry < 1024; entry++) {
      const register = load<u32>(before + (entry << 2));
      store<u32>(before + SHIFT_BYTES + (entry << 2), shifted(register, before));
    }
  }
}

/** The register after zeros of any length below 65,536. */
function longShifted(register: u32, length: u32): u32 {
  let result = register;
  let table = LONG_SHIFTS;
  for (let left = length; left > 0; left >>= 1) {
    if ((left & 1) != 0) result = shifted(result, table);
    table += SHIFT_BYTES;
  }
  return result;
}

/** The bits of a word up to that of a slot. */
@inline
function bitsFrom(side: usize, slot: i32): u32 {
  return load<u32>(side + (<usize>(slot >> 5) << 2)) & (<u32>-1 >>> (31 - (slot & 31)));
}

/** The slot of the level that is so many levels worse than the best. */
export function slotOf(side: usize, best: i32, rank: i32): i32 {
  let word = best >> 5;
  let bits = bitsFrom(side, best);
  let left = rank;
  for (let count = popcnt(bits); <i32>count <= left; count = popcnt(bits)) {
    left -= <i32>count;
    word--;
    bits = load<u32>(side + (<usize>word << 2));
  }
  for (; left > 0; left--) bits ^= 1 << (31 - clz(bits));
  return (word << 5) + 31 - <i32>clz(bits);
}

/** Appends the text of a level. */
function appendOne(register: u32, side: usize, slot: i32): u32 {
  const length = <usize>load<u8>(side + LENGTHS + <usize>slot);
  return shifted(register, SHIFTS + length * SHIFT_BYTES) ^ load<u32>(side + CRCS + (<usize>slot << 2));
}

/** Appends the texts of so many bids and asks in turn, at least one of each, from the best ones. */
export function append(register: u32, bids: usize, asks: usize, bestBid: i32, bestAsk: i32, count: i32): u32 {
  // Two registers at a time: each level waits for the one before it, and the halves for nothing but their own.
  const half = count >> 1;
  if (half == 0) return appendOne(appendOne(register, bids, bestBid), asks, bestAsk);
  const lowerBid = slotOf(bids, bestBid, half);
  const lowerAsk = slotOf(asks, bestAsk, half);
  let upper = register;
  let lower: u32 = 0;
  let bytes: u32 = 0;
  let word0 = bestBid >> 5;
  let bits0 = bitsFrom(bids, bestBid);
  let word1 = bestAsk >> 5;
  let bits1 = bitsFrom(asks, bestAsk);
  let word2 = lowerBid >> 5;
  let bits2 = bitsFrom(bids, lowerBid);
  let word3 = lowerAsk >> 5;
  let bits3 = bitsFrom(asks, lowerAsk);
  for (let left = half; left > 0; left--) {
    while (bits0 == 0) bits0 = load<u32>(bids + (<usize>--word0 << 2));
    while (bits2 == 0) bits2 = load<u32>(bids + (<usize>--word2 << 2));
    const slot0 = <usize>((word0 << 5) + 31 - <i32>clz(bits0));
    const slot2 = <usize>((word2 << 5) + 31 - <i32>clz(bits2));
    bits0 ^= 0x80000000 >>> clz(bits0);
    bits2 ^= 0x80000000 >>> clz(bits2);
    const length2 = <u32>load<u8>(bids + slot2 + LENGTHS);
    upper = shifted(upper, SHIFTS + <usize>load<u8>(bids + slot0 + LENGTHS) * SHIFT_BYTES);
    lower = shifted(lower, SHIFTS + <usize>length2 * SHIFT_BYTES);
    upper ^= load<u32>(bids + CRCS + (slot0 << 2));
    lower ^= load<u32>(bids + CRCS + (slot2 << 2));
    while (bits1 == 0) bits1 = load<u32>(asks + (<usize>--word1 << 2));
    while (bits3 == 0) bits3 = load<u32>(asks + (<usize>--word3 << 2));
    const slot1 = <usize>((word1 << 5) + 31 - <i32>clz(bits1));
    const slot3 = <usize>((word3 << 5) + 31 - <i32>clz(bits3));
    bits1 ^= 0x80000000 >>> clz(bits1);
    bits3 ^= 0x80000000 >>> clz(bits3);
    const length3 = <u32>load<u8>(asks + slot3 + LENGTHS);
    upper = shifted(upper, SHIFTS + <usize>load<u8>(asks + slot1 + LENGTHS) * SHIFT_BYTES);
    lower = shifted(lower, SHIFTS + <usize>length3 * SHIFT_BYTES);
    upper ^= load<u32>(asks + CRCS + (slot1 << 2));
    lower ^= load<u32>(asks + CRCS + (slot3 << 2));
    bytes += length2 + length3;
  }
  const result = longShifted(upper, bytes) ^ lower;
  if ((count & 1) == 0) return result;
  return appendOne(
    appendOne(result, bids, slotOf(bids, bestBid, count - 1)),
    asks,
    slotOf(asks, bestAsk, count - 1),
  );
}
