import { isAt } from "./wire-bytes.ts";

/** Something that is found by the bytes of its name. */
interface Named {
  readonly symbol: Uint8Array;
}

/** Bytes of a name that its place is made of: names of markets differ at their beginning, and end alike. */
const HASHED = 6;

/** Values by the bytes of a venue's name of a market, so that no text is made of them. */
export class SymbolTable<Value extends Named> {
  readonly #values: (Value | undefined)[];
  readonly #mask: number;

  constructor(values: readonly Value[]) {
    let capacity = 16;
    while (capacity < values.length * 4) capacity *= 2;
    this.#mask = capacity - 1;
    this.#values = new Array<Value | undefined>(capacity).fill(undefined);
    for (const value of values) {
      let place = hashOf(value.symbol, 0, value.symbol.length) & this.#mask;
      while (this.#values[place] !== undefined) place = (place + 1) & this.#mask;
      this.#values[place] = value;
    }
  }

  find(bytes: Uint8Array, from: number, to: number): Value | undefined {
    let place = hashOf(bytes, from, to) & this.#mask;
    for (;;) {
      const value = this.#values[place];
      if (value === undefined) return undefined;
      if (value.symbol.length === to - from && isAt(bytes, from, value.symbol)) return value;
      place = (place + 1) & this.#mask;
    }
  }
}

function hashOf(bytes: Uint8Array, from: number, to: number): number {
  const end = Math.min(to, from + HASHED);
  let hash = to - from;
  for (let at = from; at < end; at += 1) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  return hash ^ (hash >>> 15);
}
