import { formatAmount } from "../../engine/amount.ts";
import { divideRound } from "../../engine/arithmetic.ts";
import type { CloseReason, FillView, MarketView, PositionSide, Side } from "../../engine/types.ts";
import { UNIT } from "../../engine/types.ts";
import type { Execution } from "../account-ledger.ts";
import type { IntakeOrder } from "../order-intake.ts";
import type { BybitContext } from "./context.ts";
import { CATEGORY, COIN, marketOf, symbolOf } from "./market-names.ts";
import { averageText, productText, stepText, timeText, type WireObject } from "./wire.ts";

export type BybitOrder = IntakeOrder<string>;

export const sideText = (side: Side): string => (side === "buy" ? "Buy" : "Sell");

export function positionIndex(side: PositionSide | undefined): 0 | 1 | 2 {
  if (side === "long") return 1;
  return side === "short" ? 2 : 0;
}

interface Ending {
  readonly cancelType: string;
  readonly rejectReason: string;
}

const NO_ERROR = "EC_NoError";
const plain: Ending = { cancelType: "UNKNOWN", rejectReason: NO_ERROR };

/** Bybit's words for the end of an order (docs v5, enum: cancelType, rejectReason). */
const ENDINGS: Readonly<Record<CloseReason, Ending>> = {
  filled: plain,
  user: { cancelType: "CancelByUser", rejectReason: "EC_PerCancelRequest" },
  expired: plain,
  postOnly: { cancelType: "UNKNOWN", rejectReason: "EC_PostOnlyWillTakeLiquidity" },
  iocRemainder: { cancelType: "UNKNOWN", rejectReason: "EC_NoImmediateQtyToFill" },
  fokUnfilled: { cancelType: "UNKNOWN", rejectReason: "EC_CancelForNoFullFill" },
  selfTrade: { cancelType: "CancelBySmp", rejectReason: "EC_BySelfMatch" },
  reduceOnly: { cancelType: "CancelByReduceOnly", rejectReason: NO_ERROR },
  margin: { cancelType: "CancelByPrepareLiq", rejectReason: NO_ERROR },
  liquidation: { cancelType: "CancelAllBeforeLiq", rejectReason: NO_ERROR },
  delisted: { cancelType: "CancelBySettle", rejectReason: NO_ERROR },
  amended: { cancelType: "CancelByUser", rejectReason: "EC_PerCancelRequest" },
};

export function statusOf({ view, refusedFor }: BybitOrder): string {
  if (refusedFor !== null) return "Rejected";
  if (view === null) return "New";
  if (view.status === "open") return view.filled === 0n ? "New" : "PartiallyFilled";
  return view.filled === view.size ? "Filled" : "Cancelled";
}

function endingOf({ view, refusedFor }: BybitOrder): Ending {
  if (refusedFor !== null) return { cancelType: "UNKNOWN", rejectReason: "EC_Others" };
  if (view === null || view.closeReason === null || view.filled === view.size) return plain;
  return ENDINGS[view.closeReason];
}

/** The row of `/v5/order/realtime` and `/v5/order/history`. */
export function orderObject({ engine }: Pick<BybitContext, "engine">, order: BybitOrder): WireObject {
  const { request, view, lastPrice } = order;
  const market = marketOf(engine, request.market);
  const { tick, lot } = market.spec;
  const size = view?.size ?? request.size;
  const price = view === null ? request.price : view.price;
  const filled = view?.filled ?? 0n;
  const leaves = order.refusedFor !== null || view?.status === "closed" ? 0n : size - filled;
  const fees = formatAmount(view?.fees ?? 0n);
  return {
    orderId: order.orderId,
    orderLinkId: request.clientId ?? "",
    parentOrderLinkId: "",
    blockTradeId: "",
    symbol: symbolOf(market),
    price: stepText(price ?? 0n, tick),
    qty: stepText(size, lot),
    side: sideText(request.side),
    isLeverage: "",
    positionIdx: positionIndex(request.positionSide),
    orderStatus: statusOf(order),
    createType: createTypeOf(order),
    ...endingOf(order),
    avgPrice: averageText(view?.filledCost ?? 0n, filled),
    leavesQty: stepText(leaves, lot),
    leavesValue: productText(leaves * (price ?? market.mark)),
    cumExecQty: stepText(filled, lot),
    cumExecValue: productText(view?.filledCost ?? 0n),
    cumExecFee: fees,
    cumFeeDetail: { [COIN]: fees },
    timeInForce: timeInForceOf(order),
    orderType: request.type === "market" ? "Market" : "Limit",
    stopOrderType: "UNKNOWN",
    orderIv: "",
    triggerPrice: "",
    takeProfit: "",
    stopLoss: "",
    tpslMode: "",
    tpTriggerBy: "",
    slTriggerBy: "",
    triggerDirection: 0,
    triggerBy: "",
    lastPriceOnCreated: lastPrice === null ? "" : stepText(lastPrice, tick),
    reduceOnly: request.reduceOnly,
    closeOnTrigger: false,
    smpType: "None",
    smpGroup: 0,
    smpOrderId: "",
    tpLimitPrice: "",
    slLimitPrice: "",
    placeType: "",
    slippageToleranceType: "UNKNOWN",
    slippageTolerance: "",
    extraFees: "",
    rpiTakerAccess: false,
    rpiMatchedQty: "0",
    createdTime: timeText(order.createdMs),
    updatedTime: timeText(order.refusedFor !== null ? order.refusedMs : (view?.updatedMs ?? order.createdMs)),
  };
}

/** The row of the `order` topic. */
export function orderFrameObject(context: BybitContext, order: BybitOrder): WireObject {
  const { request, view } = order;
  const fills = view === null ? [] : context.engine.orderFills(request.accountId, view.orderId);
  const closedPnl = fills.reduce((total, { realized }) => total + realized, 0n);
  return { category: CATEGORY, ...orderObject(context, order), closedPnl: formatAmount(closedPnl), feeCurrency: "" };
}

/** A trade of the venue itself has a type of its own (docs v5, enum execType). */
export function execTypeOf({ takeover, adl, settlement }: FillView): keyof typeof LOG_TYPES {
  if (adl) return "AdlTrade";
  if (settlement) return "Delivery";
  return takeover ? "BustTrade" : "Trade";
}

/** Type of its row in the transaction log. */
export const LOG_TYPES = { Trade: "TRADE", BustTrade: "LIQUIDATION", AdlTrade: "ADL", Delivery: "DELIVERY" } as const;

function timeInForceOf({ request }: BybitOrder): string {
  return request.postOnly ? "PostOnly" : request.type === "market" ? "IOC" : request.timeInForce;
}

function createTypeOf({ view }: BybitOrder): string {
  if (view?.adl === true) return "CreateByAdl_PassThrough";
  if (view?.settlement === true) return "CreateBySettle";
  return view?.liquidation === true ? "CreateByLiq" : "CreateByUser";
}

/** The row of `/v5/execution/list`; `frame` adds what only the `execution` topic has. */
export function executionObject(context: BybitContext, execution: Execution): WireObject {
  return execution.kind === "fill" ? fillObject(context, execution) : fundingObject(context, execution);
}

export function executionFrameObject(context: BybitContext, execution: Execution): WireObject {
  const execPnl = execution.kind === "fill" ? execution.fill.realized : 0n;
  return {
    ...executionObject(context, execution),
    category: CATEGORY,
    isLeverage: "0",
    execPnl: formatAmount(execPnl),
    marketUnit: "",
  };
}

/** True of a fill that came after its order had rested: as a maker, or as a taker when an amend let it cross. */
function hasRested({ orders }: BybitContext, { orderId, timeMs, isMaker }: FillView): boolean {
  const createdMs = orders.byEngineId(orderId)?.view?.createdMs ?? timeMs;
  return isMaker || timeMs > createdMs;
}

/**
 * The row of the `execution.fast` topic, which has trades alone; those of a maker, and of a resting order that an amend
 * turned taker, do not name the client's id (docs, fast execution).
 */
export function fastExecutionObject(context: BybitContext, execution: Execution): WireObject | undefined {
  if (execution.kind !== "fill" || execTypeOf(execution.fill) !== "Trade") return undefined;
  const { symbol, execId, execPrice, execQty, orderId, orderLinkId, side, execTime, isMaker, seq } = fillObject(
    context,
    execution,
  );
  return {
    category: CATEGORY,
    symbol,
    execId,
    execPrice,
    execQty,
    orderId,
    isMaker,
    orderLinkId: hasRested(context, execution.fill) ? "" : orderLinkId,
    side,
    execTime,
    seq,
  };
}

const NO_OPTION = { tradeIv: "", markIv: "", indexPrice: "", underlyingPrice: "", blockTradeId: "" };

function fillObject(context: BybitContext, { fill, leaves }: Extract<Execution, { kind: "fill" }>): WireObject {
  const { engine, orders, ids } = context;
  const market = marketOf(engine, fill.market);
  const { tick, lot } = market.spec;
  const order = orders.byEngineId(fill.orderId);
  const view = order?.view;
  return {
    symbol: symbolOf(market),
    orderId: order?.orderId ?? "",
    orderLinkId: fill.clientId ?? "",
    side: sideText(fill.side),
    orderPrice: stepText(view?.price ?? 0n, tick),
    orderQty: stepText(view?.size ?? fill.size, lot),
    leavesQty: stepText(leaves, lot),
    createType: order === undefined ? "CreateByUser" : createTypeOf(order),
    orderType: view?.type === "market" ? "Market" : "Limit",
    stopOrderType: "UNKNOWN",
    execFee: formatAmount(fill.fee),
    execId: ids.execution(fill.fillId),
    execPrice: stepText(fill.price, tick),
    execQty: stepText(fill.size, lot),
    execType: execTypeOf(fill),
    execValue: productText(fill.price * fill.size),
    execTime: timeText(fill.timeMs),
    feeCurrency: COIN,
    isMaker: fill.isMaker,
    feeRate: formatAmount(fill.feeRate),
    ...NO_OPTION,
    markPrice: stepText(fill.mark, tick),
    closedSize: stepText(fill.closedSize, lot),
    extraFees: "",
    seq: ids.sequence(fill.sequence),
  };
}

/** A settlement: `execFee` is what was paid, the opposite of the transaction log's `funding`. */
function fundingObject({ engine, ids }: BybitContext, execution: Extract<Execution, { kind: "funding" }>): WireObject {
  const { payment } = execution;
  const market = marketOf(engine, payment.market);
  const { lot } = market.spec;
  const size = payment.size < 0n ? -payment.size : payment.size;
  const price = formatAmount(payment.mark);
  return {
    symbol: symbolOf(market),
    orderId: ids.funding(payment.paymentId),
    orderLinkId: "",
    side: payment.size < 0n ? "Sell" : "Buy",
    orderPrice: "0",
    orderQty: "0",
    leavesQty: "0",
    createType: "",
    orderType: "UNKNOWN",
    stopOrderType: "UNKNOWN",
    execFee: formatAmount(-payment.amount),
    execId: ids.funding(payment.paymentId),
    execPrice: price,
    execQty: stepText(size, lot),
    execType: "Funding",
    execValue: formatAmount(divideRound(size * payment.mark, UNIT)),
    execTime: timeText(payment.timeMs),
    feeCurrency: "",
    isMaker: false,
    feeRate: fundingFeeRate(payment),
    ...NO_OPTION,
    markPrice: price,
    closedSize: "",
    extraFees: "",
    seq: ids.sequence(payment.paymentId),
  };
}

/** The market's rate for a long position, its negative for a short one (docs v5, transaction-log). */
export function fundingFeeRate({ rate, size }: { readonly rate: bigint; readonly size: bigint }): string {
  return formatAmount(size < 0n ? -rate : rate);
}

export function sizeText(size: bigint, { spec }: Pick<MarketView, "spec">): string {
  return stepText(size < 0n ? -size : size, spec.lot);
}
