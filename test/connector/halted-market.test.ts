import { describe, expect, it } from "vitest";
import type { HttpResponse, Runtime } from "../../src/runtime/runtime.ts";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

/** How each venue's list of markets says that one does not trade for now: what it lists otherwise, and instead of it. */
const HALTS: Readonly<Record<string, readonly (readonly [live: RegExp, halted: string])[]>> = {
  ftx_perpetual: [[/("name":"BTC-PERP"[^{}]*"enabled":)true/, "$1false"]],
  bybit_perpetual: [
    [/("symbol":"BTCUSDT"[^{}]*"status":")Trading"/, '$1PreLaunch"'],
    [/("symbol":"BTCUSDT"[^{}]*"status":")Trading"/, '$1Settling"'],
  ],
  binance_perpetual: [
    [/("symbol":"BTCUSDT"[^{}]*"status":")TRADING"/, '$1TRADING_HALT"'],
    [/("symbol":"BTCUSDT"[^{}]*"status":")TRADING"/, '$1TRADING_CANCEL_ONLY"'],
    [/("symbol":"BTCUSDT"[^{}]*"status":")TRADING"/, '$1SETTLING"'],
  ],
  gate_io_perpetual: [
    [/("name":"BTC_USDT"[^{}]*"status":")trading"/, '$1circuit_breaker"'],
    [/("name":"BTC_USDT"[^{}]*"in_delisting":)false/, "$1true"],
  ],
  okx_perpetual: [
    [/("instId":"BTC-USDT-SWAP"[^{}]*"state":")live"/, '$1suspend"'],
    [/("instId":"BTC-USDT-SWAP"[^{}]*"state":")live"/, '$1preopen"'],
  ],
};

const CASES = VENUE_NAMES.flatMap((name) => (HALTS[name] ?? []).map(([live, halted]) => ({ name, live, halted })));

describe("a market that is listed and does not trade", () => {
  it.each(CASES)(
    "at $name as $halted: orders there are canceled after a restart, and new ones refused unsent",
    async ({ name, live, halted }) => {
      let isHalted = false;
      let wasSeen = false;
      const orders: string[] = [];
      const halting = (response: HttpResponse): HttpResponse => {
        if (!isHalted || !live.test(response.text)) return response;
        wasSeen = true;
        return { ...response, text: response.text.replace(live, halted) };
      };
      const runtime = (bot: Runtime): Runtime => ({
        ...bot,
        http: {
          request: async (request) => {
            if (isHalted && request.method === "POST") orders.push(request.url);
            const response = await bot.http.request(request);
            return /markets|instruments|exchangeInfo|contracts/.test(request.url) ? halting(response) : response;
          },
          close: () => bot.http.close(),
        },
      });
      await using stage = await Stage.open(name, { runtime });
      const { clientOrderId } = await stage.resting("buy", "19900");
      await stage.endBot();
      isHalted = true;
      await stage.start();
      expect(wasSeen).toBe(true);
      const { connector, venue, pair } = stage;
      expect(connector.goneTradingPairs).toEqual([pair]);
      orders.length = 0;
      expect(() => connector.buy(pair, { amount: "0.02", price: "19900", position: "open" })).toThrow(/does not trade/);
      await stage.pass(1_000);
      expect(orders.filter((url) => /order/.test(url))).toEqual([]);
      expect(connector.order(clientOrderId)?.state).toBe("open");
      await stage.run(connector.cancel(clientOrderId));
      await stage.until("canceled", () => connector.order(clientOrderId)?.state === "canceled");
      expect(venue.engine.openOrders(venue.accountId)).toEqual([]);
      isHalted = false;
      const again = { amount: "0.02", price: "19900", position: "open" } as const;
      expect(() => connector.buy(pair, again)).toThrow(/does not trade/);
      await stage.pass(10_000);
      const order = connector.buy(pair, again);
      await stage.until("open", () => connector.order(order.clientOrderId)?.state === "open");
    },
  );
});
