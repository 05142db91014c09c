import { VenueUnavailableError } from "../model/error.ts";
import type { AccountSyncOptions } from "./account-sync-options.ts";
import type { PositionSync } from "./position-sync.ts";

/** Waits before a market is asked for again that a fill overtook. */
const FIRST_RETAKE_MS = 20;
const MAX_RETAKE_MS = 500;
/** Orders may come and go without an end, and a balance that is estimated from them is good enough then. */
const BALANCE_RETAKES = 5;

export interface AccountRetakesOptions extends Pick<AccountSyncOptions, "account" | "clock" | "timers" | "timings"> {
  readonly positions: Pick<PositionSync, "overtaken">;
  readonly updatePositions: (signal: AbortSignal) => Promise<readonly string[]>;
  readonly updateBalances: (signal: AbortSignal) => Promise<void>;
}

/** Asks again for what changed while it was being told. */
export class AccountRetakes {
  readonly #options: AccountRetakesOptions;

  constructor(options: AccountRetakesOptions) {
    this.#options = options;
  }

  /** Resolves with what could not be read, where anything had to be asked for again. */
  async positions(signal: AbortSignal): Promise<readonly string[] | undefined> {
    const { clock, timers, timings } = this.#options;
    const untilMs = clock.monotonic() + timings.requestTimeoutMs;
    let unread: readonly string[] | undefined;
    const { overtaken } = this.#options.positions;
    for (let waitMs = FIRST_RETAKE_MS; overtaken.size > 0; waitMs = Math.min(waitMs * 2, MAX_RETAKE_MS)) {
      if (clock.monotonic() + waitMs > untilMs) {
        throw new VenueUnavailableError(`positions on ${[...overtaken].join(", ")} change faster than they are told`, {
          code: "OVERTAKEN",
          outcome: "definite",
          hint: "fills keep coming; positions are up to date by them",
        });
      }
      await timers.sleep(waitMs, signal);
      unread = await this.#options.updatePositions(signal);
    }
    return unread;
  }

  /** Balances are asked for again while they are estimated, a few times. */
  async balances(signal: AbortSignal): Promise<void> {
    const { account, timers } = this.#options;
    for (let waitMs = 0, n = 0; account.isEstimated && n < BALANCE_RETAKES; waitMs += FIRST_RETAKE_MS, n += 1) {
      await timers.sleep(waitMs, signal);
      await this.#options.updateBalances(signal);
    }
  }
}
