import { markChanged } from "./accounts.ts";
import { formatAmount } from "./amount.ts";
import { absolute, smaller } from "./arithmetic.ts";
import { findAccount, findMarket, refusal } from "./checks.ts";
import {
  crossEquityOf,
  heldMarginOf,
  isolatedEquityOf,
  movableCash,
  positionMarginOf,
  shortfallWith,
} from "./margin.ts";
import { findPosition, positionsOn } from "./position.ts";
import type { Account, EngineState, Market } from "./records.ts";
import { changeSettings, forgetMarketSettings, settingsOf } from "./settings.ts";
import type { Refusal } from "./state.ts";
import { type SettingCommand, UNIT } from "./types.ts";

type Of<Type extends SettingCommand["type"]> = Extract<SettingCommand, { type: Type }>;

interface Scope {
  readonly account: Account;
  /** Null for the account as a whole. */
  readonly market: Market | null;
}

function findScope(state: EngineState, command: { accountId: string; market?: string }): Scope | Refusal {
  const account = findAccount(state, command.accountId);
  if ("code" in account) return account;
  if (command.market === undefined) return { account, market: null };
  const market = findMarket(state, command.market);
  return "code" in market ? market : { account, market };
}

/** The market's name for an event; nothing for the account as a whole. */
function named(market: Market | null): { readonly market?: string } {
  return market === null ? {} : { market: market.spec.market };
}

export function setLeverage(state: EngineState, command: Of<"setLeverage">): Refusal | null {
  const scope = findScope(state, command);
  if ("code" in scope) return scope;
  const { account, market } = scope;
  const { accountId, leverage } = command;
  const refused = checkLeverage(state, scope, leverage);
  if (refused !== null) return refused;
  const present = market === null ? account.settings.leverage : settingsOf(account, market).leverage;
  if (leverage < present) {
    const missing = shortfallWith(account, (position) => {
      const own = account.marketSettings.get(position.market.spec.market)?.leverage;
      const isConcerned = market === null ? own === undefined : position.market === market;
      return isConcerned ? leverage : (own ?? account.settings.leverage);
    });
    if (missing > 0n)
      return refusal(
        "insufficientMargin",
        `leverage ${formatAmount(leverage)} needs ${formatAmount(missing)} more collateral`,
      );
  }
  changeSettings(account, market, { leverage });
  state.events.push({ type: "leverageChanged", accountId, leverage, ...named(market) });
  return null;
}

function checkLeverage(state: EngineState, { account, market }: Scope, leverage: bigint): Refusal | null {
  let highest = UNIT;
  for (const { spec } of market === null ? state.markets.values() : [market]) {
    if (spec.maxLeverage > highest) highest = spec.maxLeverage;
  }
  if (leverage < UNIT || leverage > highest)
    return refusal(
      "invalidLeverage",
      `leverage ${formatAmount(leverage)} is not between 1 and ${formatAmount(highest)}`,
    );
  if (market !== null && settingsOf(account, market).leverage === leverage)
    return refusal("leverageUnchanged", `leverage is ${formatAmount(leverage)} already`);
  return null;
}

export function setPositionMode(state: EngineState, command: Of<"setPositionMode">): Refusal | null {
  return setMode(state, command, "positionMode", command.mode, (market) => {
    const { accountId, mode } = command;
    state.events.push({ type: "positionModeChanged", accountId, mode, ...named(market) });
  });
}

export function setMarginMode(state: EngineState, command: Of<"setMarginMode">): Refusal | null {
  return setMode(state, command, "marginMode", command.mode, (market) => {
    const { accountId, mode } = command;
    state.events.push({ type: "marginModeChanged", accountId, mode, ...named(market) });
  });
}

/** A mode changes only where there is no position and no order that it would change the meaning of. */
function setMode<Key extends "positionMode" | "marginMode">(
  state: EngineState,
  command: Of<"setPositionMode" | "setMarginMode">,
  key: Key,
  mode: Account["settings"][Key],
  report: (market: Market | null) => void,
): Refusal | null {
  const scope = findScope(state, command);
  if ("code" in scope) return scope;
  const { account, market } = scope;
  const markets = market === null ? [...state.markets.values()] : [market];
  const isSet = markets.every((one) => settingsOf(account, one)[key] === mode);
  if (isSet && (market !== null || account.settings[key] === mode))
    return refusal("unchanged", `the mode is "${mode}" already`);
  for (const one of markets) {
    if (positionsOn(account, one).some(({ size }) => size !== 0n))
      return refusal("positionsOpen", `a position is open on ${one.spec.market}`);
  }
  for (const one of markets) {
    if ((account.marketOrders.get(one.spec.market)?.size ?? 0) > 0)
      return refusal("ordersOpen", `orders are open on ${one.spec.market}`);
  }
  if (market === null) forgetMarketSettings(account, key);
  changeSettings(account, market, { [key]: mode });
  report(market);
  return null;
}

export function adjustIsolatedMargin(state: EngineState, command: Of<"adjustIsolatedMargin">): Refusal | null {
  const { accountId, amount, positionSide = "both" } = command;
  const account = findAccount(state, accountId);
  if ("code" in account) return account;
  const market = findMarket(state, command.market);
  if ("code" in market) return market;
  if (settingsOf(account, market).marginMode !== "isolated")
    return refusal("notIsolated", `${command.market} is not in isolated margin mode`);
  const position = findPosition(account, market, positionSide);
  if (position === undefined || position.size === 0n)
    return refusal("noPosition", `no open position "${positionSide}" on ${command.market}`);
  if (amount === 0n) return refusal("invalidAmount", "an amount of zero moves nothing");
  const spare = smaller(position.isolatedMargin, isolatedEquityOf(position) - positionMarginOf(position));
  const free = smaller(movableCash(account), crossEquityOf(account) - heldMarginOf(account));
  const allowed = amount > 0n ? free : spare;
  if (absolute(amount) > allowed)
    return refusal("insufficientMargin", `no more than ${formatAmount(allowed > 0n ? allowed : 0n)} can be moved`);
  position.isolatedMargin += amount;
  markChanged(state, position);
  const { isolatedMargin } = position;
  state.events.push({
    type: "isolatedMarginAdjusted",
    accountId,
    market: command.market,
    positionSide,
    amount,
    isolatedMargin,
  });
  return null;
}
