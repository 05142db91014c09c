import type { EngineEvent, TradeView } from "../engine/types.ts";

export type Liquidation = Extract<EngineEvent, { readonly type: "liquidated" }>;

/** Changes of one command of the engine to the markets, by the engine's names of them. */
export interface MarketChanges {
  readonly books: ReadonlySet<string>;
  /** Markets with another mark or index. */
  readonly marks: ReadonlySet<string>;
  /** Markets whose funding was settled. */
  readonly settled: ReadonlySet<string>;
  /** Markets with another state or other rules. */
  readonly rules: ReadonlySet<string>;
  /** Trades of each market, oldest first. */
  readonly trades: ReadonlyMap<string, readonly TradeView[]>;
  readonly liquidations: readonly Liquidation[];
}

/** Sums up events for those who listen to markets. */
export function marketChanges(events: readonly EngineEvent[]): MarketChanges {
  const [books, marks, settled, rules] = [new Set<string>(), new Set<string>(), new Set<string>(), new Set<string>()];
  const trades = new Map<string, TradeView[]>();
  const liquidations: Liquidation[] = [];
  for (const event of events) {
    switch (event.type) {
      case "bookLevel":
        books.add(event.market);
        break;
      case "markChanged":
        marks.add(event.market);
        break;
      case "fundingSettled":
        settled.add(event.rate.market);
        break;
      case "marketChanged":
        rules.add(event.market);
        break;
      case "liquidated":
        liquidations.push(event);
        break;
      case "trade": {
        const known = trades.get(event.trade.market);
        if (known === undefined) trades.set(event.trade.market, [event.trade]);
        else known.push(event.trade);
      }
    }
  }
  return { books, marks, settled, rules, trades, liquidations };
}
