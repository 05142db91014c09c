import { bytesOf, isAt } from "./wire-bytes.ts";

interface Entry<Value> {
  readonly symbol: Uint8Array;
  readonly value: Value;
}

/** Bytes of a name that its place is made of: names of markets differ at their beginning, and end alike. */
const HASHED = 6;

/** Values by the bytes of a venue's name of a market, so that no text is made of them. */
export class SymbolTable<Value> {
  readonly #entries: (Entry<Value> | undefined)[];
  readonly #mask: number;

  constructor(values: ReadonlyMap<string, Value>) {
    let capacity = 16;
    while (capacity < values.size * 4) capacity *= 2;
    this.#mask = capacity - 1;
    this.#entries = new Array<Entry<Value> | undefined>(capacity).fill(undefined);
    for (const [text, value] of values) {
      const symbol = bytesOf(text);
      let place = hashOf(symbol, 0, symbol.length) & this.#mask;
      while (this.#entries[place] !== undefined) place = (place + 1) & this.#mask;
      this.#entries[place] = { symbol, value };
    }
  }

  find(bytes: Uint8Array, from: number, to: number): Value | undefined {
    let place = hashOf(bytes, from, to) & this.#mask;
    for (;;) {
      const entry = this.#entries[place];
      if (entry === undefined) return undefined;
      if (entry.symbol.length === to - from && isAt(bytes, from, entry.symbol)) return entry.value;
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
