import type { Clock, Random, Timers } from "../runtime/runtime.ts";
import { withoutQuery } from "../runtime/transport-failure.ts";
import { Backoff, type BackoffOptions, RECOVERY_GROWTH } from "./backoff.ts";
import { WakeUp } from "./wake-up.ts";

export interface ConnectionAttemptsOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
}

const BACKOFF: BackoffOptions = { minMs: 500, maxMs: 30_000, growth: RECOVERY_GROWTH };
/** Time for which the others wait for the one that tries: a handshake that hangs holds nobody up for longer. */
const MAX_TRY_MS = 1_000;

/** State of an address, and those who wait there. */
class Address {
  readonly backoff: Backoff;
  readonly waiting = new Set<WakeUp>();
  isFailing = false;
  nextMs = 0;
  triedMs = Number.NEGATIVE_INFINITY;

  constructor(random: Random) {
    this.backoff = new Backoff(BACKOFF, random);
  }

  wake(): void {
    for (const waiter of this.waiting) waiter.wake();
  }

  /** Earliest time of the next attempt; zero where nothing failed. */
  get freeMs(): number {
    return this.isFailing ? Math.max(this.nextMs, this.triedMs + MAX_TRY_MS) : 0;
  }
}

/**
 * Attempts to connect, by address. While they fail, one is made at a time, for all who wait there; when it succeeds the
 * others follow at once. Three sockets of one address, each on its own, used up what Hyperliquid allows in a minute in an
 * outage of nine seconds, and were without data for 24 seconds more.
 */
export class ConnectionAttempts {
  readonly #options: ConnectionAttemptsOptions;
  readonly #addresses = new Map<string, Address>();

  constructor(options: ConnectionAttemptsOptions) {
    this.#options = options;
  }

  /**
   * Undefined where an attempt may be made now, else a promise that resolves when it may; rejects with `AbortError`. A URL
   * of which no end is told, because each connection has one of its own, is always free.
   */
  turn(url: string | undefined, signal: AbortSignal | undefined): Promise<void> | undefined {
    if (url === undefined) return undefined;
    const name = withoutQuery(url);
    const address = this.#addresses.get(name) ?? new Address(this.#options.random);
    this.#addresses.set(name, address);
    return this.#take(address) ? undefined : this.#wait(address, signal);
  }

  failed(url: string): void {
    const address = this.#addresses.get(withoutQuery(url));
    if (address === undefined) return;
    const nowMs = this.#options.clock.monotonic();
    address.triedMs = Number.NEGATIVE_INFINITY;
    // Attempts that were under way together failed together.
    if (!address.isFailing || nowMs >= address.nextMs) address.nextMs = nowMs + address.backoff.nextMs();
    address.isFailing = true;
    address.wake();
  }

  succeeded(url: string): void {
    const address = this.#addresses.get(withoutQuery(url));
    if (address === undefined) return;
    address.isFailing = false;
    address.backoff.reset();
    address.wake();
  }

  #take(address: Address): boolean {
    const nowMs = this.#options.clock.monotonic();
    if (nowMs < address.freeMs) return false;
    address.triedMs = nowMs;
    return true;
  }

  /** Until the address is free, which it may be sooner when something ends there. */
  async #wait(address: Address, signal: AbortSignal | undefined): Promise<void> {
    const { clock, timers } = this.#options;
    const waiter = new WakeUp(timers);
    address.waiting.add(waiter);
    try {
      do await waiter.sleep(Math.max(0, address.freeMs - clock.monotonic()), signal);
      while (!this.#take(address));
    } finally {
      address.waiting.delete(waiter);
    }
  }
}
