import type { ProcessPort, Runtime } from "../../../src/runtime/runtime.ts";

/** Context of every command: the process around it and, when it needs one, the world. */
export interface Cli {
  readonly process: ProcessPort;
  /** Loaded when it is first asked for, so that `--help` loads nothing. */
  runtime(): Promise<Runtime>;
  /** Texts that no output may hold; what is read from the configuration is added. */
  readonly secrets: Set<string>;
}

/** The flag that every command has. */
export interface OutputFlags {
  readonly json?: boolean | undefined;
}
