import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { ChildProcess, ChildProcessEnd, ProcessPort, SpawnOptions, StopSignal } from "./runtime.ts";

const COLUMNS_WITHOUT_TERMINAL = 80;
const STOP_SIGNALS: readonly StopSignal[] = ["SIGINT", "SIGTERM"];

export function createNodeProcess(): ProcessPort {
  process.stdout.on("error", endWhenNobodyReads);
  return {
    args: process.argv.slice(2),
    environment: process.env,
    workingDirectory: process.cwd(),
    get isTerminal() {
      return process.stdout.isTTY === true;
    },
    get columns() {
      return process.stdout.columns ?? COLUMNS_WITHOUT_TERMINAL;
    },
    writeOut: (text) => void process.stdout.write(text),
    writeError: (text) => void process.stderr.write(text),
    inputLines: () => createInterface({ input: process.stdin }),
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

function onStopSignal(listener: (signal: StopSignal) => void): () => void {
  for (const signal of STOP_SIGNALS) process.on(signal, listener);
  return () => {
    for (const signal of STOP_SIGNALS) process.off(signal, listener);
  };
}

function spawnNode(script: string, args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  const detached = options.detached === true;
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], {
    stdio: [detached ? "pipe" : "ignore", "pipe", "inherit"],
    env: { ...process.env, ...options.environment },
    detached,
    windowsHide: true,
  });
  return new NodeChildProcess(child);
}

class NodeChildProcess implements ChildProcess {
  readonly ended: Promise<ChildProcessEnd>;
  readonly #child: ChildProcessByStdio<Writable | null, Readable, null>;
  #hasEnded = false;

  constructor(child: ChildProcessByStdio<Writable | null, Readable, null>) {
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
