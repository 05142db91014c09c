import { parseAmount } from "../../engine/amount.ts";
import type { Placement } from "../../engine/types.ts";
import type { WireOrder } from "./actions.ts";
import type { HyperliquidContext } from "./context.ts";
import { ActionRefusal, OrderRefusal, refusalText } from "./errors.ts";
import type { TimeInForce, TriggerTerms } from "./orders.ts";
import { type Asset, isLegalPrice } from "./universe.ts";

/** An order that was read and may be sent to the matching engine, or waits for the mark price. */
export interface Wish {
  readonly asset: Asset;
  readonly placement: Placement;
  readonly tif: TimeInForce;
  readonly trigger: TriggerTerms | undefined;
}

/**
 * Reads the orders of an action. What is wrong with the form of one refuses all of them, before anything is done (docs,
 * error responses).
 */
export function readWishes(
  context: HyperliquidContext,
  accountId: string,
  orders: readonly WireOrder[],
  grouping: unknown,
): readonly Wish[] {
  if (orders.length === 0) throw new ActionRefusal("The batch has no orders.");
  return orders.map((order) => {
    const asset = context.universe.assets[order.a];
    if (asset === undefined) throw new OrderRefusal(`Asset ${order.a} does not exist. asset=${order.a}`);
    const wish = readWish(accountId, order, asset, grouping === "positionTpsl");
    const fault = faultOf(context, wish);
    if (fault !== undefined) throw new OrderRefusal(`${fault} asset=${order.a}`);
    const isGrouped = grouping === "normalTpsl" || grouping === "positionTpsl";
    if (isGrouped && wish.trigger !== undefined && !order.r) {
      throw new OrderRefusal(`TP/SL orders of a group must be reduce only. asset=${order.a}`);
    }
    return wish;
  });
}

function readWish(accountId: string, { t, ...order }: WireOrder, asset: Asset, isPosition: boolean): Wish {
  const tif = "limit" in t ? t.limit.tif : "Gtc";
  const placement: Placement = {
    type: "placeOrder",
    accountId,
    market: asset.market,
    side: order.b ? "buy" : "sell",
    orderType: "limit",
    price: parseAmount(order.p),
    size: parseAmount(order.s),
    timeInForce: tif === "Ioc" || tif === "FrontendMarket" ? "IOC" : "GTC",
    postOnly: tif === "Alo",
    reduceOnly: order.r,
    clientId: order.c ?? null,
  };
  if ("limit" in t) return { asset, placement, tif, trigger: undefined };
  const { isMarket, triggerPx, tpsl } = t.trigger;
  return { asset, placement, tif, trigger: { isMarket, triggerPrice: parseAmount(triggerPx), tpsl, isPosition } };
}

/** Finds the fault in an order's form. Of a position's take-profit or stop-loss the size is all that is open, or 0. */
function faultOf({ universe }: HyperliquidContext, { asset, placement, trigger }: Wish): string | undefined {
  const { price, size } = placement;
  const { tick, lot } = universe.view(asset).spec;
  if (price === null || !isLegalPrice(asset, price) || price % tick !== 0n) return refusalText("invalidPrice");
  if (size === 0n && trigger?.isPosition !== true) return "Order has zero size.";
  if (size % lot !== 0n) return refusalText("invalidSize");
  return trigger !== undefined && !isLegalPrice(asset, trigger.triggerPrice) ? "Invalid TP/SL price." : undefined;
}
