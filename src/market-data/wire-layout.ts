import { KIND, type Kind, type LayoutStep } from "./scan-kernel.ts";

/** The layout of a message that is being read by its keys: what stands around its values is always the same. */
export class LayoutDraft {
  readonly #bytes: Uint8Array;
  readonly #steps: LayoutStep[] = [];
  #end = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Values are added in the order in which they stand. */
  add(start: number, end: number, kind: Kind, slot: number): void {
    this.#steps.push({ text: this.#bytes.slice(this.#end, start), kind, slot });
    this.#end = end;
  }

  steps(): readonly LayoutStep[] {
    return [...this.#steps, { text: this.#bytes.slice(this.#end), kind: KIND.end, slot: 0 }];
  }
}
