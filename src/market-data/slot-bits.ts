/** Bits of slots, 32 a word, where the greatest slot comes first. */

const NONE = -1;

/** The greatest slot below this one whose bit is set; -1 when there is none. */
export function slotBelow(bits: Int32Array, slot: number): number {
  let word = slot >> 5;
  let left = (bits[word] as number) & ~(-1 << (slot & 31));
  while (left === 0) {
    word -= 1;
    if (word < 0) return NONE;
    left = bits[word] as number;
  }
  return (word << 5) + 31 - Math.clz32(left);
}

/** The least slot whose bit is set, where none below `from` is, and one is. */
export function leastSlot(bits: Int32Array, from: number): number {
  let word = from >> 5;
  while (bits[word] === 0) word += 1;
  const left = bits[word] as number;
  return (word << 5) + 31 - Math.clz32(left & -left);
}

/** Writes the greatest slots down from this one whose bits are set, as many as there is room for; returns how many. */
export function slotsFrom(bits: Int32Array, slot: number, into: Int32Array): number {
  let count = 0;
  for (let word = slot >> 5; word >= 0 && count < into.length; word -= 1) {
    let left = bits[word] as number;
    while (left !== 0 && count < into.length) {
      const place = 31 - Math.clz32(left);
      left ^= 1 << place;
      into[count] = (word << 5) + place;
      count += 1;
    }
  }
  return count;
}
