const FIRST_BYTES = 2 ** 10;

/**
 * Text that arrives in pieces, joined as they come: kept apart, pieces of one byte each take a hundred times as much memory
 * as what they hold.
 */
export class ByteCollector {
  #bytes = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
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
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
  }

  text(): string {
    return this.#bytes.toString("utf8", 0, this.#length);
  }
}
