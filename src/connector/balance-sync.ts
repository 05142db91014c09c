import type { Heard } from "../account/perpetual-account.ts";
import type { AccountUpdate } from "../model/account-update.ts";
import { ZERO } from "../model/decimal.ts";
import { AccountReading } from "./account-reading.ts";
import type { AccountSyncOptions } from "./account-sync-options.ts";

export interface BalanceSyncOptions extends Pick<AccountSyncOptions, "venue" | "account" | "context" | "events"> {
  /** Takes what an answer tells besides balances. */
  readonly apply: (update: AccountUpdate) => void;
}

/** Reads balances over REST, whole lists at a time. */
export class BalanceSync {
  readonly #options: BalanceSyncOptions;
  readonly #questions = { asked: 0, answered: 0 };
  #areKnown = false;

  constructor(options: BalanceSyncOptions) {
    this.#options = options;
  }

  /** True once the venue has listed them, however few there are: a new account holds nothing. */
  get areKnown(): boolean {
    return this.#areKnown;
  }

  async update(signal: AbortSignal): Promise<void> {
    const { venue, account, context } = this.#options;
    const reading = new AccountReading(context(), signal);
    this.#questions.asked += 1;
    const question = this.#questions.asked;
    const heard = account.heard;
    const updates = await venue.derivative.fetchBalances(reading.context);
    if (question < this.#questions.answered) return;
    this.#questions.answered = question;
    // Settings come first: locked margin is computed with the leverage of the same answer.
    const isSetting = ({ type }: AccountUpdate) => type === "settings";
    for (const update of updates.filter(isSetting)) this.#applyPolled(update, heard);
    for (const update of updates) if (!isSetting(update)) this.#applyPolled(update, heard);
    const unread = reading.unread("balance");
    // Venues leave out what an account no longer holds: it is gone, not as it was.
    const listed = new Set(updates.map((update) => (update.type === "balance" ? update.asset : undefined)));
    for (const { asset, timestampMs } of account.balances) {
      if (listed.has(asset) || unread.some((row) => row.asset == null || row.asset === asset)) continue;
      const nowMs = Math.max(timestampMs, context().now());
      this.#applyPolled({ type: "balance", asset, total: ZERO, available: ZERO, timestampMs: nowMs }, heard);
    }
    if (unread.length === 0) account.balancesListed();
    this.#areKnown = true;
  }

  #applyPolled(update: AccountUpdate, heardWhenAsked: Heard): void {
    const { account, events } = this.#options;
    if (update.type !== "balance") {
      this.#options.apply(update);
      return;
    }
    const balance = account.applyBalance(update, "poll", heardWhenAsked);
    if (balance !== undefined) events.emit("balance", balance);
  }
}
