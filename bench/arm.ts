/** One contender of a benchmark, alive in an isolate of its own from the first pass to the last. */
export interface Arm {
  /** Takes what the next pass works on; its time does not count. */
  prepare?(input: unknown): void | Promise<void>;
  /** All of the work of one pass. What it returns are figures of its own, by name. */
  pass(): Figures | undefined | Promise<Figures | undefined>;
  /** The state that the passes have led to, for the comparison with the others'. */
  state?(): unknown;
  end?(): void | Promise<void>;
}

export type Figures = Readonly<Record<string, number>>;

/** Exports of a module of arms. */
export interface ArmModule {
  createArm(name: string, setup: unknown): Arm | Promise<Arm>;
}

/** One pass as the isolate measured it. */
export interface Pass {
  readonly wallMs: number;
  /** Time that the thread worked: what else runs on the machine, and what waits, does not count. */
  readonly cpuMs: number;
  /** Bytes that were allocated on the heap. */
  readonly bytes: number;
  readonly figures: Figures | undefined;
}

export interface ArmStart {
  /** Address of the module. */
  readonly module: string;
  readonly arm: string;
  readonly setup: unknown;
}

export type ArmRequest =
  | { readonly kind: "prepare"; readonly input: unknown }
  | { readonly kind: "pass" | "state" | "end" };

export type ArmAnswer = { readonly value: unknown } | { readonly error: string };
