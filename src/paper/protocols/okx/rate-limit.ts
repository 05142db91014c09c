import { RateWindows, type WindowSize } from "../rate-windows.ts";
import { tooManyRequests } from "./errors.ts";

export interface Limit extends WindowSize {
  /** True where each instrument counts apart, as for orders. */
  readonly perInstrument?: boolean;
}

export const per2s = (count: number, perInstrument = false): Limit => ({ count, windowMs: 2_000, perInstrument });

const CONNECTIONS: Limit = { count: 3, windowMs: 1_000 };

/** Limits of addresses, and of each account's endpoints (docs v5, at each endpoint); what is `off` lets all pass. */
export class RateLimiter {
  readonly isOn: boolean;
  readonly #windows = new RateWindows();

  constructor(isOn: boolean) {
    this.isOn = isOn;
  }

  /** Throws the 50011. `weight` is the number of a batch's orders. */
  take(subject: string, limit: Limit, weight: number, nowMs: number): void {
    if (!this.mayPass(subject, limit, weight, nowMs)) throw tooManyRequests();
  }

  /** Three new connections a second and address. */
  mayConnect(address: string, nowMs: number): boolean {
    return this.mayPass(`ws ${address}`, CONNECTIONS, 1, nowMs);
  }

  mayPass(subject: string, limit: Limit, weight: number, nowMs: number): boolean {
    return !this.isOn || this.#windows.of(subject, limit).take(weight, nowMs) >= 0;
  }
}
