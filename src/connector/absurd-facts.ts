import type { AccountUpdate } from "../model/account-update.ts";
import type { Balance } from "../model/balance.ts";
import type { VenueMarkets } from "../model/venue-markets.ts";
import type { RowSubject, UnreadableRow } from "../net/rows.ts";

const SUBJECTS: Readonly<Partial<Record<AccountUpdate["type"], RowSubject>>> = {
  order: "order",
  trade: "fill",
  position: "position",
  positionAdjustment: "position",
  balance: "balance",
  fundingPayment: "fundingPayment",
};

/** Describes a fact that cannot be true, as a row that was left out. */
export function absurdRow(update: AccountUpdate, reason: string, { byPair }: VenueMarkets): UnreadableRow {
  const ids = update.type === "order" || update.type === "trade" ? update : undefined;
  const pair = "tradingPair" in update ? update.tradingPair : undefined;
  return {
    what: `an update of kind ${update.type}`,
    reason,
    row: update,
    isAbsurd: true,
    subject: SUBJECTS[update.type],
    clientOrderId: ids?.clientOrderId,
    exchangeOrderId: ids?.exchangeOrderId,
    symbol: pair === undefined ? undefined : byPair.get(pair)?.symbol,
    asset: update.type === "balance" ? update.asset : undefined,
  };
}

/**
 * Reason why a pushed balance is not taken as it is: coins can be borrowed, but one that was not may as well be
 * garbled. The venue's list decides.
 */
export function doubtfulBalance(update: AccountUpdate, known: readonly Balance[]): string | undefined {
  if (update.type !== "balance" || update.total?.lt(0) !== true) return undefined;
  const before = known.find(({ asset }) => asset === update.asset);
  return before?.total.lt(0) === true ? undefined : `a balance of ${update.total.toFixed()} ${update.asset}`;
}
