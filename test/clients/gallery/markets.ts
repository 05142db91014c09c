import { setTimeout as pause } from "node:timers/promises";
import { type Bout, BTC, BTC_MARKET, type Ccxt, ETH, ETH_MARKET, figure, type Ring, SOL } from "./peer.ts";

function quoteBoth(ring: Ring): void {
  for (const [market, middle] of [
    [BTC_MARKET, 20_000],
    [ETH_MARKET, 1_500],
  ] as const) {
    ring.quote("buy", middle - 1, 50, market);
    ring.quote("sell", middle + 1, 50, market);
  }
}

/** Ten trades of each market, each at a time of its own: two in one packet are another matter. */
async function tradeAll(ring: Ring, markets: readonly string[]): Promise<void> {
  for (let trade = 0; trade < 10; trade += 1) {
    for (const market of markets) {
      ring.venue.trader.order({ market, side: trade % 2 === 0 ? "buy" : "sell", size: "0.1" });
      await pause(40);
    }
  }
  await pause(500);
}

/** Different trades by symbol. */
class Counted {
  readonly #ids = new Map<string, Set<string>>();

  readonly take = (rows: Ccxt[]): void => {
    for (const { symbol, id } of rows) {
      const ids = this.#ids.get(symbol) ?? new Set();
      this.#ids.set(symbol, ids.add(id));
    }
  };

  of(symbol: string): number {
    return this.#ids.get(symbol)?.size ?? 0;
  }
}

export const delistedMarket: Bout = {
  name: "delisted-market",
  protocols: ["binance", "bybit", "okx"],
  play: async (ring) => {
    quoteBoth(ring);
    const told = [new Counted(), new Counted(), new Counted()];
    let phase = 0;
    let symbols = [BTC, ETH, SOL];
    ring.loop<Ccxt[]>(
      () => ring.exchange.watchTradesForSymbols(symbols),
      (rows) => told[phase]?.take(rows),
    );
    const both = () => (told[phase]?.of(BTC) ?? 0) + (told[phase]?.of(ETH) ?? 0);
    const markets = [BTC_MARKET, ETH_MARKET];
    await pause(1_000);
    await tradeAll(ring, markets);
    const before = both();
    ring.venue.delist("SOL-USD");
    await ring.venue.restart(300);
    await pause(4_000);
    phase = 1;
    await tradeAll(ring, markets);
    const after = both();
    // The user of the thread then left the delisted one out.
    symbols = [BTC, ETH];
    await pause(2_000);
    phase = 2;
    await tradeAll(ring, markets);
    return [
      figure("trades of the other two told before", before, 20),
      figure("trades of the other two told after the reconnect", after, 20),
      figure("trades of the other two told when they alone are asked for", both(), 20),
    ];
  },
};

export const poisonedBatch: Bout = {
  name: "poisoned-batch",
  protocols: ["binance", "bybit", "okx"],
  play: async (ring) => {
    quoteBoth(ring);
    const told = new Counted();
    const symbols = [BTC];
    ring.loop<Ccxt[]>(() => ring.exchange.watchTradesForSymbols(symbols), told.take);
    await pause(1_000);
    await tradeAll(ring, [BTC_MARKET]);
    const before = told.of(BTC);
    symbols.push(ETH);
    // The call that waits is answered by a trade; the next one names both.
    await tradeAll(ring, [BTC_MARKET]);
    await pause(1_000);
    await tradeAll(ring, [BTC_MARKET, ETH_MARKET]);
    return [
      figure("trades of BTC told before", before, 10),
      figure("trades of BTC told in all", told.of(BTC), 30),
      figure("trades of ETH told after it was added", told.of(ETH), 10),
    ];
  },
};
