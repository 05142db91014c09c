import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { parseAmount } from "../../../../src/paper/engine/amount.ts";
import { BTC, ETH, type Harness, startVenue } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  harness = await startVenue();
});
afterEach(() => harness.venue.stop());

async function buy(contracts: string, price = "20000"): Promise<void> {
  harness.quote("sell", price, "1");
  await harness.place({ sz: contracts, px: price });
  harness.venue.trader.cancelAll();
  await harness.settle();
}

describe("close-position", () => {
  const close = (fields: object = {}) =>
    harness.post("/trade/close-position", { instId: BTC, mgnMode: "cross", ...fields });

  it("closes the whole position at the market", async () => {
    await buy("50");
    harness.quote("buy", "19900", "1");
    expect(await close({ clOrdId: "c1" })).toMatchObject({
      code: "0",
      data: [{ instId: BTC, posSide: "net", clOrdId: "c1" }],
    });
    await harness.settle();
    expect(await harness.list("/account/positions")).toEqual([]);
    const [order] = await harness.list("/trade/orders-history", { instType: "SWAP" });
    expect(order).toMatchObject({
      clOrdId: "c1",
      ordType: "market",
      side: "sell",
      reduceOnly: "true",
      state: "filled",
    });
  });

  it("is refused under a client id that was used before, or with a tag that is none, and nothing is done", async () => {
    await buy("50");
    harness.quote("buy", "19900", "1");
    await harness.place({ sz: "1", px: "19000", clOrdId: "c1" });
    expect(await close({ clOrdId: "c1", autoCxl: true })).toMatchObject({ code: "51016", data: [] });
    expect(await close({ clOrdId: "c2", tag: "a tag" })).toMatchObject({ code: "51000", data: [] });
    await harness.settle();
    expect(await harness.list("/account/positions")).toHaveLength(1);
    expect(await harness.list("/trade/orders-pending")).toHaveLength(1);
  });

  it("takes several orders where one would be too large, the first of them under the client id", async () => {
    const [{ maxMktSz, ctVal }] = await harness.list("/public/instruments", { instType: "SWAP", instId: BTC });
    const { venue } = harness;
    venue.execute({ type: "deposit", accountId: venue.accountId, amount: parseAmount("100000000") });
    const most = Number(maxMktSz);
    harness.quote("sell", "20000", String(1.5 * most * Number(ctVal)));
    for (const sz of [most, most / 2])
      expect(await harness.place({ sz: String(sz), px: "20000" })).toMatchObject({ sCode: "0" });
    await harness.settle();
    venue.trader.cancelAll();
    harness.quote("buy", "19900", String(1.5 * most * Number(ctVal)));
    expect(await close({ clOrdId: "c1" })).toMatchObject({ code: "0" });
    await harness.settle();
    expect(await harness.list("/account/positions")).toEqual([]);
    const orders = await harness.list("/trade/orders-history", { instType: "SWAP", ordType: "market" });
    expect(orders.map(({ clOrdId, sz }) => [clOrdId, sz])).toEqual([
      ["", String(most / 2)],
      ["c1", maxMktSz],
    ]);
  });

  it("is refused while orders that close it pend, unless it may cancel them", async () => {
    await buy("50");
    harness.quote("buy", "19900", "1");
    const { ordId } = await harness.place({ side: "sell", sz: "10", px: "21000" });
    expect(await close()).toMatchObject({ status: 429, code: "51115" });
    expect((await close({ autoCxl: true })).code).toBe("0");
    await harness.settle();
    expect((await harness.order(ordId)).state).toBe("canceled");
    expect(await harness.list("/account/positions")).toEqual([]);
  });

  it("is refused without a position of that mode", async () => {
    expect((await close()).code).toBe("51023");
    await buy("1");
    expect((await close({ mgnMode: "isolated" })).code).toBe("51023");
    expect((await close({ mgnMode: "" })).code).toBe("50014");
  });
});

describe("what can be opened", () => {
  it("is as much as the venue would take, and not a lot more", async () => {
    const query = { instId: BTC, tdMode: "cross", px: "20000" };
    const [{ maxBuy }] = await harness.list("/account/max-size", query);
    const place = (sz: string) => harness.place({ sz, px: "20000" });
    expect(await place((Number(maxBuy) + 0.01).toFixed(2))).toMatchObject({ sCode: "51008" });
    expect(await place(maxBuy)).toMatchObject({ sCode: "0" });
    const [{ availBuy, availSell }] = await harness.list("/account/max-avail-size", query);
    const [{ details }] = await harness.list("/account/balance");
    expect([availBuy, availSell]).toEqual([details[0].availEq, details[0].availEq]);
  });

  it("is worked out by the leverage that is set: another one is refused, and so is a margin mode that is none", async () => {
    const query = { instId: BTC, tdMode: "cross" };
    const [{ lever }] = await harness.list("/account/leverage-info", { instId: BTC, mgnMode: "cross" });
    expect(await harness.list("/account/max-size", { ...query, leverage: lever })).toHaveLength(1);
    for (const [path, wrong] of [
      ["max-size", { leverage: "2" }],
      ["max-size", { tdMode: "margin" }],
      ["max-avail-size", { tdMode: "margin" }],
    ] as const) {
      expect(await harness.get(`/account/${path}`, { ...query, ...wrong })).toMatchObject({ code: "51000" });
    }
  });

  it("has one tier a market", async () => {
    const tiers = await harness.list("/public/position-tiers", {
      ...{ instType: "SWAP", tdMode: "cross", instFamily: "BTC-USDT,ETH-USDT" },
    });
    const second = { instType: "SWAP", tdMode: "cross", instFamily: "BTC-USDT", tier: "2" };
    expect(await harness.list("/public/position-tiers", second)).toEqual([]);
    const instruments = await harness.list("/public/instruments", { instType: "SWAP" });
    expect(tiers.map(({ instFamily, maxLever }) => [instFamily, maxLever])).toEqual(
      instruments.slice(0, 2).map(({ instFamily, lever }) => [instFamily, lever]),
    );
  });

  it("is not prechecked in futures mode", async () => {
    expect((await harness.post("/trade/order-precheck", { instId: BTC, tdMode: "cross" })).code).toBe("51010");
  });
});

describe("account-position-risk", () => {
  it("tells balance and positions at one time", async () => {
    await buy("50");
    const [row] = await harness.list("/account/account-position-risk");
    const [position] = await harness.list("/account/positions");
    expect(row).toMatchObject({
      ...{ adjEq: "", balData: [{ ccy: "USDT" }] },
      posData: [{ instId: BTC, pos: "50", posId: position.posId, notionalUsd: position.notionalUsd }],
    });
  });
});

describe("positions-history", () => {
  const history = (query: Readonly<Record<string, string>> = {}) => harness.list("/account/positions-history", query);

  it("tells each position that was closed, or closed in part, as its postings add up", async () => {
    await buy("50");
    expect(await history()).toEqual([]);
    harness.quote("buy", "20200", "0.2");
    await harness.place({ side: "sell", sz: "20", px: "20200" });
    expect(await history()).toMatchObject([{ type: "1", closeTotalPos: "20", openMaxPos: "50", direction: "long" }]);
    harness.quote("buy", "20300", "1");
    // Turns the position over: 30 close it and 10 open another.
    await harness.place({ side: "sell", sz: "40", px: "20300" });
    const [closed, ...others] = await history();
    expect(others).toEqual([]);
    expect(closed).toMatchObject({
      ...{ instId: BTC, type: "2", openAvgPx: "20000", closeTotalPos: "50", posSide: "net", mgnMode: "cross" },
      ...{ pnl: "130", closeAvgPx: "20260", direction: "long", liqPenalty: "0" },
    });
    // 5 and 2.02, and three quarters of the 4.06 of the fill that turned it over.
    expect(closed.fee).toBe("-10.065");
    expect(Number(closed.realizedPnl)).toBeCloseTo(130 + Number(closed.fee), 6);
    expect(await history({ instId: ETH })).toEqual([]);
    expect(await history({ type: "1" })).toEqual([]);
  });
});

describe("what OKX has and this venue does not do", () => {
  it.each([
    [
      "order-algo",
      { instId: BTC, tdMode: "cross", side: "buy", ordType: "trigger", sz: "1", triggerPx: "1", orderPx: "1" },
    ],
    ["cancel-algos", [{ instId: BTC, algoId: "1" }]],
    ["amend-algos", { instId: BTC, algoId: "1", newSz: "1" }],
    ["mass-cancel", { instType: "OPTION", instFamily: "BTC-USD" }],
  ])("is refused by OKX's code for it: %s", async (path, body) => {
    expect(await harness.post(`/trade/${path}`, body)).toMatchObject({ status: 200, code: "50062", data: [] });
  });

  it("is refused by that code for reading and writing alike", async () => {
    for (const path of ["/account/mmp-config", "/account/bills-history-archive"]) {
      expect((await harness.get(path)).code).toBe("50062");
      expect((await harness.post(path, {})).code).toBe("50062");
    }
  });

  it("has empty lists of conditional orders, and no path but OKX's", async () => {
    for (const name of ["orders-algo-pending", "orders-algo-history"]) {
      expect(await harness.list(`/trade/${name}`, { ordType: "trigger" })).toEqual([]);
      expect((await harness.get(`/trade/${name}`)).code).toBe("50014");
    }
    expect(await harness.get("/trade/no-such-path")).toMatchObject({ status: 404, code: "404" });
  });
});
