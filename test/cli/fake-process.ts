import type { ChildProcess, ProcessPort, StopSignal } from "../../src/runtime/runtime.ts";

export class ExitedError extends Error {
  readonly code: number;
  constructor(code: number) {
    super(`exited with ${code}`);
    this.code = code;
  }
}

/** A process that keeps what is written and can be sent signals. */
export class FakeProcess implements ProcessPort {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly isTerminal: boolean;
  readonly isInputTerminal: boolean;
  readonly isErrorTerminal: boolean;
  readonly columns: number;
  readonly rows = 24;
  out = "";
  error = "";
  exitCode = 0;
  hasEndedInput = false;
  timesDropped = 0;
  /** What was asked for without showing what is typed. */
  readonly secretPrompts: string[] = [];
  readonly #input: string[];
  readonly #listeners = new Set<(signal: StopSignal) => void>();
  readonly #waiting = new Set<() => void>();

  constructor(
    args: readonly string[],
    options: {
      environment?: Record<string, string>;
      isTerminal?: boolean;
      isInputTerminal?: boolean;
      isErrorTerminal?: boolean;
      input?: readonly string[];
      workingDirectory?: string;
      columns?: number;
    } = {},
  ) {
    this.args = args;
    this.workingDirectory = options.workingDirectory ?? "/project";
    this.environment = options.environment ?? {};
    this.isTerminal = options.isTerminal ?? false;
    this.columns = options.columns ?? 120;
    this.isInputTerminal = options.isInputTerminal ?? false;
    this.isErrorTerminal = options.isErrorTerminal ?? false;
    this.#input = [...(options.input ?? [])];
  }

  writeOut(text: string): void {
    this.out += text;
    this.#notify();
  }

  writeError(text: string): void {
    this.error += text;
    this.#notify();
  }

  async *inputLines(): AsyncGenerator<string> {}

  async readLine(prompt: string): Promise<string | undefined> {
    this.writeError(prompt);
    return this.#input.shift();
  }

  async readSecret(prompt: string): Promise<string | undefined> {
    this.secretPrompts.push(prompt);
    return this.readLine(prompt);
  }

  async dropTyped(): Promise<void> {
    this.timesDropped += 1;
  }

  async endInput(): Promise<void> {
    this.hasEndedInput = true;
  }

  setExitCode(code: number): void {
    this.exitCode = code;
  }

  exit(code: number): never {
    this.exitCode = code;
    throw new ExitedError(code);
  }

  onStopSignal(listener: (signal: StopSignal) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  spawnNode(script: string): ChildProcess {
    throw new Error(`no command spawns ${script}`);
  }

  get listensToSignals(): boolean {
    return this.#listeners.size > 0;
  }

  signal(signal: StopSignal): void {
    for (const listener of [...this.#listeners]) listener(signal);
  }

  /** Resolves as soon as `isTrue`, which is asked after every write. */
  async until(isTrue: (process: FakeProcess) => boolean): Promise<void> {
    while (!isTrue(this)) {
      const written = Promise.withResolvers<void>();
      this.#waiting.add(written.resolve);
      await written.promise;
    }
  }

  get outLines(): readonly string[] {
    return this.out.split("\n").slice(0, -1);
  }

  // biome-ignore lint/suspicious/noExplicitAny: the shape of what is printed is what the tests look at
  get json(): any {
    return JSON.parse(this.outLines.at(-1) ?? "");
  }

  #notify(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }
}
