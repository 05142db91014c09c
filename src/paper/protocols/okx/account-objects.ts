import { formatAmount } from "../../engine/amount.ts";
import type { AccountView, FundingPaymentView } from "../../engine/types.ts";
import type { LogEntry } from "../account-ledger.ts";
import type { OkxContext } from "./context.ts";
import { tradeSubType } from "./fill-objects.ts";
import { COIN, contractsText, instIdOf, marketOf, SWAP } from "./instruments.ts";
import type { Bill } from "./order-lists.ts";
import { ratioText, timeText, type WireObject } from "./wire.ts";

/** An account in futures mode: what holds for other modes only is "" (docs v5, balance). One USDT is one USD here. */
export function balanceObject({ now }: Pick<OkxContext, "now">, account: AccountView): WireObject {
  const { equity, unrealized, isolatedMargin } = account;
  const uTime = timeText(now());
  const isEmpty = account.cash === 0n && equity === 0n;
  return {
    uTime,
    totalEq: formatAmount(equity),
    isoEq: formatAmount(isolatedMargin + (unrealized - crossUnrealized(account))),
    adjEq: "",
    availEq: "",
    ordFroz: "",
    imr: "",
    mmr: "",
    borrowFroz: "",
    mgnRatio: "",
    notionalUsd: "",
    notionalUsdForBorrow: "",
    notionalUsdForFutures: "",
    notionalUsdForOption: "",
    notionalUsdForSwap: "",
    upl: "",
    delta: "",
    deltaLever: "",
    deltaNeutralStatus: "0",
    details: isEmpty ? [] : [detailObject(account, uTime)],
  };
}

function crossUnrealized({ crossEquity, crossCash }: AccountView): bigint {
  return crossEquity - crossCash;
}

const NO_LOAN = {
  liab: "",
  uplLiab: "",
  crossLiab: "",
  isoLiab: "",
  rewardBal: "",
  borrowFroz: "",
  interest: "",
  maxLoan: "",
  twap: "0",
  spotInUseAmt: "",
  clSpotInUseAmt: "",
  maxSpotInUse: "",
  spotIsoBal: "0",
  smtSyncEq: "0",
  spotCopyTradingEq: "0",
  spotBal: "",
  openAvgPx: "",
  accAvgPx: "",
  spotUpl: "",
  spotUplRatio: "",
  totalPnl: "",
  totalPnlRatio: "",
  colRes: "0",
  colBorrAutoConversion: "0",
  collateralEnabled: false,
  collateralRestrict: false,
  fixedBal: "0",
  stgyEq: "0",
  autoLendStatus: "off",
  autoLendMtAmt: "0",
};

function detailObject(account: AccountView, uTime: string): WireObject {
  const { equity, cash, unrealized, freeCollateral, isolatedMargin, crossEquity, crossMaintenanceMargin } = account;
  const isolatedUnrealized = unrealized - crossUnrealized(account);
  const cross = account.positions.filter(({ marginMode }) => marginMode === "cross");
  const initial = cross.reduce((total, { initialMargin }) => total + initialMargin, 0n);
  const orders = account.positions.reduce((total, { orderMargin }) => total + orderMargin, 0n);
  return {
    ccy: COIN,
    eq: formatAmount(equity),
    cashBal: formatAmount(cash),
    uTime,
    isoEq: formatAmount(isolatedMargin + isolatedUnrealized),
    availEq: formatAmount(freeCollateral),
    disEq: formatAmount(equity),
    availBal: formatAmount(freeCollateral),
    frozenBal: formatAmount(equity - freeCollateral),
    ordFrozen: formatAmount(orders),
    upl: formatAmount(unrealized),
    isoUpl: formatAmount(isolatedUnrealized),
    imr: formatAmount(initial + orders),
    mmr: formatAmount(crossMaintenanceMargin),
    mgnRatio: ratioText(crossEquity, crossMaintenanceMargin),
    eqUsd: formatAmount(equity),
    notionalLever: "",
    coinUsdPrice: "1",
    ...NO_LOAN,
  };
}

function fundingSubType({ amount }: FundingPaymentView): string {
  return amount < 0n ? "173" : "174";
}

/** The row of `/account/bills`; a positive `balChg` was received. */
export function billObject(context: OkxContext, { entry, billId }: Bill): WireObject {
  const common = {
    billId,
    ccy: COIN,
    ts: timeText(entry.timeMs),
    interest: "0",
    posBal: "0",
    posBalChg: "0",
    notes: "",
    tag: "",
    earnAmt: "",
    earnApr: "",
    fillFwdPx: "",
    fillMarkVol: "",
    fillPxUsd: "",
    fillPxVol: "",
  };
  switch (entry.kind) {
    case "trade":
      return { ...common, ...tradeFields(context, entry) };
    case "settlement":
      return { ...common, ...fundingFields(context, entry) };
    case "transfer": {
      const { change, cash } = entry;
      const isIn = change >= 0n;
      return {
        ...common,
        ...NO_TRADE,
        type: "1",
        subType: isIn ? "11" : "12",
        balChg: formatAmount(change),
        bal: formatAmount(cash),
        sz: formatAmount(change < 0n ? -change : change),
        pnl: "0",
        from: isIn ? "6" : "18",
        to: isIn ? "18" : "6",
      };
    }
  }
}

const NO_TRADE = {
  instType: "",
  instId: "",
  mgnMode: "",
  px: "",
  fee: "0",
  ordId: "",
  clOrdId: "",
  tradeId: "",
  execType: "",
  fillTime: "",
  fillIdxPx: "",
  fillMarkPx: "",
  from: "",
  to: "",
};

function tradeFields(context: OkxContext, { fill, cash }: Extract<LogEntry, { kind: "trade" }>): WireObject {
  const { engine, orders, ids, details } = context;
  const market = marketOf(engine, fill.market);
  const order = orders.byEngineId(fill.orderId);
  const own = order === undefined ? undefined : details.get(order.orderId);
  return {
    ...NO_TRADE,
    instType: SWAP,
    instId: instIdOf(market),
    type: fill.adl ? "9" : fill.settlement ? "3" : fill.liquidation ? "5" : "2",
    subType: tradeSubType(fill),
    balChg: formatAmount(fill.realized - fill.fee),
    bal: formatAmount(cash),
    sz: contractsText(fill.size, market),
    px: formatAmount(fill.price),
    pnl: formatAmount(fill.realized),
    fee: formatAmount(-fill.fee),
    mgnMode: own?.tdMode ?? modeOf(context, fill.accountId, fill.market),
    ordId: order?.orderId ?? "",
    clOrdId: fill.clientId ?? "",
    tradeId: ids.trade(fill.tradeId),
    execType: fill.isMaker ? "M" : "T",
    fillTime: timeText(fill.timeMs),
    fillIdxPx: formatAmount(market.index),
    fillMarkPx: formatAmount(fill.mark),
    tag: own?.tag ?? "",
  };
}

/** `sz` is the position that the payment was for, without its sign, and `px` the mark price. */
function fundingFields(context: OkxContext, entry: Extract<LogEntry, { kind: "settlement" }>): WireObject {
  const { payment } = entry;
  const market = marketOf(context.engine, payment.market);
  const mgnMode = modeOf(context, payment.accountId, payment.market);
  return {
    ...NO_TRADE,
    instType: SWAP,
    instId: instIdOf(market),
    type: "8",
    subType: fundingSubType(payment),
    // Payments of an isolated position change its own margin, and no balance (docs v5, bills).
    balChg: mgnMode === "isolated" ? "0" : formatAmount(payment.amount),
    posBalChg: mgnMode === "isolated" ? formatAmount(payment.amount) : "0",
    bal: formatAmount(payment.cash),
    sz: contractsText(payment.size < 0n ? -payment.size : payment.size, market),
    px: formatAmount(payment.mark),
    pnl: formatAmount(payment.amount),
    mgnMode,
  };
}

function modeOf({ engine }: OkxContext, accountId: string, market: string): string {
  return engine.settings(accountId, market)?.marginMode ?? "cross";
}
