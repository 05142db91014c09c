import { setTimeout as pause } from "node:timers/promises";
import { type Bout, BTC, BTC_MARKET, type Ccxt, ETH, ETH_MARKET, figure } from "./peer.ts";

const PARTS = 5;
const PRICES = [19_990, 19_989, 19_988];

export const burstOfUpdates: Bout = {
  name: "burst-of-updates",
  protocols: ["binance", "bybit", "okx"],
  play: async (ring) => {
    const { exchange, venue } = ring;
    const states = new Set<string>();
    const closed = new Set<string>();
    const trades = new Set<string>();
    // A strategy that works on each answer for 50 ms before it asks for the next.
    ring.loop<Ccxt[]>(
      () => exchange.watchOrders(),
      (orders) => {
        for (const { id, filled, status } of orders) {
          if (filled > 0) states.add(`${id} ${filled}`);
          if (status === "closed") closed.add(id);
        }
      },
      50,
    );
    ring.loop<Ccxt[]>(
      () => exchange.watchMyTrades(),
      (rows) => {
        for (const { id } of rows) trades.add(id);
      },
      50,
    );
    await pause(1_000);
    const size = ring.amount(BTC, 0.05);
    for (const price of PRICES) await exchange.createOrder(BTC, "limit", "buy", size, price);
    await pause(1_000);
    for (let trade = 0; trade < PARTS * PRICES.length; trade += 1) {
      venue.trader.order({ market: BTC_MARKET, side: "sell", size: "0.01", price: "19988" });
    }
    await pause(3_000);
    const fills = venue.truth().fills.length;
    return [
      figure("fills at the venue", fills, PARTS * PRICES.length),
      figure("executed amounts that watchOrders told one by one", states.size, PARTS * PRICES.length),
      figure("orders that watchOrders told as closed", closed.size, PRICES.length),
      figure("fills that watchMyTrades told", trades.size, fills),
    ];
  },
};

export const sharedOrderId: Bout = {
  name: "shared-order-id",
  protocols: ["binance"],
  venue: { sharedIds: true },
  // So few that rows are put out, as they are with its default of 1,000 in a longer run.
  options: { ordersLimit: 4 },
  play: async (ring) => {
    const { exchange, venue } = ring;
    ring.loop(
      () => exchange.watchOrders(),
      () => undefined,
    );
    await pause(1_000);
    const wanted: string[] = [];
    for (let rank = 0; rank < 6; rank += 1) {
      for (const [symbol, price, size] of [
        [BTC, 19_990 - rank, 0.02],
        [ETH, 1_490 - rank, 0.2],
      ] as const) {
        const { id } = await exchange.createOrder(symbol, "limit", "buy", size, price);
        wanted.push(`${symbol} ${id}`);
      }
    }
    await pause(500);
    venue.trader.order({ market: BTC_MARKET, side: "sell", size: "0.1", price: "19986" });
    venue.trader.order({ market: ETH_MARKET, side: "sell", size: "1", price: "1486" });
    await pause(1_000);
    const rows: Ccxt[] = [...(exchange.orders ?? [])];
    const keys = rows.map(({ symbol, id }) => `${symbol} ${id}`);
    const ids = wanted.map((key) => key.split(" ")[1]);
    return [
      figure("pairs of orders with the same id", ids.length - new Set(ids).size, 6),
      figure("errors told", ring.errors.length, 0),
      figure("rows in the cache of four", rows.length, 4),
      figure("different orders among them", new Set(keys).size, 4),
    ];
  },
};
