import type { EngineEvent } from "../engine/types.ts";
import type { ProtocolPorts } from "./paper-protocol.ts";

/** Ids that protocols give to what the engine numbers over all markets. */
export interface EngineIds {
  order(engineOrderId: number): number;
  /** The engine's number of the order that a market knows by this id; -1 where there is none. */
  engineOrder(market: string, orderId: number): number;
  trade(engineTradeId: number): number;
  /** Receives events before all others do. */
  onEvents(events: readonly EngineEvent[]): void;
}

/** Each id is of one order, or one trade, of all markets. */
export function venueIds(firstId: number): EngineIds {
  return {
    order: (engineOrderId) => firstId + engineOrderId,
    engineOrder: (_market, orderId) => orderId - firstId,
    trade: (engineTradeId) => firstId + engineTradeId,
    onEvents: () => {},
  };
}

/** Each market counts for itself, so that the same ids come again on all of them. Orders of `hasAccount` are counted alone. */
function symbolIds(firstId: number, hasAccount: (accountId: string) => boolean): EngineIds {
  const trades: number[] = [];
  const orders: number[] = [];
  const tradeCounts = new Map<string, number>();
  const ordersOf = new Map<string, number[]>();
  const countTrade = (market: string, tradeId: number) => {
    if (trades[tradeId] !== undefined) return;
    const count = (tradeCounts.get(market) ?? 0) + 1;
    tradeCounts.set(market, count);
    trades[tradeId] = count;
  };
  const countOrder = (market: string, orderId: number) => {
    const known = ordersOf.get(market) ?? [];
    ordersOf.set(market, known);
    orders[orderId] = known.push(orderId);
  };
  return {
    order: (engineOrderId) => firstId + (orders[engineOrderId] ?? 0),
    engineOrder: (market, orderId) => ordersOf.get(market)?.[orderId - firstId - 1] ?? -1,
    trade: (engineTradeId) => firstId + (trades[engineTradeId] ?? 0),
    onEvents: (events) => {
      for (const event of events) {
        if (event.type === "trade") countTrade(event.trade.market, event.trade.tradeId);
        else if (event.type === "fill") countTrade(event.fill.market, event.fill.tradeId);
        else if (event.type === "orderAccepted" && hasAccount(event.order.accountId)) {
          countOrder(event.order.market, event.order.orderId);
        }
      }
    },
  };
}

/** Ids as the venue's options want them: each market counts for itself, or all count together. */
export function engineIds({ sharedIds, firstId, accounts }: ProtocolPorts): EngineIds {
  return sharedIds === true ? symbolIds(firstId, (accountId) => accounts.has(accountId)) : venueIds(firstId);
}
