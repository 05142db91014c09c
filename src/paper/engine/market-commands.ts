import { formatAmount } from "./amount.ts";
import { absolute } from "./arithmetic.ts";
import { findMarket, refusal } from "./checks.ts";
import { fillAtMark } from "./fill-at-mark.ts";
import { settleDueFunding } from "./funding.ts";
import { updateMark } from "./mark.ts";
import { closeOrder } from "./orders.ts";
import { positionsOn } from "./position.ts";
import type { EngineState, Market } from "./records.ts";
import type { Refusal } from "./state.ts";
import type { MarketCommand } from "./types.ts";

type Of<Type extends MarketCommand["type"]> = Extract<MarketCommand, { type: Type }>;

export function setIndexPrice(state: EngineState, command: Of<"setIndexPrice">): Refusal | null {
  const market = findMarket(state, command.market);
  if ("code" in market) return market;
  if (command.price <= 0n) return refusal("invalidPrice", `index ${formatAmount(command.price)} is not positive`);
  settleDueFunding(state);
  updateMark(state, market, command.price);
  return null;
}

/** Open orders stay where they are, also between the new ticks. */
export function setTick(state: EngineState, { market: name, tick }: Of<"setTick">): Refusal | null {
  const market = findMarket(state, name);
  if ("code" in market) return market;
  if (tick <= 0n) return refusal("invalidPrice", `a tick of ${formatAmount(tick)} is not positive`);
  if (tick === market.spec.tick) return refusal("unchanged", `the tick is ${formatAmount(tick)} already`);
  market.spec = { ...market.spec, tick };
  market.book.setTick(tick);
  reportMarket(state, market);
  return null;
}

export function setMarketStatus(state: EngineState, { market: name, status }: Of<"setMarketStatus">): Refusal | null {
  const market = findMarket(state, name);
  if ("code" in market) return market;
  if (status === market.status) return refusal("unchanged", `${name} is "${status}" already`);
  if (status === "delisted") settleMarket(state, market);
  market.status = status;
  reportMarket(state, market);
  return null;
}

/** Cancels all orders and closes all positions at mark without a fee; then nobody holds anything there. */
function settleMarket(state: EngineState, market: Market): void {
  settleDueFunding(state);
  const accounts = [...state.accounts.values()];
  for (const account of accounts) {
    const orders = account.marketOrders.get(market.spec.market)?.values() ?? [];
    for (const order of [...orders]) closeOrder(state, order, "delisted");
  }
  for (const account of accounts) {
    for (const position of positionsOn(account, market))
      if (position.size !== 0n) fillAtMark(state, position, absolute(position.size), "settlement");
  }
}

function reportMarket(state: EngineState, { spec, status }: Market): void {
  state.events.push({ type: "marketChanged", market: spec.market, spec, status });
}
