import { FIELD, type Field } from "./wire-fields.ts";

/** A message as an alternation of bytes that are always the same and of values; the last bytes end it. */
export interface Layout {
  /** All of the bytes that are always the same. */
  readonly text: Uint8Array;
  /** Ends in `text` of what stands before each value. */
  readonly ends: Int32Array;
  readonly fields: readonly Field[];
}

export const NO_LAYOUT: Layout = { text: new Uint8Array(0), ends: new Int32Array(0), fields: [] };

/** The layout of a message that is being read by its keys. Objects and lists, and texts of one form, are not values of it. */
export class LayoutDraft {
  readonly #bytes: Uint8Array;
  readonly #text: number[] = [];
  readonly #ends: number[] = [];
  readonly #fields: Field[] = [];
  #end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Values are added in the order in which they stand. */
  add(start: number, end: number, field: Field): void {
    const { kind, pattern } = field;
    const isFixed = kind === FIELD.text && !pattern.isBeforeSymbol && !pattern.parts.includes("digits");
    if (isFixed || kind === FIELD.object || kind === FIELD.list) return;
    for (let at = this.#end; at < start; at += 1) this.#text.push(this.#bytes[at] as number);
    this.#ends.push(this.#text.length);
    this.#fields.push(field);
    this.#end = end;
  }

  layout(): Layout {
    const text = Uint8Array.from([...this.#text, ...this.#bytes.subarray(this.#end)]);
    return { text, ends: Int32Array.from(this.#ends), fields: this.#fields };
  }
}
