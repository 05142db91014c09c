import { describe, expect, test } from "vitest";
import { type Harness, startVenue } from "./harness.ts";

const SYMBOL = { symbol: "BTCUSDT" };

/** A long position of ten, with the user stream open. */
async function holding(options: Parameters<typeof startVenue>[0], leverage = 100) {
  const harness = await startVenue({ startingBalance: "10000", emptyBooks: true, ...options });
  harness.venue.trader.order({ market: "BTC-USDT", side: "sell", size: "10", price: "60010" });
  await harness.call("POST", "/fapi/v1/leverage", { ...SYMBOL, leverage });
  const order = { ...SYMBOL, side: "BUY", type: "MARKET", quantity: "10" };
  await harness.call("POST", "/fapi/v1/order", order);
  const { listenKey } = (await harness.keyed("POST", "/fapi/v1/listenKey")).json;
  return { harness, socket: await harness.connect(`/private/ws?listenKey=${listenKey}`) };
}

function crash({ venue }: Harness): void {
  venue.execute({ type: "setIndexPrice", market: "BTC-USDT", price: 3_000_000_000_000n });
  venue.execute({ type: "advance" });
}

describe("an order that the venue makes by itself", () => {
  test("may have a status that is no longer documented, where that is wanted", async () => {
    for (const [binanceForcedStatuses, expected] of [
      [true, "NEW_INSURANCE"],
      [undefined, "FILLED"],
    ] as const) {
      const { harness, socket } = await holding({ binanceForcedStatuses });
      crash(harness);
      await harness.world.advance(500);
      const orders = socket.of("ORDER_TRADE_UPDATE").map(({ o }) => o);
      const takeovers = orders.filter(({ x }) => x === "CALCULATED");
      expect(takeovers.length).toBeGreaterThan(0);
      expect(takeovers.at(-1)).toMatchObject({ X: expected });
      expect(takeovers.at(-1)!.c).toMatch(/^autoclose-/);
      await harness.venue.stop();
    }
  });

  test("is an auto-deleveraging by its id, on the stream and in the list of forced orders", async () => {
    for (const [binanceForcedStatuses, expected] of [
      [true, "NEW_ADL"],
      [undefined, "FILLED"],
    ] as const) {
      const { harness, socket } = await holding({ binanceForcedStatuses });
      const { venue } = harness;
      venue.execute({ type: "deleverage", accountId: venue.accountId, market: "BTC-USDT", positionSide: "both" });
      await harness.world.advance(500);
      const orders = socket.of("ORDER_TRADE_UPDATE").map(({ o }) => o);
      expect(orders.at(-1)).toMatchObject({ c: "adl_autoclose", x: "CALCULATED", X: expected, o: "LIMIT", S: "SELL" });
      const listed = (type?: string) => harness.call("GET", "/fapi/v1/forceOrders", { ...SYMBOL, autoCloseType: type });
      expect((await listed("ADL")).json).toMatchObject([{ clientOrderId: "adl_autoclose", executedQty: "10.000" }]);
      expect((await listed()).json).toHaveLength(1);
      expect((await listed("LIQUIDATION")).json).toEqual([]);
      await venue.stop();
    }
  });

  test("is the settlement of a delisted market by its id, and in no list of forced orders", async () => {
    const { harness, socket } = await holding({});
    const { venue } = harness;
    venue.delist("BTC-USDT");
    await harness.world.advance(500);
    const settled = socket.of("ORDER_TRADE_UPDATE").at(-1)!.o;
    expect(settled).toMatchObject({ x: "TRADE", X: "FILLED", o: "LIMIT", f: "IOC", S: "SELL", l: "10.000" });
    expect(settled.c).toMatch(/^settlement_autoclose-/);
    expect((await harness.call("GET", "/fapi/v1/forceOrders", SYMBOL)).json).toEqual([]);
    const { json } = await harness.call("GET", "/fapi/v1/order", { ...SYMBOL, orderId: settled.i });
    expect(json).toMatchObject({ clientOrderId: settled.c, status: "FILLED" });
    await venue.stop();
  });
});

/** Stands for a text without a code. */
const UNAVAILABLE = 503;

test("a failure that had no effect says so at times, and one that may have had one never", async () => {
  const harness = await startVenue({ seed: 5 });
  harness.venue.faults.set({ error5xx: 1 });
  const codes = new Map<number, number>();
  const order = { ...SYMBOL, side: "BUY", type: "LIMIT", quantity: "0.01", price: "50000", timeInForce: "GTC" };
  const answered: (readonly [id: string, code: number])[] = [];
  for (let index = 0; index < 120; index += 1) {
    const id = `c-${index}`;
    const code = await harness.call("POST", "/fapi/v1/order", { ...order, newClientOrderId: id }).then(
      ({ json }) => json.code as number,
      (error: unknown) => (String(error).includes("Service Una") ? UNAVAILABLE : 0),
    );
    codes.set(code, (codes.get(code) ?? 0) + 1);
    answered.push([id, code]);
  }
  harness.venue.faults.clear();
  expect([...codes.keys()]).toEqual(expect.arrayContaining([-1000, -1001, -1006, -1007, -1008, UNAVAILABLE]));
  const { json } = await harness.call("GET", "/fapi/v1/openOrders", SYMBOL);
  const open = new Set(json.map(({ clientOrderId }: { clientOrderId: string }) => clientOrderId));
  const certain = answered.filter(([, code]) => [-1001, -1008, UNAVAILABLE].includes(code));
  expect(certain.filter(([id]) => open.has(id))).toEqual([]);
  await harness.venue.stop();
});
