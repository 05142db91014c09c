import type { Random, Timer, Timers } from "../../../runtime/runtime.ts";
import type { Login } from "../accounts.ts";

/** Life of a listen key after it was made or extended. */
export const LISTEN_KEY_MS = 3_600_000;
const KEY_LENGTH = 64;

interface Lease {
  readonly listenKey: string;
  readonly apiKey: string;
  readonly accountId: string;
  timer: Timer;
}

/** End of a listen key: nobody extended it, or its owner closed it. */
export type LeaseEnd = "expired" | "closed";

/** The listen keys that are alive, one an API key. */
export class ListenKeys {
  readonly #timers: Timers;
  readonly #random: Random;
  readonly #validityMs: number;
  readonly #onEnd: (listenKey: string, end: LeaseEnd) => void;
  readonly #byApiKey = new Map<string, Lease>();
  readonly #byListenKey = new Map<string, Lease>();

  constructor(
    ports: { readonly timers: Timers; readonly random: Random },
    validityMs: number,
    onEnd: (listenKey: string, end: LeaseEnd) => void,
  ) {
    this.#timers = ports.timers;
    this.#random = ports.random;
    this.#validityMs = validityMs;
    this.#onEnd = onEnd;
  }

  /** The key that is alive, extended, or a new one. */
  open({ apiKey, accountId }: Login): string {
    const extended = this.extend(apiKey);
    if (extended !== undefined) return extended;
    const listenKey = this.#random.hex(KEY_LENGTH);
    const lease = { listenKey, apiKey, accountId, timer: this.#arm(apiKey) };
    this.#byApiKey.set(apiKey, lease);
    this.#byListenKey.set(listenKey, lease);
    return listenKey;
  }

  /** Undefined when none is alive. */
  extend(apiKey: string): string | undefined {
    const lease = this.#byApiKey.get(apiKey);
    if (lease === undefined) return undefined;
    lease.timer.cancel();
    lease.timer = this.#arm(apiKey);
    return lease.listenKey;
  }

  close(apiKey: string): void {
    this.#end(apiKey, "closed");
  }

  /** Lets the keys that are alive expire now. */
  expireAll(): void {
    for (const apiKey of [...this.#byApiKey.keys()]) this.#end(apiKey, "expired");
  }

  expire(listenKey: string): void {
    const apiKey = this.#byListenKey.get(listenKey)?.apiKey;
    if (apiKey !== undefined) this.#end(apiKey, "expired");
  }

  accountOf(listenKey: string): string | undefined {
    return this.#byListenKey.get(listenKey)?.accountId;
  }

  /** Listen keys that are alive, with their accounts. */
  *alive(): Iterable<readonly [listenKey: string, accountId: string]> {
    for (const { listenKey, accountId } of this.#byListenKey.values()) yield [listenKey, accountId];
  }

  stop(): void {
    for (const { timer } of this.#byApiKey.values()) timer.cancel();
  }

  #arm(apiKey: string): Timer {
    return this.#timers.after(this.#validityMs, () => this.#end(apiKey, "expired"), { background: true });
  }

  #end(apiKey: string, end: LeaseEnd): void {
    const lease = this.#byApiKey.get(apiKey);
    if (lease === undefined) return;
    lease.timer.cancel();
    this.#byApiKey.delete(apiKey);
    this.#byListenKey.delete(lease.listenKey);
    this.#onEnd(lease.listenKey, end);
  }
}
