import { z } from "zod";
import type * as updates from "../../model/account-update.ts";
import { type Decimal, ZERO } from "../../model/decimal.ts";
import { ProtocolError } from "../../model/error.ts";
import type { Market } from "../../model/market.ts";
import type { PositionSide, VenueOrder } from "../../model/order.ts";
import type { VenueMarkets } from "../../model/venue-markets.ts";
import { type OnUnreadable, type RowKind, readRows } from "../../net/rows.ts";
import {
  type FillSource,
  optionalWireDecimal,
  readFee,
  secondaryWireDecimal,
  wireCoin,
  wireDecimal,
  wireId,
  wireSymbol,
} from "../../net/wire.ts";
import * as constants from "./constants.ts";
import { feeOf } from "./fill-fee.ts";
import { read, wireTime } from "./web-utils.ts";

// Rows of the private stream are those of REST, so both come through these functions. Sizes on the wire are contracts.
// Rows of other products and of unknown markets are undefined.

const ids = { clientOrderId: "clOrdId", exchangeOrderId: "ordId", symbol: "instId" };
export const ORDER_ROW: RowKind = { subject: "order", ...ids };
export const FILL_ROW: RowKind = { subject: "fill", ...ids };
export const POSITION_ROW: RowKind = { subject: "position", symbol: "instId" };
export const ACCOUNT_ROW: RowKind = { subject: "balance" };
const COIN_ROW: RowKind = { subject: "balance", asset: "ccy" };

const id = wireId;
const optionalText = z.string().nullish();
const wireSide = z.enum(["buy", "sell"]);
const wirePositionSide = z
  .enum(["net", "long", "short"])
  .transform((side): PositionSide => (side === "net" ? "both" : side));

const wireOrder = z.object({
  ordId: id,
  ordType: id,
  state: id,
  clOrdId: optionalText,
  /** Code of what canceled it. */
  cancelSource: optionalText,
  /** Text `true` or `false`. */
  reduceOnly: optionalText,
  side: wireSide,
  sz: wireDecimal,
  px: optionalWireDecimal,
  avgPx: optionalWireDecimal,
  /** Sum of its fills, in contracts. */
  accFillSz: wireDecimal,
  /** Result of the last amend: 0 done, -1 and 1 not done; empty where the row is about something else. */
  amendResult: optionalText,
  /** The amend's own id, as we sent it. */
  reqId: optionalText,
  msg: optionalText,
  /** Time of creation. */
  cTime: wireTime,
  /** Time of the last change. */
  uTime: wireTime,
});

/** A row of the lists of fills, or an order's row, each of which has some of the optional fields. */
const wireFill = z.object({
  tradeId: id,
  ordId: id,
  clOrdId: optionalText,
  /** Liquidity: `M` for maker, `T` for taker. */
  execType: optionalText,
  /** Kind of an order's row. */
  category: optionalText,
  /** Kind of a row of the lists of fills. */
  subType: optionalText,
  side: wireSide,
  posSide: wirePositionSide,
  fillPx: wireDecimal,
  fillSz: wireDecimal,
  /** Sum of the order's fills, in contracts, on an order's row. */
  accFillSz: optionalWireDecimal,
  /** Profit or loss of the fill without its fee; zero where it opened (docs, order channel, fills). */
  fillPnl: optionalWireDecimal,
  fillTime: wireTime,
});

const wirePosition = z.object({
  posSide: wirePositionSide,
  /** Size in contracts: negative for a short position in one-way mode, never in hedge mode. */
  pos: wireDecimal,
  mgnMode: optionalText,
  avgPx: optionalWireDecimal,
  /** Profit or loss that is not realized. */
  upl: secondaryWireDecimal,
  lever: secondaryWireDecimal,
  liqPx: secondaryWireDecimal,
  markPx: secondaryWireDecimal,
  uTime: wireTime,
});

/** One coin of an account; its figures are in the coin. */
const wireHolding = z.object({
  ccy: wireCoin,
  cashBal: wireDecimal,
  availEq: optionalWireDecimal,
  availBal: optionalWireDecimal,
  eq: optionalWireDecimal,
  /** Maintenance margin. */
  mmr: optionalWireDecimal,
});

/** An account; its own figures are in USD. */
const wireAccount = z.object({
  uTime: wireTime,
  /** Equity that counts as margin. */
  adjEq: optionalWireDecimal,
  /** Equity that is free for new orders; empty where each coin has its own. */
  availEq: optionalWireDecimal,
  /** Initial margin. */
  imr: optionalWireDecimal,
  /** Maintenance margin. */
  mmr: optionalWireDecimal,
  details: z.array(z.unknown()),
});

const wireMarketRow = z.object({ instId: wireSymbol });

export function rowMarket(markets: VenueMarkets, row: unknown): Market | undefined {
  return markets.bySymbol.get(read("a row", wireMarketRow, row).instId);
}

const positive = (value: Decimal | undefined): Decimal | undefined => (value?.gt(0) === true ? value : undefined);

/** Orders that rest or end: those of market makers and of retail price improvement too (docs, order channel, ordType). */
const MAKER_TYPES: ReadonlySet<string> = new Set(["post_only", "mmp_and_post_only", "rpi", "elp"]);

function typeOf(ordType: string): VenueOrder["type"] {
  if (ordType === "market" || ordType === "optimal_limit_ioc") return "market";
  return MAKER_TYPES.has(ordType) ? "limitMaker" : "limit";
}

/** "An amend that was taken and not done" is told on the order's row (docs, order channel, `amendResult`). */
function amendRefusalOf({ amendResult, clOrdId, reqId, msg }: z.output<typeof wireOrder>) {
  if ((amendResult !== "-1" && amendResult !== "1") || !clOrdId || !reqId) return undefined;
  return { clientOrderId: `${clOrdId}-${reqId}`, reason: msg || "the venue did not do the amend" };
}

export function parseOrder(markets: VenueMarkets, payload: unknown) {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("an order", wireOrder, payload);
  const { contractSize } = market.rule;
  const state = constants.ORDER_STATE[row.state];
  if (state === undefined) throw new ProtocolError(`unknown state ${row.state}`, { venue: constants.VENUE });
  const type = typeOf(row.ordType);
  const facts = {
    tradingPair: market.tradingPair,
    clientOrderId: row.clOrdId || undefined,
    exchangeOrderId: row.ordId,
    state,
    executedAmount: row.accFillSz.times(contractSize),
    averagePrice: positive(row.avgPx),
  };
  const order: VenueOrder = {
    ...facts,
    side: row.side,
    type,
    price: positive(row.px),
    amount: row.sz.times(contractSize),
    reduceOnly: row.reduceOnly === "true",
    timestampMs: row.cTime,
    updatedAtMs: row.uTime,
  };
  const isImmediate = type === "market" || row.ordType === "ioc" || row.ordType === "fok";
  const reasons = {
    reason: constants.TERMINAL_REASON.get(row.cancelSource ?? ""),
    inferredReason: isImmediate ? ("iocRemainder" as const) : undefined,
  };
  const ended = state === "canceled" ? reasons : {};
  const amendRefusal = amendRefusalOf(row);
  return { type: "order" as const, ...facts, ...ended, amendRefusal, timestampMs: row.uTime, order };
}

export type Fill = updates.TradeUpdate | updates.PositionAdjustment;

/**
 * Names a fill of an order of the venue itself by what the order has filled with it, in contracts: its trade id is zero
 * on the order channel and negative in the lists of fills (docs, order channel, fills).
 */
export function adjustmentIdOf(instId: string, ordId: string, filled: Decimal): string {
  return `${instId}:${ordId}:${filled.toFixed()}`;
}

/** Names such a fill as bills do, whose trade id is another one again. */
export function adjustmentSourceOf(ordId: string, fillTime: number): string {
  return `${ordId}:${fillTime}`;
}

/**
 * A row of the lists of fills, or an order's row with the fill that it came for: that of an order, or the venue's own.
 */
export function parseFill(markets: VenueMarkets, payload: unknown, source: FillSource = "push"): Fill | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a fill", wireFill, payload);
  const { side, posSide } = row;
  const amount = row.fillSz.times(market.rule.contractSize);
  const common = {
    tradingPair: market.tradingPair,
    price: row.fillPx,
    fee: readFee(source, () => feeOf(payload, source)),
    realizedPnl: row.fillPnl,
    timestampMs: row.fillTime,
  };
  const reason = constants.ADJUSTMENT_REASON.get(row.category ?? row.subType ?? "");
  if (reason !== undefined) {
    const adjustmentId = adjustmentIdOf(market.symbol, row.ordId, row.accFillSz ?? row.fillSz);
    const sourceId = adjustmentSourceOf(row.ordId, row.fillTime);
    const signed = side === "buy" ? amount : amount.neg();
    return { ...common, type: "positionAdjustment", adjustmentId, sourceId, side: posSide, reason, amount: signed };
  }
  // Position and side tell the action in hedge mode; in one-way mode only the order that traded knows it.
  const told = (posSide === "long") === (side === "buy") ? ("open" as const) : ("close" as const);
  return {
    ...common,
    type: "trade",
    fillId: row.tradeId,
    clientOrderId: row.clOrdId || undefined,
    exchangeOrderId: row.ordId,
    side,
    positionAction: posSide === "both" ? undefined : told,
    amount,
    isMaker: row.execType === "M",
  };
}

/** A position; a market can have a cross and an isolated one side by side (docs, positions). */
export function parsePosition(markets: VenueMarkets, payload: unknown): updates.PositionUpdate | undefined {
  const market = rowMarket(markets, payload);
  if (market === undefined) return undefined;
  const row = read("a position", wirePosition, payload);
  const amount = row.pos.times(market.rule.contractSize);
  return {
    type: "position",
    tradingPair: market.tradingPair,
    side: row.posSide,
    marginMode: row.mgnMode === "isolated" ? "isolated" : "cross",
    amount: row.posSide === "short" ? amount.neg() : amount,
    entryPrice: positive(row.avgPx),
    liquidationPrice: positive(row.liqPx),
    unrealizedPnl: row.upl,
    leverage: positive(row.lever),
    markPrice: positive(row.markPx),
    // Time of the position's last change: a row that comes by interval may be older than the fill before it.
    timestampMs: row.uTime,
  };
}

/**
 * Balances and margin. A coin has its available equity where it carries positions, else a balance. The account's own
 * figures are empty in futures mode, where each coin has its own; in multi-currency and portfolio mode all coins carry
 * the orders together, and what is free is the account's figure, in USD (docs, balance).
 */
export function parseAccount(
  payload: unknown,
  onUnreadable?: OnUnreadable,
  isList = false,
): readonly updates.AccountUpdate[] {
  const { details: rows, uTime: timestampMs, ...account } = read("an account", wireAccount, payload);
  const parse = (row: unknown) => read("a coin", wireHolding, row);
  const details = readRows("a coin of an account", rows, parse, onUnreadable, COIN_ROW);
  const shared = account.availEq ?? account.adjEq?.minus(account.imr ?? ZERO);
  const balances = details.map((row): updates.BalanceUpdate => {
    const available = (row.ccy === constants.SETTLE_COIN ? shared : undefined) ?? row.availEq ?? row.availBal;
    return { type: "balance", asset: row.ccy, total: row.cashBal, available, timestampMs };
  });
  // A coin is zero by its absence from a list of which every row could be read.
  const none = isList && details.length === rows.length ? ZERO : undefined;
  const isHeld = details.some(({ ccy }) => ccy === constants.SETTLE_COIN);
  if (!isHeld && (none ?? shared) !== undefined) {
    const available = shared ?? none;
    balances.push({ type: "balance", asset: constants.SETTLE_COIN, total: none, available, timestampMs });
  }
  const coin = details.find(({ ccy }) => ccy === constants.SETTLE_COIN);
  const { collateral, freeCollateral, mmr } =
    account.adjEq === undefined
      ? { collateral: coin?.eq, freeCollateral: coin?.availEq, mmr: coin?.mmr }
      : { collateral: account.adjEq, freeCollateral: shared, mmr: account.mmr };
  // A push has the coins that changed: without the settle coin it says nothing of its figures.
  if (account.adjEq === undefined && coin === undefined && !isList) return balances;
  const margin = { collateral, freeCollateral, maintenanceMarginRequirement: mmr, timestampMs };
  return [...balances, { type: "margin", ...margin }];
}
