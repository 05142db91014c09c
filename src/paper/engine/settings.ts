import type { Account, Market, Settings } from "./records.ts";

/** Settings on a market: its own, and the account's where it has none. */
export function settingsOf(account: Account, market: Market): Settings {
  if (account.marketSettings.size === 0) return account.settings;
  const own = account.marketSettings.get(market.spec.market);
  return own === undefined ? account.settings : { ...account.settings, ...own };
}

export function changeSettings(account: Account, market: Market | null, change: Partial<Settings>): void {
  if (market === null) {
    account.settings = { ...account.settings, ...change };
    return;
  }
  const name = market.spec.market;
  account.marketSettings.set(name, { ...account.marketSettings.get(name), ...change });
}

/** Lets the account's setting hold on all markets again. */
export function forgetMarketSettings(account: Account, key: keyof Settings): void {
  for (const [market, own] of account.marketSettings) {
    const { [key]: _, ...rest } = own;
    account.marketSettings.set(market, rest);
  }
}
