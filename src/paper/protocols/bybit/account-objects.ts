import { formatAmount } from "../../engine/amount.ts";
import { divideRound } from "../../engine/arithmetic.ts";
import { type AccountView, type FundingPaymentView, UNIT } from "../../engine/types.ts";
import type { LogEntry } from "../account-ledger.ts";
import type { BybitContext } from "./context.ts";
import { CATEGORY, COIN, marketOf, symbolOf } from "./market-names.ts";
import { execTypeOf, fundingFeeRate, LOG_TYPES, sideText, sizeText } from "./order-objects.ts";
import { usdValueOf } from "./other-coins.ts";
import { timeText, type WireObject } from "./wire.ts";

/**
 * One USDT is one USD here. What holds for cross margin only is "" in isolated margin (docs v5, wallet-balance). `coins`
 * are the rows that are shown: totals are of all coins.
 */
export function walletObject(account: AccountView, others: bigint, coin: readonly WireObject[]): WireObject {
  const isIsolated = account.marginMode === "isolated";
  const cross = (amount: bigint) => (isIsolated ? "" : formatAmount(amount));
  const rate = (amount: bigint) =>
    isIsolated ? "" : account.equity > 0n ? formatAmount(divideRound(amount * UNIT, account.equity)) : "0";
  const { equity, cash, initialMargin, maintenanceMargin, unrealized, freeCollateral } = account;
  return {
    accountType: "UNIFIED",
    accountLTV: "0",
    totalEquity: formatAmount(equity + others),
    totalWalletBalance: formatAmount(cash + others),
    totalMarginBalance: cross(equity),
    totalAvailableBalance: cross(freeCollateral),
    totalPerpUPL: formatAmount(unrealized),
    totalInitialMargin: cross(initialMargin),
    totalInitialMarginByMp: cross(initialMargin),
    totalMaintenanceMargin: cross(maintenanceMargin),
    totalMaintenanceMarginByMp: cross(maintenanceMargin),
    accountIMRate: rate(initialMargin),
    accountIMRateByMp: rate(initialMargin),
    accountMMRate: rate(maintenanceMargin),
    accountMMRateByMp: rate(maintenanceMargin),
    coin,
  };
}

/** Row of the engine's cash; none where there is nothing. */
export function coinObjects(account: AccountView): readonly WireObject[] {
  return account.cash === 0n && account.equity === 0n ? [] : [coinObject(account)];
}

/** Row of a coin that no position is margined in; it is no collateral by the account's choice. */
export function otherCoinObject(coin: string, amount: bigint): WireObject {
  const balance = formatAmount(amount);
  return {
    ...NO_LOANS,
    coin,
    equity: balance,
    usdValue: formatAmount(usdValueOf(coin, amount)),
    walletBalance: balance,
    totalOrderIM: "",
    totalPositionIM: "",
    totalPositionMM: "",
    unrealisedPnl: "",
    cumRealisedPnl: "0",
    collateralSwitch: false,
  };
}

const NO_LOANS = {
  availableToWithdraw: "",
  availableToBorrow: "",
  borrowAmount: "0",
  spotBorrow: "0",
  accruedInterest: "0",
  locked: "0",
  bonus: "0",
  spotHedgingQty: "0",
  colRes: "0",
  marginCollateral: true,
};

function coinObject({ equity, cash, unrealized, maintenanceMargin, positions }: AccountView): WireObject {
  const sum = (pick: (position: AccountView["positions"][number]) => bigint) =>
    formatAmount(positions.reduce((total, position) => total + pick(position), 0n));
  return {
    coin: COIN,
    equity: formatAmount(equity),
    usdValue: formatAmount(equity),
    walletBalance: formatAmount(cash),
    ...NO_LOANS,
    totalOrderIM: sum(({ orderMargin }) => orderMargin),
    totalPositionIM: sum(({ initialMargin }) => initialMargin),
    totalPositionMM: formatAmount(maintenanceMargin),
    unrealisedPnl: formatAmount(unrealized),
    cumRealisedPnl: sum(({ realized }) => realized),
    collateralSwitch: true,
  };
}

const settlementSide = ({ size }: FundingPaymentView): string => (size < 0n ? "Sell" : "Buy");

/**
 * The transaction log's, which a settlement's execution does not share. All that is settled on a market at one moment has
 * one sequence number, so both legs of a hedge have one `id`.
 */
function settlementId({ engine, accounts, ids }: BybitContext, payment: FundingPaymentView): string {
  const symbol = symbolOf(marketOf(engine, payment.market));
  return ids.logEntry(accounts.identifier(payment.accountId), symbol, "settlement", Math.floor(payment.timeMs / 1_000));
}

/** Fields of its row that tell it from all others. */
export function settlementName(context: BybitContext, payment: FundingPaymentView): string {
  const tradeId = context.ids.funding(payment.paymentId);
  return `${settlementId(context, payment)}:${settlementSide(payment)}:${tradeId}`;
}

/** The row of `/v5/account/transaction-log`. */
export function logObject(context: BybitContext, entry: LogEntry, index: number): WireObject {
  const common = {
    transSubType: "",
    currency: COIN,
    bonusChange: "",
    extraFees: "",
    transactionTime: timeText(entry.timeMs),
  };
  switch (entry.kind) {
    case "trade":
      return { ...common, ...tradeFields(context, entry) };
    case "settlement":
      return { ...common, ...settlementFields(context, entry) };
    case "transfer": {
      const { change, cash } = entry;
      const type = change < 0n ? "TRANSFER_OUT" : "TRANSFER_IN";
      const money = {
        fee: "0",
        cashFlow: formatAmount(change),
        change: formatAmount(change),
        cashBalance: formatAmount(cash),
      };
      const none = {
        symbol: "",
        category: "",
        side: "None",
        qty: "",
        size: "",
        tradePrice: "",
        funding: "",
        feeRate: "",
      };
      return { ...common, ...none, ...money, id: `transfer_${index}`, type, tradeId: "", orderId: "", orderLinkId: "" };
    }
  }
}

function tradeFields(context: BybitContext, { fill, cash }: Extract<LogEntry, { kind: "trade" }>): WireObject {
  const { engine, accounts, orders, ids } = context;
  const market = marketOf(engine, fill.market);
  const symbol = symbolOf(market);
  return {
    id: ids.logEntry(accounts.identifier(fill.accountId), symbol, "trade", fill.fillId),
    symbol,
    category: CATEGORY,
    side: sideText(fill.side),
    type: LOG_TYPES[execTypeOf(fill)],
    qty: sizeText(fill.size, market),
    size: sizeText(fill.size, market),
    tradePrice: formatAmount(fill.price),
    funding: "",
    fee: formatAmount(fill.fee),
    cashFlow: formatAmount(fill.realized),
    change: formatAmount(fill.realized - fill.fee),
    cashBalance: formatAmount(cash),
    feeRate: formatAmount(fill.feeRate),
    tradeId: ids.execution(fill.fillId),
    orderId: orders.byEngineId(fill.orderId)?.orderId ?? "",
    orderLinkId: fill.clientId ?? "",
  };
}

/** `funding` is positive where received, and `size` has the position's sign. */
function settlementFields(context: BybitContext, { payment }: Extract<LogEntry, { kind: "settlement" }>): WireObject {
  const { engine, ids } = context;
  const market = marketOf(engine, payment.market);
  const amount = formatAmount(payment.amount);
  const sign = payment.size < 0n ? "-" : "";
  return {
    id: settlementId(context, payment),
    symbol: symbolOf(market),
    category: CATEGORY,
    side: settlementSide(payment),
    type: "SETTLEMENT",
    qty: sizeText(payment.size, market),
    size: `${sign}${sizeText(payment.size, market)}`,
    tradePrice: formatAmount(payment.mark),
    funding: amount,
    fee: "0",
    cashFlow: "0",
    change: amount,
    cashBalance: formatAmount(payment.cash),
    feeRate: fundingFeeRate(payment),
    tradeId: ids.funding(payment.paymentId),
    orderId: ids.funding(payment.paymentId),
    orderLinkId: "",
  };
}
