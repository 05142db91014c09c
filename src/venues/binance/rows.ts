import { z } from "zod";
import type { AccountUpdate, OrderUpdate, PositionAdjustment, TradeUpdate } from "../../model/account-update.ts";
import type { Decimal } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import type {
  MarginMode,
  OrderSide,
  OrderType,
  PositionSide,
  TerminalReason,
  VenueOrder,
  VenueOrderState,
} from "../../model/order.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { wordTable } from "../../model/word-table.ts";
import type { RowKind } from "../../net/rows.ts";
import {
  type FillSource,
  optionalWireCoin,
  optionalWireDecimal,
  readFee,
  secondaryWireDecimal,
  toldFee,
  wireDecimal,
  wireIntegerId,
  wireSymbol,
  wireTimeMs,
} from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { manifest } from "./manifest.ts";
import { read } from "./web-utils.ts";

const wireSide = z.enum(["BUY", "SELL"]).transform((side): OrderSide => (side === "BUY" ? "buy" : "sell"));
export const wirePositionSide = z
  .enum(["BOTH", "LONG", "SHORT"])
  .transform((side): PositionSide => (side === "BOTH" ? "both" : side === "LONG" ? "long" : "short"));

export const ORDER_ROW: RowKind = {
  subject: "order",
  clientOrderId: "clientOrderId",
  exchangeOrderId: "orderId",
  symbol: "symbol",
};
/** Rows of `userTrades` have no client order id. */
export const FILL_ROW: RowKind = { subject: "fill", exchangeOrderId: "orderId", symbol: "symbol" };
export const POSITION_ROW: RowKind = { subject: "position", symbol: "symbol" };
export const BALANCE_ROW: RowKind = { subject: "balance", asset: "asset" };

/** Order object of REST; amounts are in the base asset, times in epoch milliseconds. */
const wireOrder = z.object({
  symbol: wireSymbol,
  orderId: wireIntegerId,
  clientOrderId: z.string(),
  side: wireSide,
  updateTime: wireTimeMs,
  type: z.string(),
  timeInForce: z.string(),
  /** Limit; zero for a market order. */
  price: wireDecimal,
  origQty: wireDecimal,
  reduceOnly: z.boolean(),
  status: z.string(),
  executedQty: wireDecimal,
  /** Average price; absent from answers to create, cancel and amend since 2026-07-15. */
  avgPrice: optionalWireDecimal,
  /** Code of the venue, on the stream only. */
  expiryReason: z.string().optional(),
  /** Creation time: answers to create, cancel and amend lack it, as events do. */
  time: wireTimeMs.optional(),
});
type WireOrder = z.output<typeof wireOrder>;

/** Row of `userTrades`; the quantity is in the base asset, the time in epoch milliseconds. */
const wireFill = z.object({
  symbol: wireSymbol,
  id: wireIntegerId,
  orderId: wireIntegerId,
  /** Client id of the order, on the stream only. */
  clientOrderId: z.string().optional(),
  side: wireSide,
  positionSide: wirePositionSide,
  price: wireDecimal,
  qty: wireDecimal,
  maker: z.boolean(),
  /** Profit or loss of the fill without its fee. */
  realizedPnl: optionalWireDecimal,
  time: wireTimeMs,
});

/** Fee of a fill; absent where nothing was charged. */
const wireFee = z.object({ commission: optionalWireDecimal, commissionAsset: optionalWireCoin });

/** Row of `positionRisk`; ACCOUNT_UPDATE has the same by letters, without mark and liquidation price. */
const wirePosition = z.object({
  symbol: wireSymbol,
  positionSide: wirePositionSide,
  positionAmt: wireDecimal,
  updateTime: wireTimeMs,
  entryPrice: wireDecimal,
  markPrice: secondaryWireDecimal,
  liquidationPrice: secondaryWireDecimal,
  unRealizedProfit: secondaryWireDecimal,
  /** Margin of an isolated position; zero for one in cross margin. */
  isolatedWallet: optionalWireDecimal,
  /** Margin mode, on the stream only: `cross` or `isolated`. */
  marginType: z.string().nullish(),
});

function marginModeOf({ marginType, isolatedWallet }: z.output<typeof wirePosition>): MarginMode | undefined {
  if (marginType != null) return marginType.toLowerCase() === "isolated" ? "isolated" : "cross";
  return isolatedWallet === undefined ? undefined : isolatedWallet.isZero() ? "cross" : "isolated";
}

/** Retail price improvement orders (RPI) are post-only. */
function typeOf({ type, timeInForce }: WireOrder): OrderType {
  if (type.endsWith("MARKET")) return "market";
  return timeInForce === "GTX" || timeInForce === "RPI" ? "limitMaker" : "limit";
}

/** Reasons why an order expired, by the venue's own code (docs, Event-Order-Update, expiry reason). */
const EXPIRY_REASONS: Readonly<Record<string, TerminalReason>> = wordTable({
  1: "selfTrade",
  2: "iocRemainder",
  3: "selfTrade",
  4: "reduceOnly",
  5: "liquidation",
  9: "iocRemainder",
  10: "iocRemainder",
  11: "postOnly",
});

/** Infers the reason that REST does not give: an order that expired did so by its own terms. */
function inferredReasonOf(row: WireOrder): TerminalReason | undefined {
  if (row.status !== "EXPIRED") return undefined;
  const isImmediate = row.timeInForce === "IOC" || row.timeInForce === "FOK" || typeOf(row) === "market";
  return isImmediate ? "iocRemainder" : row.timeInForce === "GTX" ? "postOnly" : undefined;
}

/** Reason why the venue made an order, by its client id; undefined where it did not. */
export function venueReasonOf(clientOrderId: string): PositionAdjustment["reason"] | undefined {
  return constants.VENUE_CLIENT_IDS.find(([prefix]) => clientOrderId.startsWith(prefix))?.[1];
}

/** Orders of the venue itself have had states that no page lists: their amounts tell as much. */
function stateOf({ status, clientOrderId, executedQty, origQty }: WireOrder): VenueOrderState {
  const state = constants.ORDER_STATE[status];
  if (state !== undefined) return state;
  if (venueReasonOf(clientOrderId) === undefined) {
    throw new ProtocolError(`Binance has no documented order status ${status}`, { venue: manifest.name });
  }
  return executedQty.gte(origQty) ? "filled" : executedQty.isZero() ? "open" : "partiallyFilled";
}

/** Zero means none: of a market order, or of an order without a fill. */
function priceOrNone(price: Decimal | undefined): Decimal | undefined {
  return price?.isZero() === false ? price : undefined;
}

/** Reads an order object of REST; undefined where the market is not a perpetual. */
export function parseOrder(
  markets: VenueMarkets,
  payload: unknown,
): (OrderUpdate & { readonly order: VenueOrder }) | undefined {
  const row = read("an order", wireOrder, payload);
  const tradingPair = markets.bySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const facts = {
    tradingPair,
    exchangeOrderId: row.orderId,
    clientOrderId: row.clientOrderId,
    state: stateOf(row),
    executedAmount: row.executedQty,
    averagePrice: priceOrNone(row.avgPrice),
    timestampMs: row.updateTime,
  };
  return {
    type: "order",
    ...facts,
    reason: row.status === "EXPIRED_IN_MATCH" ? "selfTrade" : EXPIRY_REASONS[row.expiryReason ?? ""],
    inferredReason: inferredReasonOf(row),
    order: {
      ...facts,
      side: row.side,
      type: typeOf(row),
      price: priceOrNone(row.price),
      amount: row.origQty,
      reduceOnly: row.reduceOnly,
      timestampMs: row.time ?? row.updateTime,
      updatedAtMs: row.updateTime,
    },
  };
}

/** Tells whether a fill opens: in hedge mode by position and side; in one-way mode only the order that traded knows. */
function positionActionOf(positionSide: PositionSide, side: OrderSide) {
  if (positionSide === "both") return undefined;
  return (positionSide === "long") === (side === "buy") ? "open" : "close";
}

/** Reads a row of `userTrades`, which has no client order id; undefined where the market is not a perpetual. */
export function parseFill(
  markets: VenueMarkets,
  payload: unknown,
  source: FillSource = "push",
): TradeUpdate | undefined {
  const row = read("a fill", wireFill, payload);
  const tradingPair = markets.bySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  const readIt = () => {
    const { commission, commissionAsset } = read("a fee", wireFee, payload);
    return toldFee(commissionAsset, commission);
  };
  return {
    type: "trade",
    fillId: row.id,
    tradingPair,
    clientOrderId: row.clientOrderId,
    exchangeOrderId: row.orderId,
    side: row.side,
    positionAction: positionActionOf(row.positionSide, row.side),
    price: row.price,
    amount: row.qty,
    fee: readFee(source, readIt),
    realizedPnl: row.realizedPnl,
    isMaker: row.maker,
    timestampMs: row.time,
  };
}

/** Reads a row of `positionRisk`; undefined where the market is not a perpetual. */
export function parsePosition(markets: VenueMarkets, payload: unknown): AccountUpdate | undefined {
  const row = read("a position", wirePosition, payload);
  const tradingPair = markets.bySymbol.get(row.symbol)?.tradingPair;
  if (tradingPair === undefined) return undefined;
  return {
    type: "position",
    tradingPair,
    side: row.positionSide,
    marginMode: marginModeOf(row),
    // Negative for a short position in both modes.
    amount: row.positionAmt,
    entryPrice: row.entryPrice,
    unrealizedPnl: row.unRealizedProfit,
    liquidationPrice: priceOrNone(row.liquidationPrice),
    markPrice: row.markPrice,
    // Time of its last change: a fill after that is not in it.
    timestampMs: row.updateTime,
  };
}
