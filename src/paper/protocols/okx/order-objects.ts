import { formatAmount } from "../../engine/amount.ts";
import type { CloseReason, FillView, MarketView, OrderView, PositionSide } from "../../engine/types.ts";
import type { OkxContext } from "./context.ts";
import { notOpen } from "./errors.ts";
import { COIN, contractsText, instIdOf, marketOf, SWAP } from "./instruments.ts";
import { isForced, type OkxOrder, type OrderDetails, type OrderPush } from "./orders.ts";
import { averageOf, productText, timeText, type WireObject } from "./wire.ts";

/** Codes of who or what ended an order (docs v5, order channel: cancelSource). */
const CANCEL_SOURCES: Readonly<Record<CloseReason, string>> = {
  filled: "",
  user: "1",
  expired: "0",
  postOnly: "31",
  iocRemainder: "14",
  fokUnfilled: "13",
  selfTrade: "32",
  reduceOnly: "23",
  margin: "3",
  liquidation: "3",
  delisted: "7",
  amended: "1",
};

export function posSideText(side: PositionSide | undefined): string {
  return side === undefined || side === "both" ? "net" : side;
}

/** Progress of an order. */
interface Progress {
  readonly filled: bigint;
  readonly cost: bigint;
  readonly fees: bigint;
  readonly realized: bigint;
  readonly last: FillView | undefined;
}

const NO_PROGRESS: Progress = { filled: 0n, cost: 0n, fees: 0n, realized: 0n, last: undefined };

/** Computes an order's progress up to a fill, or up to now. */
function progressOf({ engine }: OkxContext, view: OrderView | null, upTo?: FillView): Progress {
  let progress = NO_PROGRESS;
  if (view === null) return progress;
  for (const fill of engine.orderFills(view.accountId, view.orderId)) {
    progress = {
      filled: progress.filled + fill.size,
      cost: progress.cost + fill.price * fill.size,
      fees: progress.fees + fill.fee,
      realized: progress.realized + fill.realized,
      last: fill,
    };
    if (fill.fillId === upTo?.fillId) break;
  }
  return progress;
}

export type OrderState = "live" | "partially_filled" | "filled" | "canceled";

export function stateOf({ view, refusedFor }: OkxOrder): OrderState {
  if (refusedFor !== null) return "canceled";
  if (view === null) return "live";
  if (view.filled === view.size) return "filled";
  if (view.status === "closed") return "canceled";
  return view.filled > 0n ? "partially_filled" : "live";
}

function cancelSourceOf({ view, refusedFor, orderId }: OkxOrder, { details }: OkxContext): string {
  if (refusedFor !== null) return "0";
  if (view === null || view.closeReason === null || view.filled === view.size) return "";
  const own = view.closeReason === "user" ? details.get(orderId)?.cancelSource : undefined;
  return own ?? CANCEL_SOURCES[view.closeReason];
}

function ordTypeOf({ request, orderId }: OkxOrder, { details }: OkxContext): string {
  const own = details.get(orderId)?.ordType;
  if (own !== undefined) return own;
  if (request.type === "market") return "market";
  if (request.postOnly) return "post_only";
  return request.timeInForce === "GTC" ? "limit" : request.timeInForce.toLowerCase();
}

/** A moment of an order's life: what the row shows may be older than the order is. */
interface Moment {
  readonly state: OrderState;
  readonly progress: Progress;
  readonly price: bigint | null;
  readonly size: bigint;
  readonly updatedMs: number;
}

function momentOf(context: OkxContext, order: OkxOrder): Moment {
  const { view, request, refusedFor } = order;
  return {
    state: stateOf(order),
    progress: progressOf(context, view),
    price: view === null ? request.price : view.price,
    size: view?.size ?? request.size,
    updatedMs: refusedFor !== null ? order.refusedMs : (view?.updatedMs ?? order.createdMs),
  };
}

const NO_ALGO = {
  algoClOrdId: "",
  algoId: "",
  attachAlgoClOrdId: "",
  attachAlgoOrds: [],
  slOrdPx: "",
  slTriggerPx: "",
  slTriggerPxType: "",
  tpOrdPx: "",
  tpTriggerPx: "",
  tpTriggerPxType: "",
  isTpLimit: "false",
};

function categoryOf(view: OrderView | null): string {
  if (view?.adl === true) return "adl";
  if (view?.settlement === true) return "delivery";
  return view?.liquidation === true ? "full_liquidation" : "normal";
}

function commonFields(context: OkxContext, order: OkxOrder, moment: Moment): WireObject {
  const { engine, details } = context;
  const { request, view, orderId } = order;
  const market = marketOf(engine, request.market);
  const settings = engine.settings(request.accountId, request.market);
  const own = details.get(orderId);
  const { progress, price, size, state } = moment;
  return {
    instType: SWAP,
    instId: instIdOf(market),
    tgtCcy: "",
    ccy: "",
    ordId: orderId,
    clOrdId: request.clientId ?? "",
    tag: own?.tag ?? "",
    px: price === null ? "" : formatAmount(price),
    pxUsd: "",
    pxVol: "",
    pxType: "",
    sz: contractsText(size, market),
    pnl: formatAmount(progress.realized),
    ordType: ordTypeOf(order, context),
    side: request.side,
    posSide: posSideText(request.positionSide),
    tdMode: own?.tdMode ?? settings?.marginMode ?? "cross",
    accFillSz: contractsText(progress.filled, market),
    state,
    lever: formatAmount(settings?.leverage ?? 0n),
    fee: formatAmount(-progress.fees),
    feeCcy: COIN,
    rebate: "0",
    rebateCcy: COIN,
    source: "",
    category: categoryOf(view),
    reduceOnly: String(request.reduceOnly),
    cancelSource: state === "canceled" ? cancelSourceOf(order, context) : "",
    quickMgnType: "",
    stpId: "",
    stpMode: "cancel_maker",
    tradeQuoteCcy: "",
    ...NO_ALGO,
    uTime: timeText(moment.updatedMs),
    cTime: timeText(order.createdMs),
  };
}

/** The row of `/trade/order` and of the lists; what it tells of a fill is the last one. */
export function orderObject(context: OkxContext, order: OkxOrder): WireObject {
  const moment = momentOf(context, order);
  const { last, cost, filled } = moment.progress;
  const market = marketOf(context.engine, order.request.market);
  return {
    ...commonFields(context, order, moment),
    fillPx: last === undefined ? "" : formatAmount(last.price),
    tradeId: last === undefined ? "" : tradeIdOf(context, last),
    fillSz: contractsText(last?.size ?? 0n, market),
    fillTime: last === undefined ? "" : timeText(last.timeMs),
    avgPx: filled === 0n ? "" : formatAmount(averageOf(cost, filled)),
    cancelSourceReason: "",
    linkedAlgoOrd: { algoId: "" },
  };
}

function momentOfPush(context: OkxContext, order: OkxOrder, push: OrderPush): Moment {
  const now = momentOf(context, order);
  if (push.kind === "fill") {
    const progress = progressOf(context, order.view, push.fill);
    const state = progress.filled >= now.size ? "filled" : "partially_filled";
    return { ...now, progress, state, updatedMs: push.fill.timeMs };
  }
  if (!("view" in push)) return now;
  const { filled, filledCost, fees, price, size, updatedMs } = push.view;
  const state = push.kind === "closed" ? stateOf(order) : filled > 0n ? "partially_filled" : "live";
  const progress = filled === 0n ? NO_PROGRESS : { ...now.progress, filled, cost: filledCost, fees };
  return { state, progress, price, size, updatedMs };
}

/** The row of the `orders` channel: fields of a fill are filled in where a fill is why it is sent. */
export function orderFrameObject(context: OkxContext, order: OkxOrder, push: OrderPush): WireObject {
  const moment = momentOfPush(context, order, push);
  const { request, orderId } = order;
  const market = marketOf(context.engine, request.market);
  const { cost, filled } = moment.progress;
  return {
    ...commonFields(context, order, moment),
    avgPx: formatAmount(averageOf(cost, filled)),
    notionalUsd: productText(moment.size * (moment.price ?? market.mark)),
    ...fillFields(context, market, push.kind === "fill" ? push.fill : undefined),
    lastPx: formatAmount(market.last ?? market.mark),
    ...amendFields(push, context.details.get(orderId)),
    linkedAlgoOrd: { algoId: "" },
  };
}

/** An amendment's outcome, with the `reqId` that its request had (docs v5, order channel). */
function amendFields({ kind }: OrderPush, details: OrderDetails | undefined): WireObject {
  const none = { amendResult: "", amendSource: "", reqId: "", code: "0", msg: "" };
  const reqId = details?.reqId ?? "";
  switch (kind) {
    case "amended":
      return { ...none, amendResult: "0", amendSource: "1", reqId };
    case "resized":
      return { ...none, amendResult: "0", amendSource: "4" };
    case "notAmended": {
      const { code, message } = notOpen("amend");
      return { ...none, amendResult: "-1", reqId, code, msg: message };
    }
    case "closed":
      return details?.isCanceledForAmend === true ? { ...none, amendResult: "1", reqId } : none;
    default:
      return none;
  }
}

/** Orders of the venue itself have no trade id (docs v5, order channel). */
function tradeIdOf({ ids }: OkxContext, fill: FillView): string {
  return isForced(fill) ? "0" : ids.trade(fill.tradeId);
}

function fillFields(context: OkxContext, market: MarketView, fill: FillView | undefined): WireObject {
  const text = (show: (fill: FillView) => string, whenNone = "") => (fill === undefined ? whenNone : show(fill));
  return {
    tradeId: text((one) => tradeIdOf(context, one)),
    fillPx: text(({ price }) => formatAmount(price)),
    fillSz: text(({ size }) => contractsText(size, market), "0"),
    fillTime: text(({ timeMs }) => timeText(timeMs)),
    fillFee: text(({ fee }) => formatAmount(-fee), "0"),
    fillFeeCcy: text(() => COIN),
    fillPnl: text(({ realized }) => formatAmount(realized), "0"),
    fillNotionalUsd: text(({ price, size }) => productText(price * size)),
    execType: text((one) => (isForced(one) ? "" : one.isMaker ? "M" : "T")),
    fillMarkPx: text(({ mark }) => formatAmount(mark)),
    fillIdxPx: text(() => formatAmount(market.index)),
    fillPxVol: "",
    fillPxUsd: "",
    fillMarkVol: "",
    fillFwdPx: "",
  };
}
