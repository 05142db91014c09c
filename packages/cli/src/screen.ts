import { Writable } from "node:stream";
import { realWork } from "../../../src/runtime/real-work.ts";
import type { ProcessPort } from "../../../src/runtime/runtime.ts";

/** A text on a terminal that is redrawn in place. */
export interface Screen {
  show(text: string): void;
  /** Leaves the last text where it is and gives the cursor back. */
  end(): void;
}

export async function createScreen(process: ProcessPort): Promise<Screen> {
  const { createLogUpdate } = await realWork(import("log-update"));
  const stream = new Writable({
    decodeStrings: false,
    write: (chunk: string, _encoding, done) => {
      process.writeOut(chunk);
      done();
    },
  });
  // A pseudo terminal that nobody gave a size has no columns at all. A window can be resized at any time.
  Object.defineProperties(stream, {
    columns: { get: () => process.columns || 80 },
    rows: { get: () => process.rows || 24 },
    isTTY: { value: true },
  });
  const update = createLogUpdate(stream, { showCursor: true });
  return { show: (text) => update(text), end: () => update.done() };
}
