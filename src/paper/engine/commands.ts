import { deposit } from "./accounts.ts";
import { formatAmount } from "./amount.ts";
import { checkOrder, findAccount, findMarket, findOpenOrder, refusal } from "./checks.ts";
import { settleDueFunding } from "./funding.ts";
import { liquidateAccounts } from "./liquidation.ts";
import { equityOf, initialMarginOf } from "./margin.ts";
import { updateMark } from "./mark.ts";
import { runOrder } from "./matching.ts";
import { remaining } from "./order.ts";
import { acceptOrder, closeOrder, type OrderRequest } from "./orders.ts";
import { type EngineState, INSURANCE_ACCOUNT_ID, newAccount, type Refusal } from "./state.ts";
import { type Command, UNIT } from "./types.ts";

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
    case "setLeverage":
      return setLeverage(state, command);
    case "setIndexPrice":
      return setIndexPrice(state, command);
    case "advance":
      return advance(state);
  }
}

function openAccount(state: EngineState, { accountId, cash, retain }: Of<"openAccount">): Refusal | null {
  if (state.accounts.has(accountId) || accountId === INSURANCE_ACCOUNT_ID) {
    return refusal("accountExists", `account "${accountId}" exists`);
  }
  if (cash < 0n) return refusal("invalidAmount", `an account cannot start with ${formatAmount(cash)}`);
  const account = newAccount(accountId, state.config.defaultLeverage, retain ?? true);
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

function placeOrder(state: EngineState, command: Of<"placeOrder">): Refusal | null {
  const account = findAccount(state, command.accountId);
  if ("code" in account) return account;
  const market = findMarket(state, command.market);
  if ("code" in market) return market;
  const { side, orderType, price, size, timeInForce, postOnly, reduceOnly, clientId } = command;
  const request: OrderRequest = {
    account,
    market,
    side,
    orderType,
    price,
    size,
    timeInForce,
    postOnly,
    reduceOnly,
    liquidation: false,
    clientId,
  };
  const refused = checkOrder(request, null);
  if (refused !== null) return refused;
  runOrder(state, acceptOrder(state, request));
  return null;
}

function cancelOrder(state: EngineState, { accountId, orderId }: Of<"cancelOrder">): Refusal | null {
  const account = findAccount(state, accountId);
  if ("code" in account) return account;
  const order = findOpenOrder(account, orderId);
  if ("code" in order) return order;
  closeOrder(state, order, "user");
  return null;
}

function cancelAll(state: EngineState, command: Of<"cancelAll">): Refusal | null {
  const account = findAccount(state, command.accountId);
  if ("code" in account) return account;
  const { market, side } = command;
  if (market !== undefined && !state.markets.has(market)) return refusal("noSuchMarket", `no market "${market}"`);
  for (const order of [...account.openOrders.values()]) {
    if (market !== undefined && order.market.spec.market !== market) continue;
    if (side !== undefined && order.side !== side) continue;
    closeOrder(state, order, "user");
  }
  return null;
}

/** The new order is what was left of the old one, unless told; it goes to the end of its queue. */
function replaceOrder(state: EngineState, command: Of<"replaceOrder">): Refusal | null {
  const account = findAccount(state, command.accountId);
  if ("code" in account) return account;
  const replaced = findOpenOrder(account, command.orderId);
  if ("code" in replaced) return replaced;
  const request: OrderRequest = {
    account,
    market: replaced.market,
    side: replaced.side,
    orderType: "limit",
    price: command.price ?? replaced.price,
    size: command.size ?? remaining(replaced),
    timeInForce: replaced.timeInForce,
    postOnly: replaced.postOnly,
    reduceOnly: replaced.reduceOnly,
    liquidation: false,
    clientId: command.clientId,
  };
  const refused = checkOrder(request, replaced);
  if (refused !== null) return refused;
  closeOrder(state, replaced, "amended");
  runOrder(state, acceptOrder(state, request));
  return null;
}

function setLeverage(state: EngineState, { accountId, leverage }: Of<"setLeverage">): Refusal | null {
  const account = findAccount(state, accountId);
  if ("code" in account) return account;
  let highest = UNIT;
  for (const { spec } of state.markets.values()) if (spec.maxLeverage > highest) highest = spec.maxLeverage;
  if (leverage < UNIT || leverage > highest) {
    return refusal(
      "invalidLeverage",
      `leverage ${formatAmount(leverage)} is not between 1 and ${formatAmount(highest)}`,
    );
  }
  const missing = initialMarginOf(account, leverage) - equityOf(account);
  if (leverage < account.leverage && missing > 0n) {
    return refusal(
      "insufficientMargin",
      `leverage ${formatAmount(leverage)} needs ${formatAmount(missing)} more collateral`,
    );
  }
  account.leverage = leverage;
  state.events.push({ type: "leverageChanged", accountId, leverage });
  return null;
}

function setIndexPrice(state: EngineState, command: Of<"setIndexPrice">): Refusal | null {
  const market = findMarket(state, command.market);
  if ("code" in market) return market;
  if (command.price <= 0n) return refusal("invalidPrice", `index ${formatAmount(command.price)} is not positive`);
  settleDueFunding(state);
  updateMark(state, market, command.price);
  return null;
}

function advance(state: EngineState): null {
  settleDueFunding(state);
  for (const market of state.markets.values()) updateMark(state, market, market.index);
  liquidateAccounts(state);
  return null;
}
