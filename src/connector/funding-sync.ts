import type { TradingPair } from "../model/market.ts";
import type { AccountBooking } from "./account-booking.ts";
import { AccountReading } from "./account-reading.ts";
import type { AccountSyncOptions } from "./account-sync-options.ts";
import type { RowAlarms } from "./row-alarms.ts";

export interface FundingSyncOptions
  extends Pick<AccountSyncOptions, "venue" | "fundingLedger" | "context" | "tradingPairs" | "timers" | "askedAtMs"> {
  readonly booking: AccountBooking;
  readonly rowAlarms: RowAlarms;
  readonly throwFailuresOf: (reading: AccountReading) => void;
}

/** Reads funding payments over REST, from the last ones that are known on. */
export class FundingSync {
  readonly #options: FundingSyncOptions;

  constructor(options: FundingSyncOptions) {
    this.#options = options;
  }

  /** Settlements since the last ones that are known. */
  async update(signal: AbortSignal): Promise<void> {
    const { venue, fundingLedger, context, tradingPairs, timers, booking, rowAlarms } = this.#options;
    const reading = new AccountReading(context(), signal);
    const askedAtMs = this.#options.askedAtMs();
    const pairs = tradingPairs();
    const sinceMs = fundingLedger.backfillSince(pairs);
    const payments = await venue.derivative.fetchFundingPayments(reading.context, sinceMs, pairs);
    await booking.applyFundingPayments(payments, () => timers.sleep(0, signal));
    const isHeld = rowAlarms.isHeldByPayments(reading.unread("fundingPayment"));
    const behind = (pair: TradingPair) => isHeld && reading.isSilentAbout(pair, "fundingPayment");
    fundingLedger.backfilled(
      pairs.filter((pair) => !reading.failures.has(pair) && !behind(pair)),
      askedAtMs,
    );
    this.#options.throwFailuresOf(reading);
  }
}
