import { createInterface, type Interface } from "node:readline";
import { type Readable, Writable } from "node:stream";
import { StringDecoder } from "node:string_decoder";
import type { ProcessPort } from "./runtime.ts";

export interface NodeInputOptions {
  readonly input: Readable & { readonly isTTY?: boolean | undefined; setRawMode?(mode: boolean): unknown };
  writePrompt(text: string): void;
  /** Ctrl-C was typed while the terminal was in raw mode, where it makes no signal by itself. */
  interrupt(): void;
  /** Calls `listener` whenever the process goes on after it was stopped; returns what ends that. */
  onContinue(listener: () => void): () => void;
}

export type NodeInput = Pick<ProcessPort, "readLine" | "readSecret" | "dropTyped" | "endInput">;

/** Time within which the next piece of pasted text arrives. */
const PASTE_PAUSE_MS = 50;

/** Lines of standard input, one at a time: between two of them nothing keeps the process alive, unless one was secret. */
export function createNodeInput(options: NodeInputOptions): NodeInput {
  const { input, writePrompt } = options;
  const buffer = new LineBuffer(input);
  let keyboard: Keyboard | undefined;
  const readLine = (prompt: string, signal?: AbortSignal): Promise<string | undefined> => {
    if (keyboard !== undefined) return keyboard.readLine(prompt, signal);
    writePrompt(prompt);
    return buffer.next(signal);
  };
  const readSecret = (prompt: string, signal?: AbortSignal): Promise<string | undefined> => {
    if (input.isTTY !== true || (keyboard === undefined && buffer.hasLine)) return readLine(prompt, signal);
    // Echo must be off for a person who types as soon as the prompt shows.
    keyboard ??= new Keyboard(options);
    return keyboard.readSecret(prompt, signal);
  };
  return {
    readLine,
    readSecret,
    dropTyped: async () => keyboard?.drop(),
    endInput: async () => {
      await keyboard?.drop();
      keyboard?.close();
    },
  };
}

/**
 * A terminal in raw mode, for as long as it is open. Whoever pastes several lines, or types on after a wrong password, types
 * secrets: what nobody reads must not be left for the shell, which would show it and keep it in its history.
 */
class Keyboard {
  readonly #options: NodeInputOptions;
  readonly #lines: Interface;
  readonly #typed: string[] = [];
  #isShown = false;
  /** The question that is open without an echo; undefined while none is. */
  #prompt: string | undefined;
  readonly #removeOnContinue: () => void;
  #isClosed = false;
  #wakeReader = (): void => {};

  constructor(options: NodeInputOptions) {
    this.#options = options;
    const { input } = options;
    const output = new Writable({
      write: (chunk, _encoding, done) => {
        if (this.#isShown) options.writePrompt(String(chunk));
        done();
      },
    });
    // Readline puts the terminal into raw mode.
    this.#lines = createInterface({ input, output, terminal: true, historySize: 0 });
    this.#lines.on("line", (line) => {
      this.#typed.push(line);
      this.#wakeReader();
    });
    this.#lines.on("close", () => {
      this.#isClosed = true;
      this.#wakeReader();
    });
    // The signal comes a moment later and decides what happens: an empty answer now would be taken for one.
    this.#lines.on("SIGINT", () => options.interrupt());
    // Ctrl-Z and `fg` leave readline's input paused: the process ended, and the shell got the rest of a password.
    this.#lines.on("SIGCONT", () => this.#lines.resume());
    this.#removeOnContinue = options.onContinue(() => this.#continue());
  }

  /** A shell takes the terminal out of raw mode while the process is stopped, and Node sets no mode that it has set before. */
  #continue(): void {
    if (this.#isClosed) return;
    this.#options.input.setRawMode?.(false);
    this.#options.input.setRawMode?.(true);
    if (this.#prompt !== undefined) this.#options.writePrompt(this.#prompt);
  }

  async readSecret(prompt: string, signal?: AbortSignal): Promise<string | undefined> {
    this.#prompt = prompt;
    this.#options.writePrompt(prompt);
    const line = await this.#next(signal);
    this.#prompt = undefined;
    this.#options.writePrompt("\n");
    return line;
  }

  async readLine(prompt: string, signal?: AbortSignal): Promise<string | undefined> {
    this.#isShown = true;
    this.#lines.setPrompt(prompt);
    if (!this.#isClosed) this.#lines.prompt();
    const line = await this.#next(signal);
    this.#isShown = false;
    return line;
  }

  async drop(): Promise<void> {
    if (!this.#isClosed) await new Promise((resolve) => setTimeout(resolve, PASTE_PAUSE_MS));
    this.#typed.length = 0;
  }

  close(): void {
    this.#removeOnContinue();
    this.#lines.close();
  }

  async #next(signal: AbortSignal | undefined): Promise<string | undefined> {
    while (this.#typed.length === 0 && !this.#isClosed && signal?.aborted !== true) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wakeReader = resolve;
      signal?.addEventListener("abort", () => resolve(), { once: true });
      await promise;
    }
    return signal?.aborted === true ? undefined : this.#typed.shift();
  }
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

  get hasLine(): boolean {
    return this.#text.includes("\n");
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
