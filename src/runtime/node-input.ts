import { createInterface } from "node:readline";
import { type Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { ProcessPort } from "./runtime.ts";

export interface NodeInputOptions {
  readonly input: Readable & { readonly isTTY?: boolean | undefined };
  writePrompt(text: string): void;
  /** Ctrl-C was typed while the terminal was in raw mode, where it makes no signal by itself. */
  interrupt(): void;
}

/** Lines of standard input, one at a time: between two of them nothing keeps the process alive. */
export function createNodeInput(options: NodeInputOptions): Pick<ProcessPort, "readLine" | "readSecret"> {
  const { input, writePrompt } = options;
  const buffer = new LineBuffer(input);
  const readLine = (prompt: string, signal?: AbortSignal): Promise<string | undefined> => {
    writePrompt(prompt);
    return buffer.next(signal);
  };
  const readSecret = async (prompt: string, signal?: AbortSignal): Promise<string | undefined> => {
    if (input.isTTY !== true) return readLine(prompt, signal);
    // Whoever types as soon as the prompt shows must find the echo off.
    const line = readHidden(options, signal);
    writePrompt(prompt);
    await line;
    writePrompt("\n");
    return line;
  };
  return { readLine, readSecret };
}

/** Readline puts the terminal into raw mode and echoes to an output that goes nowhere. */
function readHidden({ input, interrupt }: NodeInputOptions, signal?: AbortSignal): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output, terminal: true, historySize: 0, ...(signal && { signal }) });
  lines.once("line", (line) => {
    resolve(line);
    lines.close();
  });
  const giveUp = (): void => resolve(undefined);
  lines.once("close", giveUp);
  lines.once("SIGINT", () => {
    // The signal comes a moment later and decides what happens: an empty answer now would be taken for one.
    lines.off("close", giveUp).close();
    signal?.addEventListener("abort", giveUp, { once: true });
    interrupt();
  });
  return promise;
}

/** Cuts a stream into lines and reads no further than it is asked to. */
class LineBuffer {
  readonly #input: Readable;
  readonly #decoder = new StringDecoder("utf8");
  #text = "";
  #hasEnded = false;

  constructor(input: Readable) {
    this.#input = input;
  }

  async next(signal?: AbortSignal): Promise<string | undefined> {
    while (!this.#text.includes("\n") && !this.#hasEnded && signal?.aborted !== true) await this.#readMore(signal);
    const end = this.#text.indexOf("\n");
    if (end < 0 && (!this.#hasEnded || this.#text === "")) return undefined;
    const line = end < 0 ? this.#text : this.#text.slice(0, end);
    this.#text = end < 0 ? "" : this.#text.slice(end + 1);
    return line.replace(/\r$/, "");
  }

  async #readMore(signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const onData = (chunk: Buffer | string): void => {
      this.#text += typeof chunk === "string" ? chunk : this.#decoder.write(chunk);
      resolve();
    };
    const onEnd = (): void => {
      this.#hasEnded = true;
      resolve();
    };
    const stop = (): void => resolve();
    this.#input.on("data", onData).once("end", onEnd).once("error", onEnd);
    signal?.addEventListener("abort", stop, { once: true });
    this.#input.resume();
    await promise;
    this.#input.pause();
    this.#input.off("data", onData).off("end", onEnd).off("error", onEnd);
    signal?.removeEventListener("abort", stop);
  }
}
