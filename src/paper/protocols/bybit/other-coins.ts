import { parseAmount } from "../../engine/amount.ts";
import { UNIT } from "../../engine/types.ts";

/** USD of one: USDC, in which other perpetuals settle, and MNT, which may pay fees. */
export const OTHER_COINS: ReadonlyMap<string, bigint> = new Map([
  ["USDC", UNIT],
  ["MNT", parseAmount("0.8")],
]);
const AT_FIRST: readonly (readonly [coin: string, amount: bigint])[] = [
  ["USDC", parseAmount("250")],
  ["MNT", parseAmount("40")],
];

/**
 * Coins of accounts besides the engine's cash. They are switched off as collateral, so they count in equity alone:
 * margin is the engine's.
 */
export class OtherCoins {
  readonly #accounts = new Map<string, Map<string, bigint>>();
  readonly #hasCash: (accountId: string) => boolean;

  /** An account without cash when it is first looked at has no other coin either. */
  constructor(hasCash: (accountId: string) => boolean) {
    this.#hasCash = hasCash;
  }

  /** Lists an account's coins without those that are zero. */
  of(accountId: string): readonly (readonly [coin: string, amount: bigint])[] {
    return [...this.#account(accountId)].filter(([, amount]) => amount !== 0n);
  }

  usdValue(accountId: string): bigint {
    return this.of(accountId).reduce((total, [coin, amount]) => total + usdValueOf(coin, amount), 0n);
  }

  /** A debit where `amount` is negative; false, and nothing changes, where there is not so much. */
  credit(accountId: string, coin: string, amount: bigint): boolean {
    const account = this.#account(accountId);
    const after = (account.get(coin) ?? 0n) + amount;
    if (after < 0n) return false;
    account.set(coin, after);
    return true;
  }

  #account(accountId: string): Map<string, bigint> {
    let account = this.#accounts.get(accountId);
    if (account === undefined) {
      account = new Map(this.#hasCash(accountId) ? AT_FIRST : []);
      this.#accounts.set(accountId, account);
    }
    return account;
  }
}

export function usdValueOf(coin: string, amount: bigint): bigint {
  return (amount * (OTHER_COINS.get(coin) ?? UNIT)) / UNIT;
}
