import { absolute, divideRound, larger, smaller } from "../../engine/arithmetic.ts";
import { type AccountView, type OrderView, type PositionView, UNIT } from "../../engine/types.ts";
import type { Login } from "../accounts.ts";
import type { ProtocolContext } from "./context.ts";
import { ACCOUNT_ASSET, type ListedSymbol, quantityText } from "./symbols.ts";
import { fixed, money, notionalOf, type WireObject, wireNumber, wireTime } from "./wire.ts";

/** Amounts with up to eight places, `0` where there is none: `60000.5`. */
function plain(amount: bigint): string {
  if (amount === 0n) return "0";
  return money(amount).replace(/0+$/, "").replace(/\.$/, ".0");
}

/** Sums of an account. */
function accountSums(account: AccountView) {
  const total = (pick: (position: PositionView) => bigint) =>
    account.positions.reduce((sum, position) => sum + pick(position), 0n);
  return {
    walletBalance: account.cash,
    unrealized: account.unrealized,
    marginBalance: account.equity,
    initialMargin: account.initialMargin,
    maintenanceMargin: account.maintenanceMargin,
    positionMargin: total(({ initialMargin }) => initialMargin),
    orderMargin: total(({ orderMargin }) => orderMargin),
    crossWallet: account.crossCash,
    crossUnrealized: account.crossEquity - account.crossCash,
    available: account.freeCollateral,
    withdrawable: larger(0n, smaller(account.crossCash, account.freeCollateral)),
  };
}

/**
 * Time of the last update. Never zero, which says that an asset was never used: ccxt leaves such ones out (its issue
 * 27997).
 */
function lastUpdate({ engine, config }: ProtocolContext, { accountId, positions }: AccountView): number {
  const fundedMs = engine.fundingPayments(accountId).at(-1)?.timeMs ?? config.startMs;
  return wireTime(positions.reduce((latest, { updatedMs }) => Math.max(latest, updatedMs), fundedMs));
}

export function balanceRow(context: ProtocolContext, login: Login, account: AccountView): WireObject {
  const sums = accountSums(account);
  return {
    accountAlias: String(login.identifier),
    asset: ACCOUNT_ASSET,
    balance: money(sums.walletBalance),
    crossWalletBalance: money(sums.crossWallet),
    crossUnPnl: money(sums.crossUnrealized),
    availableBalance: money(sums.available),
    maxWithdrawAmount: money(sums.withdrawable),
    marginAvailable: true,
    updateTime: lastUpdate(context, account),
  };
}

function assetObject(context: ProtocolContext, account: AccountView): WireObject {
  const sums = accountSums(account);
  return {
    asset: ACCOUNT_ASSET,
    walletBalance: money(sums.walletBalance),
    unrealizedProfit: money(sums.unrealized),
    marginBalance: money(sums.marginBalance),
    maintMargin: money(sums.maintenanceMargin),
    initialMargin: money(sums.initialMargin),
    positionInitialMargin: money(sums.positionMargin),
    openOrderInitialMargin: money(sums.orderMargin),
    crossWalletBalance: money(sums.crossWallet),
    crossUnPnl: money(sums.crossUnrealized),
    availableBalance: money(sums.available),
    maxWithdrawAmount: money(sums.withdrawable),
    updateTime: lastUpdate(context, account),
  };
}

function totals(account: AccountView): WireObject {
  const sums = accountSums(account);
  return {
    totalInitialMargin: money(sums.initialMargin),
    totalMaintMargin: money(sums.maintenanceMargin),
    totalWalletBalance: money(sums.walletBalance),
    totalUnrealizedProfit: money(sums.unrealized),
    totalMarginBalance: money(sums.marginBalance),
    totalPositionInitialMargin: money(sums.positionMargin),
    totalOpenOrderInitialMargin: money(sums.orderMargin),
    totalCrossWalletBalance: money(sums.crossWallet),
    totalCrossUnPnl: money(sums.crossUnrealized),
    availableBalance: money(sums.available),
    maxWithdrawAmount: money(sums.withdrawable),
  };
}

/** Permissions and mode of an account. */
export function accountFlags(): WireObject {
  return {
    feeTier: 0,
    canTrade: true,
    canDeposit: true,
    canWithdraw: true,
    multiAssetsMargin: false,
    tradeGroupId: -1,
  };
}

/** A position with what its open orders come to. */
export interface PositionRow {
  readonly listed: ListedSymbol;
  readonly position: PositionView;
  readonly bidNotional: bigint;
  readonly askNotional: bigint;
}

/** All rows of an account: in one-way mode one a symbol, in hedge mode two. */
export function positionRows(
  context: ProtocolContext,
  accountId: string,
  symbols: readonly ListedSymbol[],
): readonly PositionRow[] {
  return symbols.flatMap((listed) => {
    const orders = context.engine.openOrders(accountId, listed.spec.market);
    return context.engine.positions(accountId, listed.spec.market).map((position) => {
      const own = orders.filter(({ positionSide }) => positionSide === position.side);
      const notional = (side: OrderView["side"]) => own.reduce((sum, order) => sum + openNotional(order, side), 0n);
      return { listed, position, bidNotional: notional("buy"), askNotional: notional("sell") };
    });
  });
}

function openNotional({ side, price, size, filled }: OrderView, wanted: OrderView["side"]): bigint {
  return side === wanted ? notionalOf(price ?? 0n, size - filled) : 0n;
}

/** v3 leaves out what has neither a position nor an order. */
export function isEmpty({ position, bidNotional, askNotional }: PositionRow): boolean {
  return position.size === 0n && bidNotional === 0n && askNotional === 0n;
}

export function entryPrice({ size, cost }: PositionView): bigint {
  return size === 0n ? 0n : divideRound(absolute(cost), absolute(size));
}

/** Entry less what the position realised since it was flat; without commission. */
export function breakEvenPrice({ size, cost, recentRealized }: PositionView): bigint {
  if (size === 0n) return 0n;
  const sign = size < 0n ? -1n : 1n;
  return divideRound((cost - recentRealized * UNIT) * sign, absolute(size));
}

/** Computes the wallet of an isolated position without its unrealised profit. */
function isolatedWallet({ marginMode, isolatedMargin }: PositionView): bigint {
  return marginMode === "isolated" ? isolatedMargin : 0n;
}

function isolatedEquity(position: PositionView): bigint {
  return position.marginMode === "isolated" ? position.isolatedMargin + position.unrealized : 0n;
}

/** Signed: a short is negative whatever its side is called. */
function positionFields(context: ProtocolContext, { listed, position }: PositionRow): WireObject {
  return {
    symbol: listed.symbol,
    positionSide: position.side.toUpperCase(),
    positionAmt: quantityText(listed, position.size),
    entryPrice: fixed(entryPrice(position), 8),
    breakEvenPrice: fixed(breakEvenPrice(position), 8),
    markPrice: money(context.symbols.view(listed).mark),
    unRealizedProfit: money(position.unrealized),
    liquidationPrice: plain(position.liquidationPrice ?? 0n),
    isolatedMargin: money(isolatedEquity(position)),
    notional: plain(notionalOf(position.mark, position.size)),
    isolatedWallet: money(isolatedWallet(position)),
    updateTime: wireTime(position.updatedMs),
  };
}

export function positionRiskV3(context: ProtocolContext, row: PositionRow): WireObject {
  const { position, listed, bidNotional, askNotional } = row;
  return {
    ...positionFields(context, row),
    marginAsset: listed.quote,
    initialMargin: plain(position.initialMargin + position.orderMargin),
    maintMargin: plain(position.maintenanceMargin),
    positionInitialMargin: plain(position.initialMargin),
    openOrderInitialMargin: plain(position.orderMargin),
    adl: 0,
    bidNotional: plain(bidNotional),
    askNotional: plain(askNotional),
  };
}

export function positionRiskV2(context: ProtocolContext, row: PositionRow): WireObject {
  const { position, listed } = row;
  return {
    ...positionFields(context, row),
    marginType: position.marginMode,
    isAutoAddMargin: "false",
    leverage: fixed(position.leverage, 0),
    maxNotionalValue: maxNotional(context, listed),
  };
}

/** Computes the notional of the largest order. */
export function maxNotional(context: ProtocolContext, listed: ListedSymbol): string {
  return fixed(notionalOf(context.symbols.view(listed).mark, listed.spec.maxSize), 0);
}

function accountPosition(row: PositionRow): WireObject {
  const { position, listed } = row;
  return {
    symbol: listed.symbol,
    positionSide: position.side.toUpperCase(),
    positionAmt: quantityText(listed, position.size),
    unrealizedProfit: money(position.unrealized),
    initialMargin: plain(position.initialMargin + position.orderMargin),
    maintMargin: plain(position.maintenanceMargin),
    updateTime: wireTime(position.updatedMs),
  };
}

export function accountV3(context: ProtocolContext, account: AccountView, rows: readonly PositionRow[]): WireObject {
  const positions = rows
    .filter((row) => !isEmpty(row))
    .map((row) => ({
      ...accountPosition(row),
      isolatedMargin: money(isolatedEquity(row.position)),
      notional: plain(notionalOf(row.position.mark, row.position.size)),
      isolatedWallet: money(isolatedWallet(row.position)),
    }));
  return { ...totals(account), assets: [assetObject(context, account)], positions };
}

export function accountV2(context: ProtocolContext, account: AccountView, rows: readonly PositionRow[]): WireObject {
  const positions = rows.map((row) => ({
    ...accountPosition(row),
    positionInitialMargin: plain(row.position.initialMargin),
    openOrderInitialMargin: plain(row.position.orderMargin),
    leverage: fixed(row.position.leverage, 0),
    isolated: row.position.marginMode === "isolated",
    entryPrice: fixed(entryPrice(row.position), 8),
    maxNotional: maxNotional(context, row.listed),
    bidNotional: plain(row.bidNotional),
    askNotional: plain(row.askNotional),
  }));
  return {
    ...accountFlags(),
    feeBurn: false,
    updateTime: 0,
    ...totals(account),
    assets: [{ ...assetObject(context, account), marginAvailable: true }],
    positions,
  };
}

export function symbolConfig(context: ProtocolContext, accountId: string, listed: ListedSymbol): WireObject {
  const settings = context.engine.settings(accountId, listed.spec.market);
  return {
    symbol: listed.symbol,
    marginType: settings?.marginMode === "isolated" ? "ISOLATED" : "CROSSED",
    isAutoAddMargin: false,
    leverage: wireNumber(settings?.leverage ?? UNIT),
    maxNotionalValue: maxNotional(context, listed),
  };
}

/** One bracket: the engine's maintenance margin does not grow with the position. */
export function leverageBracket(context: ProtocolContext, listed: ListedSymbol): WireObject {
  const { maxLeverage, maintenanceFraction } = listed.spec;
  const bracket = {
    bracket: 1,
    initialLeverage: wireNumber(maxLeverage),
    notionalCap: Number(maxNotional(context, listed)),
    notionalFloor: 0,
    maintMarginRatio: wireNumber(maintenanceFraction),
    cum: 0,
  };
  return { symbol: listed.symbol, notionalCoef: 1, brackets: [bracket] };
}
