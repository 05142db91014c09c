import { z } from "zod";
import { adjustmentOf } from "../../account/venue-trades.ts";
import type * as updates from "../../model/account-update.ts";
import type { Decimal } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import type { VenueOrder, VenueOrderState } from "../../model/order.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
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
} from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { isRow, userOf } from "./requests.ts";
import { read, wireTime } from "./web-utils.ts";

// Rows of the private stream are those of REST, so both come through these functions. Rows of markets that are not known
// are undefined: spot, other exchanges of the venue, delisted markets that are not listed any more.

const ids = { clientOrderId: "cloid", exchangeOrderId: "oid", symbol: "coin" };
export const ORDER_ROW: RowKind = { subject: "order", ...ids };
export const FILL_ROW: RowKind = { subject: "fill", ...ids };
export const POSITION_ROW: RowKind = { subject: "position", symbol: "coin" };
export const PAYMENT_ROW: RowKind = { subject: "fundingPayment", symbol: "coin" };

const wireSide = z.enum(["B", "A"]).transform((side) => (side === "B" ? ("buy" as const) : ("sell" as const)));

/** Text that a conditional order shows in the place of its condition once it rests like any other (not seen live). */
export const TRIGGERED = "Triggered";

/** An order; the fields behind `timestamp` are in the lists of REST alone, and some in newer ones only. */
const wireOrder = z.object({
  side: wireSide,
  limitPx: optionalWireDecimal,
  /** Remaining size. */
  sz: wireDecimal,
  origSz: optionalWireDecimal,
  oid: wireIntegerId,
  cloid: z.string().nullish(),
  timestamp: wireTime,
  isTrigger: z.boolean().nullish(),
  triggerCondition: z.string().nullish(),
  reduceOnly: z.boolean().nullish(),
  orderType: z.string().nullish(),
  tif: z.string().nullish(),
  /** Absent in lists of open orders. */
  status: z.string().min(1).optional(),
  statusTimestamp: wireTime.optional(),
});
type WireOrder = z.output<typeof wireOrder>;

const wireFill = z.object({
  coin: wireSymbol,
  px: wireDecimal,
  sz: wireDecimal,
  /** Side of the account, not of the aggressor. */
  side: wireSide,
  time: wireTime,
  dir: z.string().nullish(),
  /** Profit or loss without the fee; zero where it opened. */
  closedPnl: optionalWireDecimal,
  oid: wireIntegerId,
  cloid: z.string().nullish(),
  /** True for the taker. */
  crossed: z.boolean(),
  tid: wireIntegerId,
  liquidation: z.object({ liquidatedUser: z.string().nullish() }).nullish(),
});
/** The fee has that of a builder in it; negative is a rebate. */
const wireFee = z.object({ fee: optionalWireDecimal, feeToken: optionalWireCoin });

const wirePosition = z.object({
  /** Negative for a short position. */
  szi: wireDecimal,
  entryPx: optionalWireDecimal,
  unrealizedPnl: secondaryWireDecimal,
  liquidationPx: secondaryWireDecimal,
  leverage: z.object({ type: z.string(), value: secondaryWireDecimal }).optional(),
});

const wireCoinRow = z.object({ coin: wireSymbol });

export function rowMarket(markets: VenueMarkets, row: unknown): Market | undefined {
  return markets.bySymbol.get(read("a row", wireCoinRow, row).coin);
}

/** A row whose order, position or change of cash stands in a field of its own, with its fields beside the others. */
export function flatRow(row: unknown, field: "order" | "position" | "delta"): unknown {
  if (!isRow(row)) return row;
  const { [field]: inner, ...others } = row;
  return isRow(inner) ? { ...others, ...inner } : row;
}

function typeOf({ orderType, tif }: WireOrder): VenueOrder["type"] {
  if (orderType === "Market" || tif === "FrontendMarket") return "market";
  return tif === "Alo" ? "limitMaker" : "limit";
}

/** Tells that an order waits for its price: its status may say that the price has come while the condition still stands. */
function waits({ isTrigger, triggerCondition, status }: WireOrder): boolean {
  return isTrigger === true && triggerCondition !== TRIGGERED && status !== "triggered" && status !== "filled";
}

interface Standing {
  readonly state: VenueOrderState;
  readonly executedAmount: Decimal | undefined;
}

/** Terms of orders that rest until they are filled whole. */
const RESTING: ReadonlySet<unknown> = new Set(["Gtc", "Alo"]);

/**
 * An IOC order of which a part was left is called filled, with the rest as its size. Some rows of filled orders show as left
 * what was executed since: of one that rested it was all, and else the fills alone tell, and `executedAmount` is undefined
 * here.
 */
function standingOf({ status = "open", sz, origSz, tif }: WireOrder): Standing {
  const state = constants.stateOf(status);
  if (state === undefined) throw new ProtocolError(`unknown status ${status}`, { venue: constants.VENUE });
  const executedAmount = origSz?.minus(sz);
  if (executedAmount?.lt(0) === true)
    throw new ProtocolError(`an order with ${sz} of ${origSz} left`, { venue: constants.VENUE });
  if (state === "filled" && RESTING.has(tif)) return { state, executedAmount: origSz };
  if (state === "filled" && !sz.isZero())
    return executedAmount?.gt(0) === true
      ? { state: "canceled", executedAmount }
      : { state, executedAmount: undefined };
  const isPartly = state === "open" && executedAmount?.gt(0) === true;
  return { state: isPartly ? "partiallyFilled" : state, executedAmount };
}

/**
 * An order, from the stream or a list. Those that wait for a price are left out: they are conditional orders. The stream
 * says of no order whether it waits or only reduces, so that one of another hand is shown as a plain order until the next
 * list.
 */
export function parseOrder(markets: VenueMarkets, payload: unknown): updates.OrderUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("an order", wireOrder, payload);
  if (waits(row)) return undefined;
  const { state, executedAmount } = standingOf(row);
  const amount = row.origSz ?? row.sz;
  const facts = {
    tradingPair: market.tradingPair,
    clientOrderId: row.cloid?.toLowerCase() || undefined,
    exchangeOrderId: row.oid,
    state,
  };
  const order: VenueOrder = {
    ...facts,
    side: row.side,
    type: typeOf(row),
    price: row.limitPx?.gt(0) === true ? row.limitPx : undefined,
    amount,
    executedAmount: executedAmount ?? (state === "filled" ? amount : amount.minus(row.sz)),
    reduceOnly: row.reduceOnly === true,
    timestampMs: row.timestamp,
    updatedAtMs: row.statusTimestamp,
  };
  const inferredReason = state === "canceled" && row.status === "filled" ? ("iocRemainder" as const) : undefined;
  const reason = constants.TERMINAL_REASON[row.status ?? ""];
  const timestampMs = row.statusTimestamp ?? row.timestamp;
  return { type: "order", ...facts, executedAmount, reason, inferredReason, timestampMs, order };
}

/** A fill is told by two orders and a time: two orders that trade with each other twice have one `tid` (docs, fills). */
export function fillIdOf({ tid, time }: Pick<z.output<typeof wireFill>, "tid" | "time">): string {
  return `${tid}:${time}`;
}

type Reason = updates.PositionAdjustment["reason"];

/** The other side of somebody else's liquidation has the same field, with that one's address. */
function adjustmentReasonOf(
  markets: VenueMarkets,
  { dir, liquidation }: z.output<typeof wireFill>,
): Reason | undefined {
  if (liquidation?.liquidatedUser?.toLowerCase() === userOf(markets)) return "liquidation";
  if (dir === "Auto-Deleveraging") return "adl";
  return dir === "Settlement" ? "settlement" : undefined;
}

/** A fill of an order, or a trade of the venue itself. What `dir` says beyond that is told by side and position. */
export function parseFill(
  markets: VenueMarkets,
  payload: unknown,
  source: FillSource = "push",
): updates.TradeUpdate | updates.PositionAdjustment | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a fill", wireFill, payload);
  const readIt = () => {
    const { fee, feeToken } = read("a fee", wireFee, payload);
    return toldFee(feeToken, fee);
  };
  const trade: updates.TradeUpdate = {
    type: "trade",
    fillId: fillIdOf(row),
    tradingPair: market.tradingPair,
    clientOrderId: row.cloid?.toLowerCase() || undefined,
    exchangeOrderId: row.oid,
    side: row.side,
    price: row.px,
    amount: row.sz,
    fee: readFee(source, readIt),
    realizedPnl: row.closedPnl,
    isMaker: !row.crossed,
    timestampMs: row.time,
  };
  const reason = adjustmentReasonOf(markets, row);
  return reason === undefined ? trade : adjustmentOf(trade, reason);
}

export function parsePosition(
  markets: VenueMarkets,
  payload: unknown,
  timestampMs: number,
): updates.PositionUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const { szi, entryPx, unrealizedPnl, liquidationPx, leverage } = read("a position", wirePosition, payload);
  return {
    type: "position",
    tradingPair: market.tradingPair,
    side: "both",
    marginMode: leverage === undefined ? undefined : leverage.type === "isolated" ? "isolated" : "cross",
    amount: szi,
    entryPrice: entryPx?.gt(0) === true ? entryPx : undefined,
    unrealizedPnl,
    leverage: leverage?.value,
    liquidationPrice: liquidationPx,
    timestampMs,
  };
}
