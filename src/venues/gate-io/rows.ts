import { z } from "zod";
import { adjustmentOf } from "../../account/venue-trades.ts";
import type * as updates from "../../model/account-update.ts";
import type { Decimal } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import { flatFee, type TradeFee } from "../../model/fee.ts";
import type { Market } from "../../model/market.ts";
import type { PositionAction, VenueOrder } from "../../model/order.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import type { RowKind } from "../../net/rows.ts";
import {
  type FillSource,
  optionalWireDecimal,
  readFee,
  secondaryWireDecimal,
  wireDecimal,
  wireIntegerId,
  wireSymbol,
  wireText,
  wireTimeMs,
} from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { read, wireMoment, wireSeconds } from "./web-utils.ts";

// Rows of the private stream have the fields of REST, as numbers in the place of texts, and times in milliseconds beside
// those in seconds: both come through these functions. Sizes are contracts, negative for a sale. Rows of unknown markets
// are undefined.

const ids = { clientOrderId: "text", symbol: "contract" };
export const ORDER_ROW: RowKind = { subject: "order", ...ids, exchangeOrderId: "id" };
export const FILL_ROW: RowKind = { subject: "fill", ...ids, exchangeOrderId: "order_id" };
export const POSITION_ROW: RowKind = { subject: "position", symbol: "contract" };

const optionalText = z.string().nullish();
const optionalFlag = z.boolean().nullish();
const optionalMs = wireTimeMs.nullish();

const wireOrder = z.object({
  id: wireIntegerId,
  /** Client's id, or who else made the order: `api`, `web`, `liquidation` ... */
  text: optionalText,
  status: z.enum(["open", "finished"]),
  /** Reason of the order's end; on the stream also `_new` and `_update` while it is open. */
  finish_as: optionalText,
  size: wireDecimal,
  /** Contracts that are not filled, with the sign of the size. */
  left: wireDecimal,
  /** Zero of a market order. */
  price: optionalWireDecimal,
  /** Average price of its fills; zero without any. */
  fill_price: optionalWireDecimal,
  tif: optionalText,
  is_reduce_only: optionalFlag,
  is_close: optionalFlag,
  is_liq: optionalFlag,
  create_time: wireSeconds,
  create_time_ms: optionalMs,
  update_time: wireMoment.nullish(),
  finish_time: z.union([z.literal(""), wireSeconds]).nullish(),
  finish_time_ms: optionalMs,
});
type WireOrder = z.output<typeof wireOrder>;

const wireFill = z.object({
  /** Id; absent from the list by time, where the id is `trade_id`. */
  id: wireIntegerId.nullish(),
  trade_id: wireIntegerId.nullish(),
  order_id: wireIntegerId,
  text: optionalText,
  size: wireDecimal,
  /** Contracts of the size that closed a position; the stream does not tell. */
  close_size: secondaryWireDecimal,
  price: wireDecimal,
  role: z.enum(["maker", "taker"]),
  create_time: wireSeconds,
  create_time_ms: optionalMs,
});

/** Fee in the settle coin, negative where it is a rebate, and what was paid in points in its place. */
const wireFee = z.object({ fee: wireDecimal, point_fee: optionalWireDecimal });

const wirePosition = z.object({
  mode: z.enum(["single", "dual_long", "dual_short"]),
  /** Contracts, negative for a short position in either mode. */
  size: wireDecimal,
  entry_price: optionalWireDecimal,
  /** 0 is cross margin, whose leverage is `cross_leverage_limit`. */
  leverage: wireDecimal,
  cross_leverage_limit: secondaryWireDecimal,
  liq_price: secondaryWireDecimal,
  mark_price: secondaryWireDecimal,
  unrealised_pnl: secondaryWireDecimal,
});
type WirePosition = z.output<typeof wirePosition>;

const wireMarketRow = z.object({ contract: wireSymbol });

export function rowMarket(markets: VenueMarkets, row: unknown): Market | undefined {
  return markets.bySymbol.get(read("a row", wireMarketRow, row).contract);
}

/** Drops zeros, which stand for "none". */
const positive = (value: Decimal | undefined): Decimal | undefined => (value?.gt(0) === true ? value : undefined);

const sideOf = (size: Decimal) => (size.isNegative() ? ("sell" as const) : ("buy" as const));

/** Texts of clients begin with `t-`; all others are shared by many orders, and are no id. */
export const clientIdOf = (text: string | null | undefined): string | undefined =>
  text?.startsWith("t-") === true ? text : undefined;

/** Contracts that were filled. What is left has the sign of the size, and is no more than it. */
function filledOf({ size, left }: WireOrder): Decimal {
  if (size.isZero()) throw new ProtocolError("an order without a size has no side", { venue: constants.VENUE });
  const isOfSize = left.isZero() || left.isNegative() === size.isNegative();
  if (!isOfSize || left.abs().gt(size.abs()))
    throw new ProtocolError(`an order of ${size.toFixed()} contracts of which ${left.toFixed()} are left`, {
      venue: constants.VENUE,
    });
  return size.abs().minus(left.abs());
}

/** The amounts say whether it was filled: a word other than `filled` may end an order that has fills, or all of them. */
function stateOf({ status, left }: WireOrder, filled: Decimal): VenueOrder["state"] {
  if (status === "open") return filled.isZero() ? "open" : "partiallyFilled";
  return left.isZero() ? "filled" : "canceled";
}

function typeOf({ price, tif }: WireOrder): VenueOrder["type"] {
  // A price of 0 makes a market order of an `ioc` and of a `fok` (docs, FuturesOrder).
  if (price === undefined || price.isZero()) return "market";
  return tif === "poc" ? "limitMaker" : "limit";
}

function timesOf(row: WireOrder) {
  const createdMs = row.create_time_ms || row.create_time;
  const finishedMs = row.finish_time_ms || row.finish_time || 0;
  return { createdMs, updatedMs: Math.max(createdMs, row.update_time ?? 0, finishedMs) };
}

export const wireClosing = z.object({ size: wireDecimal, is_reduce_only: optionalFlag, is_close: optionalFlag });

/** Tells that an order closes whatever position there is when it trades: its size is 0 (docs, FuturesOrder `close`). */
export function closesAll({ size, is_close, is_reduce_only }: z.output<typeof wireClosing>): boolean {
  return size.isZero() && (is_close === true || is_reduce_only === true);
}

/**
 * An order, from the stream or a list. One that closes whatever there is has neither a side nor an amount: while it is open
 * it is shown among the conditional orders.
 */
export function parseOrder(markets: VenueMarkets, payload: unknown) {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("an order", wireOrder, payload);
  if (closesAll(row)) return undefined;
  const { contractSize } = market.rule;
  const filled = filledOf(row);
  const { createdMs, updatedMs } = timesOf(row);
  const facts = {
    tradingPair: market.tradingPair,
    clientOrderId: clientIdOf(row.text),
    exchangeOrderId: row.id,
    state: stateOf(row, filled),
    executedAmount: filled.times(contractSize),
    averagePrice: positive(row.fill_price),
  };
  const adjustmentReason =
    constants.adjustmentReasonOf(row.text) ?? (row.is_liq === true ? ("liquidation" as const) : undefined);
  const order: VenueOrder = {
    ...facts,
    side: sideOf(row.size),
    type: typeOf(row),
    price: positive(row.price),
    amount: row.size.abs().times(contractSize),
    reduceOnly: row.is_reduce_only === true || row.is_close === true,
    ...(adjustmentReason === undefined ? {} : { adjustmentReason }),
    timestampMs: createdMs,
    updatedAtMs: updatedMs,
  };
  const reason = facts.state === "canceled" ? constants.TERMINAL_REASON[row.finish_as ?? ""] : undefined;
  return { type: "order" as const, ...facts, reason, timestampMs: updatedMs, order };
}

export type Fill = updates.TradeUpdate | updates.PositionAdjustment;

/** A fee that points paid is zero in the settle coin; both are told where both were charged. */
function feeOf(payload: unknown): TradeFee {
  const { fee, point_fee: points } = read("a fee", wireFee, payload);
  const inCoin = flatFee(constants.SETTLE_COIN, fee);
  if (points === undefined || points.isZero()) return inCoin;
  const inPoints = { token: constants.POINTS, amount: points };
  return { ...inCoin, flatFees: fee.isZero() ? [inPoints] : [...inCoin.flatFees, inPoints] };
}

/**
 * Position action of a fill whose order is not known here: in hedge mode it names the leg. One that closes and opens is
 * of one-way mode.
 */
function actionOf({ text, size, close_size: closed }: z.output<typeof wireFill>): PositionAction | undefined {
  if (closed === undefined || clientIdOf(text) !== undefined) return undefined;
  if (closed.isZero()) return "open";
  return closed.abs().gte(size.abs()) ? "close" : undefined;
}

/** A fill of an order, or a trade that the venue made by itself, as the order's text tells. */
export function parseFill(markets: VenueMarkets, payload: unknown, source: FillSource = "push"): Fill | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a fill", wireFill, payload);
  const fillId = row.trade_id ?? row.id;
  if (fillId == null) throw new ProtocolError("a fill without an id", { venue: constants.VENUE });
  const trade: updates.TradeUpdate = {
    type: "trade",
    fillId,
    tradingPair: market.tradingPair,
    clientOrderId: clientIdOf(row.text),
    exchangeOrderId: row.order_id,
    side: sideOf(row.size),
    positionAction: actionOf(row),
    price: row.price,
    amount: row.size.abs().times(market.rule.contractSize),
    fee: readFee(source, () => feeOf(payload)),
    isMaker: row.role === "maker",
    timestampMs: row.create_time_ms || row.create_time,
  };
  const reason = constants.adjustmentReasonOf(row.text);
  return reason === undefined ? trade : adjustmentOf(trade, reason);
}

/** Leverage `"0"` is no leverage: the position is cross, and its limit counts. */
export function marginOf({
  leverage,
  cross_leverage_limit: ofCross,
}: Pick<WirePosition, "leverage"> & {
  readonly cross_leverage_limit?: Decimal | undefined;
}) {
  const isCross = leverage.isZero();
  return {
    marginMode: isCross ? ("cross" as const) : ("isolated" as const),
    leverage: positive(isCross ? ofCross : leverage),
  };
}

const SIDES = { single: "both", dual_long: "long", dual_short: "short" } as const;

export function parsePosition(
  markets: VenueMarkets,
  payload: unknown,
  timestampMs: number,
): updates.PositionUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a position", wirePosition, payload);
  const isOnSide = row.size.isZero() || row.mode === "single" || row.size.isNegative() === (row.mode === "dual_short");
  if (!isOnSide)
    throw new ProtocolError(`a position of ${row.size.toFixed()} contracts in mode ${row.mode}`, {
      venue: constants.VENUE,
    });
  return {
    type: "position",
    tradingPair: market.tradingPair,
    side: SIDES[row.mode],
    ...marginOf(row),
    amount: row.size.times(market.rule.contractSize),
    entryPrice: positive(row.entry_price),
    unrealizedPnl: row.unrealised_pnl,
    liquidationPrice: positive(row.liq_price),
    markPrice: positive(row.mark_price),
    timestampMs,
  };
}

/** Account that a row is of, where it says so. */
export const userOf = (row: { readonly user?: unknown }): string | undefined => wireText(row.user) || undefined;
