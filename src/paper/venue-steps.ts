import type { Clock, Timer, Timers } from "../runtime/runtime.ts";
import type { Command } from "./engine/types.ts";
import type { FaultPolicy } from "./fault-policy.ts";
import type { SyntheticFlow } from "./market/synthetic-flow.ts";
import type { ProtocolSet } from "./protocols/protocol-set.ts";
import type { VenueDoor } from "./venue-door.ts";
import type { PaperVenueOptions } from "./venue-options.ts";

const FLOW_STEP_MS = 50;
const ADVANCE_MS = 100;
const IDLE_ADVANCE_MS = 1_000;
/** A market that moves as seldom as this loses nothing where what is due is done up to a second late. */
const SLOW_FLOW_MS = 10_000;
const FAULT_STEP_MS = 1_000;

export interface VenueStepsOptions {
  readonly venue: Pick<PaperVenueOptions, "quiet" | "flowStepMs">;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly faults: FaultPolicy;
  readonly apis: ProtocolSet;
  readonly door: VenueDoor;
  readonly flow: SyntheticFlow | undefined;
  /** The venue's time. */
  readonly now: () => number;
  readonly nextFundingMs: () => number;
  readonly execute: (command: Command) => void;
  readonly restart: () => void;
}

/** Work of a paper venue that repeats: time that goes by in its engine, faults by chance, simulated order flow. */
export class VenueSteps {
  readonly #options: VenueStepsOptions;
  readonly #timers = new Map<string, Timer>();

  constructor(options: VenueStepsOptions) {
    this.#options = options;
  }

  start(): void {
    const { venue, now, execute } = this.#options;
    const { quiet, flowStepMs = FLOW_STEP_MS } = venue;
    const flow = quiet === true ? undefined : this.#options.flow;
    // Each step of the flow advances as well.
    const isDriven = flow !== undefined && flowStepMs <= ADVANCE_MS;
    const advanceMs = isDriven || flowStepMs >= SLOW_FLOW_MS ? IDLE_ADVANCE_MS : ADVANCE_MS;
    this.#repeat(
      "advance",
      () => this.#msToAdvance(advanceMs),
      () => void execute({ type: "advance" }),
    );
    this.#repeat(
      "faults",
      () => FAULT_STEP_MS,
      () => this.#stepFaults(),
    );
    if (flow === undefined) return;
    this.#repeat(
      "flow",
      () => flowStepMs / flow.shares,
      () => flow.stepShare(now()),
    );
  }

  stop(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }

  #repeat(name: string, delayMs: () => number, work: () => void): void {
    const run = () => {
      work();
      this.#timers.set(name, this.#options.timers.after(delayMs(), run, { background: true }));
    };
    this.#timers.set(name, this.#options.timers.after(delayMs(), run, { background: true }));
  }

  /** Funding is settled at its time, not up to a step later. */
  #msToAdvance(mostMs: number): number {
    return Math.max(0, Math.min(mostMs, this.#options.nextFundingMs() - this.#options.now()));
  }

  #stepFaults(): void {
    const { faults, apis, clock, door, restart } = this.#options;
    const { restartEveryMs } = faults.config;
    if (restartEveryMs !== undefined && clock.monotonic() - door.startedMs >= restartEveryMs) {
      restart();
      return;
    }
    for (const [gate, client] of door.connections) {
      if (faults.happens("disconnect")) gate.terminate();
      else if (faults.happens("expireLogin")) client.expireLogin?.();
    }
    if (apis.hasListenKeys && faults.happens("expireListenKey")) apis.expireListenKeys();
  }
}
