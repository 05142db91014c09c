const FIRST_BYTES = 2 ** 10;
const NONE = Buffer.alloc(0);

/**
 * Text that arrives in pieces, joined as they come: kept apart, pieces of one byte each take a hundred times as much memory
 * as what they hold.
 */
export class ByteCollector {
  #bytes: Buffer = NONE;
  #length = 0;
  /** The first piece, as long as it is the only one. */
  #only: Uint8Array | undefined;

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
    if (this.#length === 0) {
      this.#only = piece;
      this.#length = piece.length;
      return;
    }
    const first = this.#only;
    if (first !== undefined) {
      this.clear();
      this.#append(first);
    }
    this.#append(piece);
  }

  #append(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2, FIRST_BYTES));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(piece, this.#length);
    this.#length = length;
  }

  /** Lets go of everything. */
  clear(): void {
    this.#bytes = NONE;
    this.#only = undefined;
    this.#length = 0;
  }

  text(): string {
    const only = this.#only;
    if (only === undefined) return this.#bytes.toString("utf8", 0, this.#length);
    return Buffer.from(only.buffer, only.byteOffset, only.byteLength).toString("utf8");
  }
}
