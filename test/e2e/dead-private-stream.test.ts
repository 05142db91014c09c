import { describe, expect, test } from "vitest";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** What tells of orders and fills, by venue. */
const PRIVATE_NEWS = {
  ftx_perpetual: /"channel":\s*"(orders|fills)"/,
  bybit_perpetual: /"topic":\s*"(order|execution|position|wallet)"/,
  binance_perpetual: /ORDER_TRADE_UPDATE|ACCOUNT_UPDATE|TRADE_LITE/,
  okx_perpetual: /"channel":\s*"(orders|positions|account)"/,
  gate_io_perpetual: /"channel":"futures\.(orders|usertrades|positions|balances)"/,
  hyperliquid_perpetual: /"channel":\s*"(orderUpdates|userFills)"/,
};

/** Of an established private stream the news is lost from now on; its socket lives and answers. */
function silence({ raw, name }: Stage): void {
  const isNews = (text: string) => PRIVATE_NEWS[name].test(text) && /"data"|"o"|"a"|"event":"update"/.test(text);
  raw.network.faults = {
    onFrame: (direction, text) => (direction === "toClient" && isNews(text) ? "drop" : undefined),
  };
}

/** Requests that ask for the state of orders or for fills, from now on. */
function lookUps({ raw }: Stage): string[] {
  const asked: string[] = [];
  const { faults } = raw.network;
  raw.network.faults = {
    ...faults,
    onHttpRequest: ({ method, url }) => {
      const ofOrders = /order(?!_book)|fill|execution|userTrades|my_trades/i;
      if (method === "GET" && ofOrders.test(new URL(url).pathname)) asked.push(url);
      return undefined;
    },
  };
  return asked;
}

describe.each(VENUE_NAMES)("a private stream of %s that lives and says nothing", (name) => {
  test("hides a fill for seconds only, and is replaced", async () => {
    await using stage = await Stage.open(name);
    const order = await stage.resting("buy", "19995");
    await stage.pass(2_000);
    silence(stage);
    const gaps: string[] = [];
    stage.connector.on("gap", ({ reason }) => gaps.push(reason));
    stage.trade("sell", "0.02", "19995");
    await stage.pass(6_000);
    expect(order.state).toBe("filled");
    expect(order.executedAmount.toFixed()).toBe("0.02");
    await stage.pass(6_000);
    expect(gaps.join()).toMatch(/nothing came on the private channel/);
  });

  test("hides a cancel by hand for seconds only", async () => {
    await using stage = await Stage.open(name);
    const { venue } = stage;
    const order = await stage.resting("buy", "19995");
    await stage.pass(2_000);
    silence(stage);
    const [open] = venue.engine.openOrders(venue.accountId);
    if (open === undefined) expect.unreachable("an order rests");
    venue.execute({ type: "cancelOrder", accountId: venue.accountId, orderId: open.orderId });
    await stage.pass(6_000);
    expect(order.state).toBe("canceled");
  });

  test("costs no request while orders rest, the best ones or others", async () => {
    await using stage = await Stage.open(name);
    await stage.resting("buy", "19995");
    await stage.resting("buy", "19900");
    await stage.resting("sell", "20005");
    await stage.pass(5_000);
    silence(stage);
    const asked = lookUps(stage);
    await stage.pass(60_000);
    expect(asked).toEqual([]);
    expect(stage.connector.ready).toBe(true);
  });
});
