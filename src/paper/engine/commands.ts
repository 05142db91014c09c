import { deposit } from "./accounts.ts";
import { formatAmount } from "./amount.ts";
import { larger, smaller } from "./arithmetic.ts";
import { findAccount, refusal } from "./checks.ts";
import { deleverage, deleverageWinners } from "./deleverage.ts";
import { settleDueFunding } from "./funding.ts";
import { liquidate, liquidateAccounts } from "./liquidation.ts";
import { crossCashOf, crossEquityOf, heldMarginOf } from "./margin.ts";
import { updateMark } from "./mark.ts";
import { setIndexPrice, setMarketStatus, setTick } from "./market-commands.ts";
import { amendOrder, cancelAll, cancelOrder, placeOrder, replaceOrder } from "./order-commands.ts";
import type { EngineState } from "./records.ts";
import { findCrowdedByTime } from "./retention.ts";
import { adjustIsolatedMargin, setLeverage, setMarginMode, setPositionMode } from "./settings-commands.ts";
import { INSURANCE_ACCOUNT_ID, newAccount, type Refusal } from "./state.ts";
import type { Command } from "./types.ts";

type Of<Type extends Command["type"]> = Extract<Command, { type: Type }>;

/** Does what a command says, or answers why not; then nothing has changed. */
export function applyCommand(state: EngineState, command: Command): Refusal | null {
  switch (command.type) {
    case "placeOrder":
      return placeOrder(state, command);
    case "cancelOrder":
      return cancelOrder(state, command);
    case "cancelAll":
      return cancelAll(state, command);
    case "replaceOrder":
      return replaceOrder(state, command);
    case "openAccount":
      return openAccount(state, command);
    case "deposit":
      return depositCash(state, command);
    case "withdraw":
      return withdrawCash(state, command);
    case "amendOrder":
      return amendOrder(state, command);
    case "setLeverage":
      return setLeverage(state, command);
    case "setPositionMode":
      return setPositionMode(state, command);
    case "setMarginMode":
      return setMarginMode(state, command);
    case "adjustIsolatedMargin":
      return adjustIsolatedMargin(state, command);
    case "liquidate":
      return liquidate(state, command);
    case "deleverage":
      return deleverage(state, command);
    case "setIndexPrice":
      return setIndexPrice(state, command);
    case "setTick":
      return setTick(state, command);
    case "setMarketStatus":
      return setMarketStatus(state, command);
    case "advance":
      return advance(state);
  }
}

function openAccount(state: EngineState, { accountId, cash, retain }: Of<"openAccount">): Refusal | null {
  if (state.accounts.has(accountId) || accountId === INSURANCE_ACCOUNT_ID) {
    return refusal("accountExists", `account "${accountId}" exists`);
  }
  if (cash < 0n) return refusal("invalidAmount", `an account cannot start with ${formatAmount(cash)}`);
  const account = newAccount(accountId, state.config, retain ?? true);
  state.accounts.set(accountId, account);
  deposit(state, account, cash);
  return null;
}

function depositCash(state: EngineState, { accountId, amount }: Of<"deposit">): Refusal | null {
  const account = findAccount(state, accountId);
  if ("code" in account) return account;
  if (amount <= 0n) return refusal("invalidAmount", `a deposit of ${formatAmount(amount)} is not positive`);
  deposit(state, account, amount);
  return null;
}

function withdrawCash(state: EngineState, { accountId, amount }: Of<"withdraw">): Refusal | null {
  const account = findAccount(state, accountId);
  if ("code" in account) return account;
  if (amount <= 0n) return refusal("invalidAmount", `a withdrawal of ${formatAmount(amount)} is not positive`);
  const free = smaller(crossCashOf(account), crossEquityOf(account) - heldMarginOf(account));
  if (amount > free)
    return refusal("insufficientMargin", `no more than ${formatAmount(larger(0n, free))} can be withdrawn`);
  deposit(state, account, -amount);
  return null;
}

function advance(state: EngineState): null {
  settleDueFunding(state);
  for (const market of state.markets.values()) {
    if (market.status !== "delisted") updateMark(state, market, market.index);
  }
  liquidateAccounts(state);
  deleverageWinners(state);
  findCrowdedByTime(state);
  return null;
}
