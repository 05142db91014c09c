import { absolute } from "../../engine/arithmetic.ts";
import { type MarketView, type PositionSide, type Side, UNIT } from "../../engine/types.ts";
import { marketMaxSize } from "../market-rules.ts";
import type { ProtocolContext } from "./context.ts";
import { ApiError, needlessParameter, refused } from "./errors.ts";
import type { OrderRequest } from "./order-request.ts";
import { maxPrice, minQuantity, percentBand, plainNotional } from "./rules.ts";
import { type ListedSymbol, priceText } from "./symbols.ts";

/** Checks an order as the gateway does, by the filters and the account's modes, before it waits for its turn. */
export function checkOrder(context: ProtocolContext, accountId: string, order: OrderRequest): void {
  checkMode(context, accountId, order);
  checkQuantity(order.listed, order.size, order.type);
  const market = context.symbols.view(order.listed);
  if (market.status === "halted") throw refused(-1122);
  if (order.price === null) checkCounterparty(market, order.side);
  else checkPrice(market, order.listed, order.side, order.price);
  const isReducing = order.reduceOnly || closesLeg(order.side, order.positionSide);
  if (!isReducing) checkNotional(order.listed, order.size, order.price ?? market.mark);
}

/** Tells that an order in hedge mode reduces its leg. */
export function closesLeg(side: Side, positionSide: PositionSide): boolean {
  return (positionSide === "long" && side === "sell") || (positionSide === "short" && side === "buy");
}

function checkMode(context: ProtocolContext, accountId: string, order: OrderRequest): void {
  const mode = context.engine.settings(accountId, order.listed.spec.market)?.positionMode ?? "oneWay";
  if ((mode === "hedge") !== (order.positionSide !== "both")) throw refused(-4061);
  // Binance writes the name of the parameter like this.
  if (mode === "hedge" && order.saysReduceOnly) throw needlessParameter("reduceonly");
}

export function checkQuantity(listed: ListedSymbol, size: bigint, type: "limit" | "market"): void {
  const { spec } = listed;
  if (size <= 0n) throw refused(-4003);
  if (size < minQuantity(listed)) throw refused(-4004);
  if (size > (type === "market" ? marketMaxSize(listed.spec) : spec.maxSize)) throw refused(-4005);
  if (size % spec.lot !== 0n) throw refused(-4023);
}

/** PERCENT_PRICE: a buy not too high, a sell not too low; on the other side only the engine's wide band holds. */
export function checkPrice({ mark, spec }: MarketView, listed: ListedSymbol, side: Side, price: bigint): void {
  if (price <= 0n) throw refused(-4001);
  if (price > maxPrice(listed)) throw refused(-4002);
  if (price < spec.tick) throw refused(-4013);
  if (price % spec.tick !== 0n) throw refused(-4014);
  const near = (mark * percentBand(spec)) / UNIT;
  const far = (mark * spec.priceBand) / UNIT;
  const highest = mark + (side === "buy" ? near : far);
  const lowest = mark - (side === "sell" ? near : far);
  if (price > highest) {
    throw new ApiError(400, -4016, `Limit price can't be higher than ${priceText(listed, highest)}.`);
  }
  if (price < lowest) {
    throw new ApiError(400, -4024, `Limit price can't be lower than ${priceText(listed, lowest)}.`);
  }
}

function checkCounterparty({ mark, bestBid, bestAsk, spec }: MarketView, side: Side): void {
  const best = side === "buy" ? bestAsk : bestBid;
  if (best === null || absolute(best - mark) * UNIT > mark * percentBand(spec)) throw refused(-4131);
}

export function isNotionalTooSmall({ spec }: ListedSymbol, size: bigint, price: bigint): boolean {
  return size * price < spec.minNotional * UNIT;
}

function checkNotional(listed: ListedSymbol, size: bigint, price: bigint): void {
  const { minNotional } = listed.spec;
  if (!isNotionalTooSmall(listed, size, price)) return;
  const text = `Order's notional must be no smaller than ${plainNotional(minNotional)} (unless you choose reduce only).`;
  throw new ApiError(400, -4164, text);
}
