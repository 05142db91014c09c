import { absolute, divideCeil, larger } from "../engine/arithmetic.ts";
import type { Command, Engine, MarketView, PositionView, RefusalCode } from "../engine/types.ts";
import { UNIT } from "../engine/types.ts";
import { marketMaxSize } from "./market-rules.ts";

export type Placement = Extract<Command, { readonly type: "placeOrder" }>;

/**
 * What a gateway refuses before the matching engine sees an order; `waiting` are the account's orders that the engine
 * has not seen yet. The engine checks again when the order's turn comes. Null when there is nothing to refuse.
 */
export function checkPlacement(engine: Engine, order: Placement, waiting: readonly Placement[]): RefusalCode | null {
  const market = engine.market(order.market);
  const account = engine.account(order.accountId);
  if (account === undefined) return "noSuchAccount";
  if (market === undefined || market.status === "delisted") return "noSuchMarket";
  if (market.status === "halted") return "marketHalted";
  const fault = checkAmounts(market, order);
  if (fault !== null) return fault;
  const leg = legOf(engine, order);
  if (leg === undefined) return "positionSideMismatch";
  if (account.liquidating || leg.liquidating) return "liquidating";
  if (isReducing(order)) return checkReducing(leg, order, waiting);
  return hasMargin(engine, order, waiting) ? null : "insufficientMargin";
}

function checkAmounts({ spec, mark }: MarketView, order: Placement): RefusalCode | null {
  const { price, size } = order;
  if (size <= 0n || size < spec.lot || size < spec.minSize) return "sizeTooSmall";
  if (size % spec.lot !== 0n) return "invalidSize";
  if (size > (order.orderType === "market" ? marketMaxSize(spec) : spec.maxSize)) return "sizeTooLarge";
  if (order.orderType === "limit") {
    if (price === null || price <= 0n || price % spec.tick !== 0n) return "invalidPrice";
    const isFar = absolute(price - mark) * UNIT > spec.priceBand * mark;
    if (isFar && order.isPriceBandKept !== true) return "priceOutOfBand";
  }
  return !isReducing(order) && size * (price ?? mark) < spec.minNotional * UNIT ? "notionalTooSmall" : null;
}

function legOf(engine: Engine, { accountId, market, positionSide = "both" }: Placement): PositionView | undefined {
  return engine.positions(accountId, market).find(({ side }) => side === positionSide);
}

/** An order that closes a leg of a hedge only reduces, whatever it says. */
function isReducing({ reduceOnly, side, positionSide = "both" }: Placement): boolean {
  return reduceOnly || (positionSide === "long" && side === "sell") || (positionSide === "short" && side === "buy");
}

/** It must reduce the position as it is, or as it may be once the waiting orders are through. */
function checkReducing(leg: PositionView, order: Placement, waiting: readonly Placement[]): RefusalCode | null {
  const reducible = order.side === "buy" ? -leg.size : leg.size;
  const mayOpen = waiting.some((other) => isSameLeg(other, order) && other.side !== order.side && !isReducing(other));
  return reducible > 0n || mayOpen ? null : "invalidReduceOnly";
}

function isSameLeg(one: Placement, other: Placement): boolean {
  return one.market === other.market && (one.positionSide ?? "both") === (other.positionSide ?? "both");
}

function hasMargin(engine: Engine, order: Placement, waiting: readonly Placement[]): boolean {
  const account = engine.account(order.accountId);
  if (account === undefined) return false;
  const opening = waiting.filter((other) => !isReducing(other));
  const legs = new Map([...opening, order].map((one) => [`${one.market} ${one.positionSide ?? "both"}`, one]));
  let needed = 0n;
  for (const one of legs.values()) {
    const leg = legOf(engine, one);
    if (leg === undefined) continue;
    const before = opening.filter((other) => isSameLeg(other, one));
    const after = isSameLeg(order, one) ? [...before, order] : before;
    if (isSameLeg(order, one) && exposure(leg, after) <= exposure(leg, before)) return true;
    needed += marginOf(leg, exposure(leg, after)) - marginOf(leg, exposure(leg, []));
  }
  return needed <= account.freeCollateral;
}

/** The largest that the position can become if some of the orders fill. */
function exposure(leg: PositionView, extra: readonly Placement[]): bigint {
  const total = (side: "buy" | "sell", open: bigint) =>
    extra.reduce((sum, order) => (order.side === side ? sum + order.size : sum), open);
  return larger(
    absolute(leg.size + total("buy", leg.openBuySize)),
    absolute(leg.size - total("sell", leg.openSellSize)),
  );
}

function marginOf({ mark, leverage }: PositionView, size: bigint): bigint {
  return divideCeil(size * mark, leverage);
}
