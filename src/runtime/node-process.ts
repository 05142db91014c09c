import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { createNodeInput } from "./node-input.ts";
import type { ChildProcess, ChildProcessEnd, ProcessPort, SpawnOptions, StopSignal } from "./runtime.ts";

const COLUMNS_WITHOUT_TERMINAL = 80;
const ROWS_WITHOUT_TERMINAL = 24;
/** Run by npm, a process gets Ctrl-C twice: from the terminal, and from npm, which passes it on. */
const SAME_SIGNAL_MS = 200;
const STOP_SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM"];

export function createNodeProcess(): ProcessPort {
  process.stdout.on("error", endWhenNobodyReads);
  const writePrompt = (text: string): void => void process.stderr.write(text);
  const interrupt = (): void => {
    if (!process.emit("SIGINT", "SIGINT")) process.kill(process.pid, "SIGINT");
  };
  // Input is made when it is first asked for: touching standard input opens it.
  const input = () => createNodeInput({ input: process.stdin, writePrompt, interrupt, onContinue });
  let opened: ReturnType<typeof input> | undefined;
  const lines = () => {
    opened ??= input();
    return opened;
  };
  return {
    args: process.argv.slice(2),
    environment: process.env,
    workingDirectory: process.cwd(),
    get isTerminal() {
      return process.stdout.isTTY === true;
    },
    get isErrorTerminal() {
      return process.stderr.isTTY === true;
    },
    get isInputTerminal() {
      return process.stdin.isTTY === true;
    },
    get columns() {
      return process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL;
    },
    get rows() {
      return process.stdout.rows ?? ROWS_WITHOUT_TERMINAL;
    },
    writeOut: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    inputLines: (signal) => createInterface({ input: process.stdin, ...(signal === undefined ? {} : { signal }) }),
    readLine: (prompt, signal) => lines().readLine(prompt, signal),
    readSecret: (prompt, signal) => lines().readSecret(prompt, signal),
    dropTyped: async () => opened?.dropTyped(),
    endInput: async () => opened?.endInput(),
    setExitCode: (code) => {
      process.exitCode = code;
    },
    exit: (code) => process.exit(code),
    onStopSignal,
    spawnNode,
  };
}

/** `perpwire markets | head -1`: the reader has gone, which is no fault. */
function endWhenNobodyReads(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(0);
}

function onContinue(listener: () => void): () => void {
  process.on("SIGCONT", listener);
  return () => process.off("SIGCONT", listener);
}

function onStopSignal(listener: (signal: StopSignal) => void): () => void {
  const heardMs = new Map<StopSignal, number>();
  const onSignal = (signal: StopSignal) => {
    const lastMs = heardMs.get(signal) ?? Number.NEGATIVE_INFINITY;
    heardMs.set(signal, performance.now());
    if (performance.now() - lastMs > SAME_SIGNAL_MS) listener(signal);
  };
  for (const signal of STOP_SIGNALS) process.on(signal, onSignal);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, onSignal);
  };
}

/**
 * Environment variables that Node.js needs to run and to find its files, on every system; without the keys and
 * passwords that lie beside them.
 */
const INHERITED =
  /^(path|pathext|home|userprofile|te?mp|tmpdir|systemroot|systemdrive|comspec|lang|lc_.*|tz|term|no_color|force_color|node_options|node_v8_coverage)$/i;

function inherited(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => INHERITED.test(name)));
}

function spawnNode(script: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const detached = options.detached === true;
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...inherited(process.env), ...options.environment },
    detached,
    windowsHide: true,
  });
  if (!detached) child.stdin.end();
  return new NodeChildProcess(child);
}

class NodeChildProcess implements ChildProcess {
  readonly ended: Promise<ChildProcessEnd>;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #hasEnded = false;

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.ended = new Promise((resolve) => {
      const end = (code: number | null, signal: string | null) => {
        this.#hasEnded = true;
        resolve({ code: code ?? undefined, signal: signal ?? undefined });
      };
      child.once("error", () => end(null, null));
      child.once("exit", end);
    });
  }

  get id(): number | undefined {
    return this.#child.pid;
  }

  lines(): AsyncIterable<string> {
    return createInterface({ input: this.#child.stdout });
  }

  kill(signal: StopSignal | "SIGKILL" = "SIGTERM"): void {
    if (!this.#hasEnded) this.#child.kill(signal);
  }
}
