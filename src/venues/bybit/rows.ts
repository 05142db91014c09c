import { z } from "zod";
import type * as updates from "../../model/account-update.ts";
import type { Decimal } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import { flatFee, type TradeFee } from "../../model/fee.ts";
import type { Market } from "../../model/market.ts";
import type { OrderSide, VenueOrder } from "../../model/order.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { parseJson } from "../../net/json.ts";
import type { RowKind } from "../../net/rows.ts";
import {
  type FillSource,
  optionalWireCoin,
  optionalWireDecimal,
  readFee,
  secondaryWireDecimal,
  wireCoin,
  wireDecimal,
  wireId,
  wireSymbol,
} from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { read, wireTime } from "./web-utils.ts";

// Rows of the private stream are those of REST, which lacks `category` and calls a position's `entryPrice` `avgPrice`:
// both come through these functions. Rows of other products and of unknown markets are undefined.

const ids = { clientOrderId: "orderLinkId", exchangeOrderId: "orderId", symbol: "symbol" };
export const ORDER_ROW: RowKind = { subject: "order", ...ids };
export const EXECUTION_ROW: RowKind = { subject: "fill", ...ids };
export const POSITION_ROW: RowKind = { subject: "position", symbol: "symbol" };

const optionalText = z.string().nullish();
const id = wireId;
const wireSide = z.enum(["Buy", "Sell"]);

const wireOrder = z.object({
  side: wireSide,
  qty: wireDecimal,
  orderId: id,
  orderType: id,
  orderStatus: id,
  /** Client's id; empty on orders that were placed without one. */
  orderLinkId: optionalText,
  timeInForce: optionalText,
  rejectReason: optionalText,
  cancelType: optionalText,
  price: optionalWireDecimal,
  cumExecQty: wireDecimal,
  avgPrice: optionalWireDecimal,
  reduceOnly: z.boolean().nullish(),
  createdTime: wireTime,
  updatedTime: wireTime,
});

/** Rows of some types have no side and no order: the type tells how to read the rest. */
const wireExecutionType = z.object({
  execType: id,
  createType: optionalText,
  execTime: wireTime,
});

/** Taxes beside the fee, which does not contain them (docs, execution: GST of Indian accounts). */
const wireExtraFees = z.array(z.object({ feeCoin: wireCoin, fee: wireDecimal }));
/** Empty text where there are none; a list, also as JSON text. */
const optionalExtraFees = z
  .union([
    z.literal("").transform(() => []),
    wireExtraFees,
    z.string().transform((text, context) => {
      const fees = wireExtraFees.safeParse(parseOrUndefined(text));
      if (fees.success) return fees.data;
      context.addIssue({ code: "custom", message: "not a list of fees" });
      return z.NEVER;
    }),
  ])
  .nullish();

function parseOrUndefined(text: string): unknown {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

const wireExecution = z.object({
  side: wireSide,
  execId: id,
  orderId: optionalText,
  orderLinkId: optionalText,
  createType: optionalText,
  execPrice: wireDecimal,
  execQty: wireDecimal,
  feeRate: optionalWireDecimal,
  /** The transaction log's `cashFlow` of the execution; on the stream only (docs, execution topic). */
  execPnl: optionalWireDecimal,
  isMaker: z.boolean().nullish(),
});

const wireFee = z.object({
  feeCurrency: optionalWireCoin,
  /** Fee of the execution; negative where it is a rebate. */
  execFee: wireDecimal,
  extraFees: optionalExtraFees,
});

const wirePosition = z.object({
  /** Index 0 is for one-way mode; 1 is the long position of hedge mode and 2 the short one. */
  positionIdx: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  /** Empty where the position is flat, "None" on older accounts: neither is short. */
  side: z.enum(["Buy", "Sell", "", "None"]),
  /** Unsigned. */
  size: wireDecimal,
  avgPrice: optionalWireDecimal,
  entryPrice: optionalWireDecimal,
  unrealisedPnl: secondaryWireDecimal,
  leverage: secondaryWireDecimal,
  liqPrice: secondaryWireDecimal,
  markPrice: secondaryWireDecimal,
  /** Margin mode on older accounts, 1 is isolated; always 0 on unified ones, whose mode is the account's. */
  tradeMode: z.number().nullish(),
});

const wireMarketRow = z.object({ symbol: wireSymbol, category: z.unknown().optional() });

/** Finds the market that a row is about. Spot and linear share symbols, so the category counts where it is given. */
export function rowMarket(markets: VenueMarkets, row: unknown): Market | undefined {
  const { symbol, category } = read("a row", wireMarketRow, row);
  if (category !== undefined && category !== constants.CATEGORY) return undefined;
  return markets.bySymbol.get(symbol);
}

export const settleCoinOf = (market: Market): string => market.rule.buyOrderCollateralToken;
export const canHedge = (market: Market): boolean => settleCoinOf(market) === constants.HEDGE_SETTLE_COIN;
const sideOf = (side: z.output<typeof wireSide>): OrderSide => (side === "Buy" ? "buy" : "sell");

/** Drops zeros, which stand for "none". */
function positive(value: Decimal | undefined): Decimal | undefined {
  return value?.gt(0) === true ? value : undefined;
}

/**
 * State and reason. What the matching engine ended after taking the order is canceled, also where its status is
 * `Rejected`: the docs call a crossing post-only order "cancelled" and "rejected", so the reason decides.
 */
function endOf(row: z.output<typeof wireOrder>) {
  const state = constants.ORDER_STATE[row.orderStatus];
  if (state === undefined) throw new ProtocolError(`unknown status ${row.orderStatus}`, { venue: constants.VENUE });
  if (state !== "canceled" && state !== "failed") return { state };
  const { rejectReason, cancelType, timeInForce } = row;
  const reason = constants.TERMINAL_REASON[rejectReason ?? ""] ?? constants.TERMINAL_REASON[cancelType ?? ""];
  const inferredReason = timeInForce === "IOC" || timeInForce === "FOK" ? ("iocRemainder" as const) : undefined;
  return { state: reason === undefined ? state : ("canceled" as const), reason, inferredReason };
}

export function parseOrder(markets: VenueMarkets, payload: unknown): updates.OrderUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("an order", wireOrder, payload);
  const isMaker = row.timeInForce === "PostOnly" || row.timeInForce === "RPI";
  const type = row.orderType === "Market" ? "market" : isMaker ? "limitMaker" : "limit";
  const { state, reason, inferredReason } = endOf(row);
  const common = {
    tradingPair: market.tradingPair,
    clientOrderId: row.orderLinkId || undefined,
    exchangeOrderId: row.orderId,
    state,
    executedAmount: row.cumExecQty,
    averagePrice: positive(row.avgPrice),
  };
  const order: VenueOrder = {
    ...common,
    side: sideOf(row.side),
    type,
    // A market order shows the worst price that it may trade at.
    price: type === "market" ? undefined : positive(row.price),
    amount: row.qty,
    reduceOnly: row.reduceOnly === true,
    timestampMs: row.createdTime,
    updatedAtMs: row.updatedTime,
  };
  return { type: "order", ...common, reason, inferredReason, timestampMs: row.updatedTime, order };
}

/** Trades of the venue's own are of the position, never of an order of ours. */
function adjustmentReasonOf(execType: string, createType: string | null | undefined) {
  const isTrade = constants.TRADE_EXEC_TYPES.has(execType);
  const byOrder = isTrade ? constants.ADJUSTMENT_BY_CREATE_TYPE[createType ?? ""] : undefined;
  return constants.ADJUSTMENT_BY_EXEC_TYPE[execType] ?? byOrder;
}

export type Execution = updates.TradeUpdate | updates.PositionAdjustment | updates.FundingDue;

/** Fee of an execution, in the settle coin where the row names none, as often on linear markets. */
function feeOf(market: Market, payload: unknown): TradeFee {
  const { feeCurrency, execFee, extraFees } = read("a fee", wireFee, payload);
  const asset = feeCurrency ?? settleCoinOf(market);
  const taxes = (extraFees ?? []).map(({ feeCoin, fee }) => ({ token: feeCoin, amount: fee }));
  const fee = flatFee(asset, execFee);
  return { ...fee, flatFees: [...fee.flatFees, ...taxes] };
}

/** Reads an execution by its type: a fill of an order, a trade of the venue itself, or word of a funding settlement. */
export function parseExecution(
  markets: VenueMarkets,
  payload: unknown,
  source: FillSource = "push",
): Execution | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const { execType, createType, execTime: timestampMs } = read("an execution", wireExecutionType, payload);
  // A settlement's `execId` is not the `id` of the transaction log, so only the log books it: counted there, once.
  if (execType === "Funding") return { type: "fundingDue", timestampMs };
  if (constants.NO_TRADE_EXEC_TYPES.has(execType)) return undefined;
  const reason = adjustmentReasonOf(execType, createType);
  if (reason === undefined && !constants.TRADE_EXEC_TYPES.has(execType))
    throw new ProtocolError(`unknown execution type ${execType}`, { venue: constants.VENUE });
  const row = read("an execution", wireExecution, payload);
  const common = {
    tradingPair: market.tradingPair,
    price: row.execPrice,
    fee: readFee(source, () => feeOf(market, payload)),
    realizedPnl: row.execPnl,
    timestampMs,
  };
  if (reason !== undefined) {
    const amount = row.side === "Buy" ? row.execQty : row.execQty.neg();
    // The row does not tell which of a hedged market's positions it is: the engine knows the position mode.
    return { ...common, type: "positionAdjustment", adjustmentId: row.execId, side: "both", reason, amount };
  }
  if (!row.orderId) return undefined;
  return {
    ...common,
    type: "trade",
    fillId: row.execId,
    clientOrderId: row.orderLinkId || undefined,
    exchangeOrderId: row.orderId,
    side: sideOf(row.side),
    amount: row.execQty,
    isMaker: row.isMaker === true,
  };
}

export function parsePosition(
  markets: VenueMarkets,
  payload: unknown,
  timestampMs: number,
): updates.PositionUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a position", wirePosition, payload);
  if (row.size.gt(0) && row.side !== "Buy" && row.side !== "Sell")
    throw new ProtocolError("a position with a size and without a side", { venue: constants.VENUE });
  return {
    type: "position",
    tradingPair: market.tradingPair,
    side: (["both", "long", "short"] as const)[row.positionIdx],
    marginMode: row.tradeMode === 1 ? "isolated" : undefined,
    amount: row.side === "Sell" ? row.size.neg() : row.size,
    entryPrice: positive(row.entryPrice ?? row.avgPrice),
    unrealizedPnl: row.unrealisedPnl,
    leverage: positive(row.leverage),
    liquidationPrice: positive(row.liqPrice),
    markPrice: positive(row.markPrice),
    timestampMs,
  };
}
