import type { OrderView } from "../paper/engine/view-types.ts";
import type { AskedOrder } from "./asked-order.ts";
import type { BotProcess } from "./bot-process.ts";
import type { Findings } from "./findings.ts";
import { wholeClientId } from "./whole-client-id.ts";
import type { World } from "./world.ts";

/**
 * Each order that the venue takes is of the kind that was asked for: side, type, time in force, whether it may take, and
 * whether it only reduces. Prices and amounts are compared elsewhere.
 */
export function watchKinds(world: World, bots: readonly Pick<BotProcess, "asked">[], findings: Findings): void {
  const { accountId } = world.venue;
  world.venue.observe((events) => {
    for (const event of events) {
      if (event.type !== "orderAccepted" || event.order.accountId !== accountId) continue;
      const { order } = event;
      const id = order.clientId === null ? undefined : wholeClientId(order.clientId);
      if (id === undefined) continue;
      const asked = bots.map((bot) => bot.asked.get(id)).find((each) => each !== undefined);
      if (asked === undefined) continue;
      const [wanted, taken] = [kindAsked(world, asked, order), kindTaken(order)];
      if (wanted !== taken)
        findings.add("an order is of the kind that was asked for", `${id}: ${wanted}, not ${taken}`);
    }
  });
}

function kindAsked({ protocol }: World, asked: AskedOrder, order: OrderView): string {
  const { side, type = "limit", timeInForce = "GTC", position } = asked;
  // Orders that close a leg of a hedge reduce, whatever their flag says.
  const isReducing = order.positionSide === "both" ? position === "close" : order.reduceOnly;
  const isMarket = type === "market";
  if (isMarket && protocol.marketOrdersAreLimits) return kind(side, false, false, "IOC", isReducing);
  return kind(side, isMarket, type === "limitMaker", timeInForce, isReducing);
}

function kindTaken({ side, type, postOnly, timeInForce, reduceOnly }: OrderView): string {
  return kind(side, type === "market", postOnly, timeInForce, reduceOnly);
}

function kind(side: string, isMarket: boolean, isMaker: boolean, timeInForce: string, isReducing: boolean): string {
  const type = isMarket ? "market" : `${isMaker ? "post-only" : "limit"} ${timeInForce}`;
  return `${side} ${type}${isReducing ? " reduce-only" : ""}`;
}
