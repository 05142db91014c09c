import type { Random } from "../runtime/runtime.ts";
import type { FaultConfig } from "./faults.ts";
import type { RequestFault, RequestKind } from "./protocols/paper-protocol.ts";
import { type PROBABILITIES, validateFaults } from "./read-faults.ts";

const LATE_MS: readonly [number, number] = [100, 2_000];

/** Live control over what goes wrong; the runtime's random numbers decide when. */
export class FaultPolicy {
  readonly #random: Random;
  readonly #monotonicMs: () => number;
  #config: FaultConfig = {};
  #isQuiet = true;
  #setMs = 0;

  constructor(random: Random, monotonicMs: () => number, config: FaultConfig = {}) {
    this.#random = random;
    this.#monotonicMs = monotonicMs;
    this.set(config);
  }

  get config(): FaultConfig {
    return this.#config;
  }

  /** Replaces everything that was set before. Throws `ConfigError`. */
  set(config: FaultConfig): void {
    this.#config = validateFaults(config);
    this.#isQuiet = Object.keys(this.#config).length === 0;
    this.#setMs = this.#monotonicMs();
  }

  clear(): void {
    this.set({});
  }

  /** True while no fault is set at all. */
  get isQuiet(): boolean {
    return this.#isQuiet;
  }

  get clockSkewMs(): number {
    return this.#config.clockSkewMs ?? 0;
  }

  /** Draws the time that the next message is under way. */
  latencyMs(): number {
    const { latencyMs } = this.#config;
    return latencyMs === undefined ? 0 : this.#within(latencyMs);
  }

  /** Draws the delay of a late message. */
  lateMs(): number {
    return this.#within(this.#config.lateMs ?? LATE_MS);
  }

  happens(name: (typeof PROBABILITIES)[number]): boolean {
    const probability = this.#config[name];
    return typeof probability === "number" && probability > 0 && this.#random.float() < probability;
  }

  /** Tells that a fault may happen at all. */
  isOn(name: (typeof PROBABILITIES)[number]): boolean {
    return typeof this.#config[name] === "number" && this.#config[name] > 0;
  }

  /** Decides if a 429 says when to come again. */
  tellsRetryAfter(): boolean {
    const { retryAfter = "always" } = this.#config;
    return retryAfter === "always" || (retryAfter === "sometimes" && this.#random.integer(2) === 0);
  }

  isInMaintenance(): boolean {
    const { maintenance } = this.#config;
    if (maintenance === undefined) return false;
    const { everyMs, forMs } = maintenance;
    return (this.#monotonicMs() - this.#setMs) % everyMs >= everyMs - forMs;
  }

  /** Draws the fault of a request of this kind. */
  requestFault(kind: RequestKind): RequestFault | undefined {
    if (this.happens("error418")) return "error418";
    if (this.happens("error429")) return "error429";
    if (kind === "snapshot" && this.happens("errorSnapshot")) return "error5xxBefore";
    if (kind === "login" && this.happens("refuseLogin")) return "error5xxBefore";
    if (this.happens("error5xx")) return this.#random.integer(2) === 0 ? "error5xxBefore" : "error5xxAfter";
    if (kind !== "order" && kind !== "change") return undefined;
    if (this.happens("resetBeforeAccept")) return "resetBefore";
    return this.happens(kind === "order" ? "resetAfterAccept" : "resetAfterEffect") ? "resetAfter" : undefined;
  }

  /** Tells that a channel that was subscribed at `subscribedMs` (monotonic) is silenced now. */
  isSilenced(channel: string, market: string | null, subscribedMs: number): boolean {
    const dead = this.#config.deadChannel;
    if (typeof dead !== "object" || dead.channel !== channel) return false;
    if (dead.market !== undefined && dead.market !== market) return false;
    if (dead.forMs === undefined) return subscribedMs <= this.#setMs;
    return this.#monotonicMs() < this.#setMs + dead.forMs;
  }

  #within([least, most]: readonly [number, number]): number {
    return least + this.#random.float() * (most - least);
  }
}
