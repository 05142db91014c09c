import { absolute, divideCeil, larger, smaller } from "../../engine/arithmetic.ts";
import { type Engine, type MarketView, type RefusalCode, type Side, UNIT } from "../../engine/types.ts";

/** An order as the API understood it. `market` is the engine's name. */
export interface OrderRequest {
  readonly accountId: string;
  readonly market: string;
  readonly side: Side;
  readonly type: "limit" | "market";
  readonly price: bigint | null;
  readonly size: bigint;
  readonly ioc: boolean;
  readonly postOnly: boolean;
  readonly reduceOnly: boolean;
  readonly clientId: string | null;
}

/** Orders of the account that the engine has not seen yet, and the one that this order replaces. */
export interface OrderSurroundings {
  readonly waiting: readonly OrderRequest[];
  readonly replaces?: { readonly side: Side; readonly size: bigint } | undefined;
}

/**
 * What FTX's gateway answers with a 400 before the matching engine sees the order. The engine checks again when the
 * order's turn comes; what it refuses then ends as a closed order without fills.
 */
export function checkOrder(engine: Engine, order: OrderRequest, around: OrderSurroundings): RefusalCode | null {
  const market = engine.market(order.market);
  const account = engine.account(order.accountId);
  if (account === undefined) return "noSuchAccount";
  if (market === undefined || market.status === "delisted") return "noSuchMarket";
  if (market.status === "halted") return "marketHalted";
  const fault = checkAmounts(market, order);
  if (fault !== null) return fault;
  if (account.liquidating) return "liquidating";
  if (order.reduceOnly) return checkReduceOnly(engine, order, around);
  return hasMargin(engine, order, around) ? null : "insufficientMargin";
}

function checkAmounts(market: MarketView, order: OrderRequest): RefusalCode | null {
  const { spec, mark } = market;
  const { price, size } = order;
  if (size <= 0n || size < spec.lot || size < spec.minSize) return "sizeTooSmall";
  if (size % spec.lot !== 0n) return "invalidSize";
  if (size > spec.maxSize) return "sizeTooLarge";
  if (order.type === "limit") {
    if (price === null || price <= 0n || price % spec.tick !== 0n) return "invalidPrice";
    if (absolute(price - mark) * UNIT > spec.priceBand * mark) return "priceOutOfBand";
  }
  if (!order.reduceOnly && size * (price ?? mark) < spec.minNotional * UNIT) return "notionalTooSmall";
  return mayRest(market, order) && size < spec.minMakerSize ? "sizeTooSmallForMaker" : null;
}

function mayRest({ bestBid, bestAsk }: MarketView, { side, price, ioc }: OrderRequest): boolean {
  if (price === null || ioc) return false;
  const opposite = side === "buy" ? bestAsk : bestBid;
  if (opposite === null) return true;
  return side === "buy" ? price < opposite : price > opposite;
}

/** It must reduce the position as it is, or as it may be once the waiting orders are through. */
function checkReduceOnly(engine: Engine, order: OrderRequest, around: OrderSurroundings): RefusalCode | null {
  const position = positionSize(engine, order.accountId, order.market);
  const reducible = order.side === "buy" ? -position : position;
  const mayOpen = around.waiting.some(
    ({ market, side, reduceOnly }) => market === order.market && side !== order.side && !reduceOnly,
  );
  return reducible > 0n || mayOpen ? null : "invalidReduceOnly";
}

function positionSize(engine: Engine, accountId: string, market: string): bigint {
  return engine.positions(accountId, market)[0]?.size ?? 0n;
}

interface OnOrder {
  buy: bigint;
  sell: bigint;
}

function hasMargin(engine: Engine, order: OrderRequest, around: OrderSurroundings): boolean {
  const account = engine.account(order.accountId);
  if (account === undefined) return false;
  const waiting = new Map<string, OnOrder>();
  for (const other of around.waiting) if (!other.reduceOnly) addOnOrder(waiting, other, other.size);
  if (around.replaces !== undefined) {
    addOnOrder(waiting, { market: order.market, side: around.replaces.side }, -around.replaces.size);
  }
  const without = exposure(engine, order.accountId, order.market, waiting.get(order.market));
  addOnOrder(waiting, order, order.size);
  const withOrder = exposure(engine, order.accountId, order.market, waiting.get(order.market));
  if (withOrder <= without) return true;
  let needed = account.initialMargin;
  for (const [name, extra] of waiting) {
    const before = exposure(engine, order.accountId, name, undefined);
    const after = exposure(engine, order.accountId, name, extra);
    needed += marginOf(engine, name, after, account.leverage) - marginOf(engine, name, before, account.leverage);
  }
  return needed <= account.equity;
}

function addOnOrder(
  onOrder: Map<string, OnOrder>,
  { market, side }: { readonly market: string; readonly side: Side },
  size: bigint,
): void {
  const sizes = onOrder.get(market) ?? { buy: 0n, sell: 0n };
  sizes[side] += size;
  onOrder.set(market, sizes);
}

/** The largest the position can become if some of the open orders fill (FTX's `openSize`). */
function exposure(engine: Engine, accountId: string, market: string, extra: OnOrder | undefined): bigint {
  const [position] = engine.positions(accountId, market);
  if (position === undefined) return 0n;
  const buy = position.openingBuySize + (extra?.buy ?? 0n);
  const sell = position.openingSellSize + (extra?.sell ?? 0n);
  return larger(absolute(position.size + buy), absolute(position.size - sell));
}

function marginOf(engine: Engine, name: string, size: bigint, leverage: bigint): bigint {
  const market = engine.market(name);
  if (market === undefined || size === 0n) return 0n;
  return divideCeil(size * market.mark, smaller(leverage, market.spec.maxLeverage));
}
