import type { Timer, Timers } from "../runtime/runtime.ts";

/** Rules for keeping a connection alive and noticing its death. */
export interface Heartbeat {
  readonly intervalMs: number;
  /** A protocol ping, or the message the venue wants. */
  readonly ping: "protocol" | (() => unknown);
  /** Time after a ping within which something, anything, must arrive. */
  readonly timeoutMs: number;
}

export interface WsHeartbeatOptions {
  readonly heartbeat: Heartbeat;
  readonly timers: Timers;
  ping(): void;
  /** Called once: nothing arrived in time after a ping. */
  onSilence(): void;
}

/** Pings in intervals and reports silence. */
export class WsHeartbeat {
  readonly #options: WsHeartbeatOptions;
  #pingTimer: Timer;
  #deadline: Timer | undefined;
  #isSilent = false;

  constructor(options: WsHeartbeatOptions) {
    this.#options = options;
    this.#pingTimer = this.#schedule();
  }

  received(): void {
    this.#isSilent = false;
  }

  stop(): void {
    this.#pingTimer.cancel();
    this.#deadline?.cancel();
  }

  #schedule(): Timer {
    const { heartbeat, timers } = this.#options;
    return timers.after(heartbeat.intervalMs, () => this.#beat());
  }

  #beat(): void {
    const { heartbeat, timers, ping } = this.#options;
    this.#pingTimer = this.#schedule();
    if (this.#deadline === undefined) {
      this.#isSilent = true;
      this.#deadline = timers.after(heartbeat.timeoutMs, () => this.#judge());
    }
    ping();
  }

  #judge(): void {
    this.#deadline = undefined;
    if (!this.#isSilent) return;
    this.stop();
    this.#options.onSilence();
  }
}
