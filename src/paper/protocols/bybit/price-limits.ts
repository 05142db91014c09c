import { type MarketView, type Side, UNIT } from "../../engine/types.ts";
import type { BybitContext } from "./context.ts";
import { refusal } from "./errors.ts";
import { symbolOf } from "./market-names.ts";
import { stepText, type WireObject } from "./wire.ts";

/**
 * The highest price of a buy and the lowest of a sell; a buy may be as low, and a sell as high, as one likes. Of futures
 * they are `min(max(index, mark * (1 + x)), mark * (1 + y))` and its mirror image (docs v5, set-price-limit), and x and y
 * are the same here.
 */
function priceLimits({ mark, spec }: MarketView): { readonly highestBuy: bigint; readonly lowestSell: bigint } {
  const { tick, priceBand } = spec;
  const reach = (mark * priceBand) / UNIT;
  return { highestBuy: ((mark + reach) / tick) * tick, lowestSell: -((reach - mark) / tick) * tick };
}

/** The limits as REST and the `priceLimit` topic tell them. */
export function priceLimitFields(market: MarketView): WireObject {
  const { highestBuy, lowestSell } = priceLimits(market);
  const { tick } = market.spec;
  return { symbol: symbolOf(market), buyLmt: stepText(highestBuy, tick), sellLmt: stepText(lowestSell, tick) };
}

/**
 * Moves a price beyond its limit to the limit, as accounts have it at first, or refuses it where the account asked for
 * that (`/v5/account/set-limit-px-action`).
 */
export function heldPrice(
  { priceRefusers }: Pick<BybitContext, "priceRefusers">,
  { accountId, market, side }: { readonly accountId: string; readonly market: MarketView; readonly side: Side },
  price: bigint,
): bigint {
  const { highestBuy, lowestSell } = priceLimits(market);
  const isFine = side === "buy" ? price <= highestBuy : price >= lowestSell;
  if (isFine || price % market.spec.tick !== 0n) return price;
  if (priceRefusers.has(accountId)) throw refusal("priceOutOfBand");
  return side === "buy" ? highestBuy : lowestSell;
}
