import { formatAmount, parseAmount } from "../../engine/amount.ts";
import { type Command, type RefusalCode, UNIT } from "../../engine/types.ts";
import type { ActionOf } from "./actions.ts";
import type { HyperliquidContext } from "./context.ts";
import { ActionRefusal, refusalText } from "./errors.ts";
import type { Asset } from "./universe.ts";
import { decimalText } from "./wire.ts";

const DAY_MS = 86_400_000;
const SOONEST_MS = 5_000;
const FIRINGS_A_DAY = 10;
/** Volume that an account needs before it may have its orders canceled by the clock (docs, scheduleCancel). */
const VOLUME_OF_SCHEDULE = 1_000_000n * UNIT;
const MAX_AGENT_MS = 180 * DAY_MS;
const MAX_NAME = 16;
const MICRO = UNIT / 1_000_000n;
const WITHDRAWAL_FEE = UNIT;

function assetOf({ universe }: HyperliquidContext, index: number): Asset {
  const asset = universe.assets[index];
  if (asset === undefined) throw new ActionRefusal(`Asset ${index} does not exist.`);
  return asset;
}

/** Executes, and throws what the venue would answer; refusals that change nothing pass. */
function executeOrThrow(context: HyperliquidContext, command: Command, passing: readonly RefusalCode[] = []): void {
  const refused = context.execute(command).find((event) => event.type === "refused");
  if (refused !== undefined && !passing.includes(refused.code)) throw new ActionRefusal(refusalText(refused.code));
}

/** Margin mode and leverage of one market; the mode cannot change while there is a position. */
export function updateLeverage(
  context: HyperliquidContext,
  accountId: string,
  { asset: index, isCross, leverage }: ActionOf<"updateLeverage">,
): void {
  const asset = assetOf(context, index);
  if (leverage < 1 || leverage > asset.maxLeverage) throw new ActionRefusal(refusalText("invalidLeverage"));
  const { market } = asset;
  const mode = isCross ? "cross" : "isolated";
  executeOrThrow(context, { type: "setMarginMode", accountId, market, mode }, ["unchanged"]);
  executeOrThrow(context, { type: "setLeverage", accountId, market, leverage: BigInt(leverage) * UNIT }, [
    "leverageUnchanged",
  ]);
}

/** `ntli` is in millionths of a dollar, below zero to take out. */
export function updateIsolatedMargin(
  context: HyperliquidContext,
  accountId: string,
  { asset: index, ntli }: ActionOf<"updateIsolatedMargin">,
): void {
  const { market } = assetOf(context, index);
  executeOrThrow(context, { type: "adjustIsolatedMargin", accountId, market, amount: BigInt(ntli) * MICRO });
}

/** Orders are canceled at that time unless it is set anew; without a time it is called off. */
export function scheduleCancel(
  context: HyperliquidContext,
  accountId: string,
  { time }: ActionOf<"scheduleCancel">,
): void {
  const traded = context.facts.volume(accountId);
  if (traded < VOLUME_OF_SCHEDULE) {
    throw new ActionRefusal(
      `Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $${formatAmount(traded)}.`,
    );
  }
  const nowMs = context.now();
  if (time === undefined) {
    context.countdowns.set(accountId, 0, () => undefined);
    return;
  }
  if (time < nowMs + SOONEST_MS) throw new ActionRefusal("Scheduled cancel time must be at least 5 seconds ahead.");
  if (context.firings.ofDay(accountId, nowMs) >= FIRINGS_A_DAY) {
    throw new ActionRefusal(`Cannot schedule more than ${FIRINGS_A_DAY} cancels a day.`);
  }
  context.countdowns.set(accountId, time - nowMs, () => cancelByClock(context, accountId));
}

function cancelByClock(context: HyperliquidContext, accountId: string): void {
  const { firings, triggers, orders, details } = context;
  firings.count(accountId, context.now());
  triggers.cancelAll(accountId, "scheduledCancel");
  for (const order of orders.open(accountId)) {
    const known = details.get(order.orderId);
    details.set(order.orderId, { ...known, tif: known?.tif ?? "Gtc", cancelStatus: "scheduledCancel" });
    orders.cancel(order);
  }
}

/** `name valid_until 1805000000000`: the end is part of the name. */
export function approveAgent(
  context: HyperliquidContext,
  master: string,
  { agentAddress, agentName }: ActionOf<"approveAgent">,
): void {
  const [, name = "", until] = /^(.*?)(?: valid_until (\d{1,15}))?$/.exec(agentName ?? "") ?? [];
  if (name.length > MAX_NAME) throw new ActionRefusal("Agent name is too long.");
  const nowMs = context.now();
  const validUntil = until === undefined ? nowMs + MAX_AGENT_MS : Number(until);
  if (validUntil <= nowMs || validUntil > nowMs + MAX_AGENT_MS) throw new ActionRefusal("Invalid valid_until.");
  const old = context.addresses.approve(master, agentAddress, name, Math.floor(validUntil));
  if (old !== undefined) context.nonces.forget(old);
}

function readAmount(text: string): bigint {
  try {
    const amount = parseAmount(text);
    if (amount > 0n) return amount;
  } catch {
    // The text has more decimals than there are of money.
  }
  throw new ActionRefusal(refusalText("invalidAmount"));
}

/** Takes money out of the collateral; throws where it is not free. */
function takeOut(context: HyperliquidContext, accountId: string, amount: bigint): void {
  const command = { type: "withdraw", accountId, amount } as const;
  const refused = context.execute(command).some(({ type }) => type === "refused");
  if (refused) throw new ActionRefusal("Insufficient balance for withdrawal.");
}

/** Moves money between the collateral of perpetuals and the money beside it. */
export function transferClass(
  context: HyperliquidContext,
  accountId: string,
  { amount: text, toPerp }: ActionOf<"usdClassTransfer">,
): void {
  const { facts } = context;
  const amount = readAmount(text);
  const delta = { type: "accountClassTransfer", usdc: decimalText(amount), toPerp };
  if (toPerp && facts.spot(accountId) < amount) throw new ActionRefusal("Insufficient balance for token transfer.");
  facts.making(delta, () => {
    if (toPerp) executeOrThrow(context, { type: "deposit", accountId, amount });
    else takeOut(context, accountId, amount);
  });
  facts.addSpot(accountId, toPerp ? -amount : amount);
}

/** Sends USD to another account; an address that is no account keeps what it gets, and is nobody's here. */
export function sendUsd(
  context: HyperliquidContext,
  accountId: string,
  { amount: text, destination }: ActionOf<"usdSend">,
): void {
  const amount = readAmount(text);
  const { addresses, facts } = context;
  const [user, to] = [addresses.addressOf(accountId), destination.toLowerCase()];
  const delta = { type: "internalTransfer", usdc: decimalText(amount), user, destination: to, fee: "0.0" };
  facts.making(delta, () => {
    takeOut(context, accountId, amount);
    const receiver = addresses.accountOf(destination);
    if (receiver !== undefined) context.execute({ type: "deposit", accountId: receiver, amount });
  });
}

/** Moves money between a main account and its sub-account; `usd` is in millionths. */
export function transferToSubAccount(
  context: HyperliquidContext,
  master: string,
  { subAccountUser, isDeposit, usd }: ActionOf<"subAccountTransfer">,
): void {
  const { addresses, facts } = context;
  const other = addresses.accountOf(subAccountUser);
  const role = addresses.roleOf(subAccountUser);
  if (other === undefined || role.role !== "subAccount" || role.master !== addresses.addressOf(master)) {
    throw new ActionRefusal("Sub-account does not exist.");
  }
  const amount = BigInt(usd) * MICRO;
  if (amount === 0n) throw new ActionRefusal(refusalText("invalidAmount"));
  const [from, to] = isDeposit ? [master, other] : [other, master];
  const [user, destination] = [addresses.addressOf(from), addresses.addressOf(to)];
  facts.making({ type: "subAccountTransfer", usdc: decimalText(amount), user, destination }, () => {
    takeOut(context, from, amount);
    context.execute({ type: "deposit", accountId: to, amount });
  });
}

/** Leaves the venue; a dollar of it is the fee. */
export function withdraw(
  context: HyperliquidContext,
  accountId: string,
  { amount: text }: ActionOf<"withdraw3">,
): void {
  const amount = readAmount(text);
  if (amount <= WITHDRAWAL_FEE) throw new ActionRefusal("Insufficient balance for withdrawal.");
  const delta = {
    type: "withdraw",
    usdc: decimalText(amount - WITHDRAWAL_FEE),
    nonce: Math.floor(context.now()),
    fee: decimalText(WITHDRAWAL_FEE),
  };
  context.facts.making(delta, () => takeOut(context, accountId, amount));
}
