import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { BTC, ETH, type Harness, startVenue, type Wire } from "./harness.ts";

const START_MS = Date.UTC(2026, 0, 5, 10);
let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ fundingIntervalMs: 60_000, accounts: [{ apiKey: "k", apiSecret: "s" }] }, START_MS);
  for (const [market, bid, ask] of [
    ["BTC-USD", "19999", "20001"],
    ["ETH-USD", "1499", "1501"],
  ] as const) {
    harness.quote("buy", bid, "50", market);
    harness.quote("sell", ask, "50", market);
  }
});
afterEach(() => harness.venue.stop());

const buy = (sz: string, fields: object = {}) => harness.place({ side: "buy", ordType: "market", sz, ...fields });
const sell = (sz: string, fields: object = {}) => harness.place({ side: "sell", ordType: "market", sz, ...fields });
const balance = async (): Promise<Wire> => (await harness.list("/account/balance"))[0];

describe("the balance", () => {
  it("starts with what the account has", async () => {
    expect(await balance()).toMatchObject({
      totalEq: "100000",
      details: [
        { ccy: "USDT", eq: "100000", cashBal: "100000", availEq: "100000", availBal: "100000", frozenBal: "0" },
      ],
    });
    expect((await harness.list("/account/balance", { ccy: "BTC" }))[0].details).toEqual([]);
  });

  it("shows margin of positions and orders, profit and fees as the engine has them", async () => {
    await buy("50");
    await harness.place({ sz: "10", px: "19000" });
    const { details, totalEq } = await balance();
    const truth = harness.venue.truth();
    const [coin] = details;
    expect([totalEq, coin.eq, coin.cashBal]).toEqual([truth.equity, truth.equity, truth.cash]);
    expect(Number(coin.cashBal)).toBeCloseTo(100_000 - 0.5 * 20_001 * 0.0005, 8);
    expect(Number(coin.imr)).toBeCloseTo(1_200, 6);
    expect(Number(coin.ordFrozen)).toBeCloseTo(200, 6);
    expect(Number(coin.availEq)).toBeCloseTo(Number(coin.eq) - Number(coin.imr), 6);
    expect(Number(coin.frozenBal)).toBeCloseTo(Number(coin.imr), 6);
    expect(Number(coin.mgnRatio)).toBeCloseTo(Number(coin.eq) / Number(coin.mmr), 4);
  });
});

describe("positions", () => {
  it("are those that are open, in contracts with a sign", async () => {
    await buy("50");
    await sell("3", { instId: ETH });
    const rows = await harness.list("/account/positions", { instType: "SWAP" });
    const [btc, eth] = [BTC, ETH].map((instId) => rows.find((row) => row.instId === instId));
    expect(btc).toMatchObject({
      pos: "50",
      posSide: "net",
      mgnMode: "cross",
      avgPx: "20001",
      lever: "10",
      markPx: "20000",
      upl: "-0.5",
      notionalUsd: "10000",
      imr: "1000",
      availPos: "",
      fee: "-5.00025",
      margin: "",
    });
    expect(eth).toMatchObject({ pos: "-3", avgPx: "1499" });
    expect(btc.posId).not.toBe(eth.posId);
    expect(await harness.list("/account/positions", { posId: eth.posId })).toMatchObject([{ instId: ETH }]);
  });

  it("that are flat show only where their instrument is named and was held", async () => {
    await buy("50");
    await sell("50");
    expect(await harness.list("/account/positions")).toEqual([]);
    expect(await harness.list("/account/positions", { instId: `${BTC},${ETH}` })).toMatchObject([
      { instId: BTC, pos: "0", avgPx: "", upl: "" },
    ]);
    expect((await harness.get("/account/positions", { instId: "NO-USDT-SWAP" })).code).toBe("51001");
  });

  it("tell profit, fees and funding since they were opened", async () => {
    await buy("100");
    await sell("50");
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_900n * 100_000_000n });
    await harness.world.advance(61_000);
    const [row] = await harness.list("/account/positions");
    const truth = harness.venue.truth();
    expect(row.pnl).toBe("-1");
    expect(Number(row.fee)).toBeCloseTo(-(20_001 * 0.0005 + 0.5 * 19_999 * 0.0005), 8);
    const paid = truth.fundingPayments.reduce((sum, { amount }) => sum + Number(amount), 0);
    expect(paid).toBeLessThan(0);
    expect(Number(row.fundingFee)).toBeCloseTo(paid, 8);
    expect(Number(row.realizedPnl)).toBeCloseTo(Number(row.pnl) + Number(row.fee) + paid, 6);
  });

  it("count their fees anew when they were closed in between", async () => {
    await buy("100");
    await harness.list("/account/positions");
    await sell("100");
    await harness.world.advance(1_000);
    await buy("10");
    const [row] = await harness.list("/account/positions");
    expect([row.fee, row.pnl, row.fundingFee]).toEqual(["-1.00005", "0", "0"]);
  });

  it("hold margin of their own in isolated mode, which can be moved", async () => {
    await buy("50", { tdMode: "isolated" });
    // The fee of 5.00025 came out of the 1,000.05 that the position was opened with.
    expect(await harness.list("/account/positions")).toMatchObject([
      { mgnMode: "isolated", margin: "995.04975", imr: "" },
    ]);
    const moved = { instId: BTC, posSide: "net", type: "add", amt: "100" };
    expect((await harness.post("/account/position/margin-balance", moved)).code).toBe("0");
    expect(await harness.list("/account/positions")).toMatchObject([{ margin: "1095.04975" }]);
    expect((await harness.post("/account/position/margin-balance", { ...moved, amt: "1000000" })).code).toBe("59301");
    expect((await harness.post("/account/position/margin-balance", { ...moved, instId: ETH })).code).toBe("59300");
    expect(await buy("1")).toMatchObject({ sCode: "51000", sMsg: "Parameter tdMode error" });
  });
});

describe("settings", () => {
  const set = (path: string, fields: object) => harness.post(`/account/${path}`, fields);

  it("of leverage hold for the instrument, and the same again is no error", async () => {
    const wish = { instId: BTC, lever: "5", mgnMode: "cross" };
    expect((await set("set-leverage", wish)).data).toEqual([
      { lever: "5", mgnMode: "cross", instId: BTC, posSide: "net" },
    ]);
    expect((await set("set-leverage", wish)).code).toBe("0");
    const info = await harness.list("/account/leverage-info", { instId: `${BTC},${ETH}`, mgnMode: "cross" });
    expect(info.map(({ instId, lever, posSide }) => [instId, lever, posSide])).toEqual([
      [BTC, "5", "net"],
      [ETH, "10", "net"],
    ]);
  });

  it("of leverage are refused beyond the most, and where margin would not suffice", async () => {
    expect((await set("set-leverage", { instId: BTC, lever: "21", mgnMode: "cross" })).code).toBe("59102");
    await buy("4000");
    expect((await set("set-leverage", { instId: BTC, lever: "1", mgnMode: "cross" })).code).toBe("59108");
    expect(await set("set-leverage", { instId: BTC, mgnMode: "cross" })).toMatchObject({ status: 400, code: "50014" });
  });

  it("of the position mode hold for the account and wait for it to be empty", async () => {
    expect((await harness.list("/account/config"))[0]).toMatchObject({ posMode: "net_mode", acctLv: "2" });
    const { ordId } = await harness.place({ sz: "1", px: "19000" });
    expect((await set("set-position-mode", { posMode: "long_short_mode" })).code).toBe("59000");
    await harness.post("/trade/cancel-order", { instId: BTC, ordId });
    await harness.settle();
    expect((await set("set-position-mode", { posMode: "long_short_mode" })).data).toEqual([
      { posMode: "long_short_mode" },
    ]);
    expect((await set("set-position-mode", { posMode: "long_short_mode" })).code).toBe("0");
    expect((await harness.list("/account/config"))[0].posMode).toBe("long_short_mode");
    const info = await harness.list("/account/leverage-info", { instId: BTC, mgnMode: "cross" });
    expect(info.map(({ posSide }) => posSide)).toEqual(["long", "short"]);
  });

  it("of fees are negative where they are charged", async () => {
    expect(await harness.list("/account/trade-fee", { instType: "SWAP" })).toMatchObject([
      { maker: "-0.0002", taker: "-0.0005", makerU: "-0.0002", takerU: "-0.0005" },
    ]);
  });
});

describe("bills", () => {
  const bills = (query: Record<string, string> = {}) => harness.list("/account/bills", query);

  it("have each posting to the cash once, and add up to it", async () => {
    await buy("50");
    await sell("20");
    await harness.world.advance(61_000);
    harness.venue.execute({ type: "deposit", accountId: harness.venue.accountId, amount: 500_000_000n });
    const rows = await bills();
    expect(rows.map(({ type, subType }) => `${type} ${subType}`)).toEqual([
      "1 11",
      expect.stringMatching(/^8 17[34]$/),
      "2 2",
      "2 1",
      "1 11",
    ]);
    const total = rows.reduce((sum, { balChg }) => sum + Number(balChg), 0);
    expect(total).toBeCloseTo(Number(harness.venue.truth().cash), 6);
    expect(rows[0].bal).toBe(harness.venue.truth().cash);
    const ids = rows.map(({ billId }) => BigInt(billId));
    expect(ids).toEqual([...ids].sort((a, b) => (a < b ? 1 : -1)));
  });

  it("of funding are those that the venue knows, positive where received", async () => {
    await sell("100");
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_900n * 100_000_000n });
    await harness.world.advance(121_000);
    const rows = await bills({ type: "8", instType: "SWAP" });
    const truth = harness.venue.truth().fundingPayments;
    expect(rows.map(({ billId, balChg }) => [billId, balChg])).toEqual(
      truth.map(({ paymentId, amount }) => [paymentId, amount]).toReversed(),
    );
    expect(rows.length).toBe(2);
    for (const row of rows) {
      expect(row).toMatchObject({ instId: BTC, ccy: "USDT", sz: "100", pnl: row.balChg });
      expect([row.subType, Number(row.balChg) > 0]).toEqual(["174", true]);
    }
  });

  it("of the funding of an isolated position are in its own margin, and in no balance", async () => {
    await buy("50", { tdMode: "isolated" });
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_900n * 100_000_000n });
    await harness.world.advance(61_000);
    const [row] = await bills({ type: "8" });
    const [payment] = harness.venue.truth().fundingPayments;
    expect(row).toMatchObject({ mgnMode: "isolated", pnl: payment!.amount, balChg: "0", posBalChg: payment!.amount });
  });

  it("are paged by their ids and by time", async () => {
    for (const sz of ["1", "2", "3"]) await buy(sz);
    const [third, second, first] = await bills({ type: "2" });
    expect(await bills({ type: "2", limit: "2" })).toEqual([third, second]);
    expect(await bills({ type: "2", after: second.billId })).toEqual([first]);
    expect(await bills({ type: "2", before: second.billId })).toEqual([third]);
    expect(await bills({ type: "2", begin: second.ts, end: second.ts })).toEqual([second]);
    expect(await bills({ type: "2", subType: "2" })).toEqual([]);
    expect((await harness.get("/account/bills", { after: "x" })).code).toBe("51000");
  });

  it("are forgotten after a week but for the archive", async () => {
    await buy("1");
    await harness.jump(8 * 86_400_000);
    expect(await bills({ type: "2" })).toEqual([]);
    expect(await harness.list("/account/bills-archive", { type: "2" })).toHaveLength(1);
  });
});

describe("a liquidation", () => {
  it("shows as an order of its own category, in the orders, the fills and the bills", async () => {
    const socket = await harness.privateSocket({ channel: "orders", instType: "ANY" });
    await buy("4000");
    const resting = await harness.place({ side: "sell", sz: "100", px: "25000" });
    harness.venue.trader.cancelAll();
    harness.quote("buy", "15000", "1");
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 16_000n * 100_000_000n });
    await harness.world.advance(5_000);
    expect(await harness.list("/account/positions")).toEqual([]);
    expect(await harness.order(resting.ordId)).toMatchObject({ state: "canceled", cancelSource: "3" });
    const forced = socket.rows("orders").filter(({ category }) => category === "full_liquidation");
    // Its rows have no trade id, and its fills a negative one (docs).
    expect(forced.filter(({ fillSz }) => fillSz !== "0").map(({ tradeId, execType }) => [tradeId, execType])).toEqual([
      ["0", ""],
      ["0", ""],
    ]);
    expect(forced.at(-1)).toMatchObject({ side: "sell", clOrdId: "", tag: "", state: "filled", accFillSz: "4000" });
    const rows = await harness.list("/account/bills", { type: "5" });
    expect(rows.map(({ subType, px }) => [subType, px])).toEqual([
      ["107", expect.any(String)],
      ["107", "15000"],
    ]);
    const fills = await harness.list("/trade/fills", { subType: "107" });
    expect(fills.map(({ fillSz }) => fillSz).toSorted()).toEqual(["100", "3900"]);
    expect(new Set(fills.map(({ tradeId }) => tradeId)).size).toBe(2);
    for (const { tradeId, execType } of fills) expect([Number(tradeId) < 0, execType]).toEqual([true, ""]);
  });
});

describe("auto-deleveraging", () => {
  it("shows as an order of its own category, in the orders, the fills, the bills and the history", async () => {
    const socket = await harness.privateSocket(
      ...[{ channel: "orders", instType: "ANY" }, { channel: "balance_and_position" }],
    );
    await buy("50");
    harness.venue.execute({
      ...{ type: "deleverage", accountId: harness.venue.accountId, market: "BTC-USD", positionSide: "both" },
      size: 20_000_000n,
    });
    await harness.settle();
    const [forced] = socket.rows("orders").filter(({ category, fillSz }) => category === "adl" && fillSz !== "0");
    expect(forced).toMatchObject({ side: "sell", fillSz: "20", tradeId: "0", execType: "" });
    expect(socket.rows("balance_and_position").at(-1).eventType).toBe("adl");
    const [fill] = await harness.list("/trade/fills");
    expect(fill).toMatchObject({ subType: "128", ordId: forced.ordId, fillSz: "20", execType: "" });
    expect(Number(fill.tradeId)).toBeLessThan(0);
    expect(await harness.list("/account/bills", { type: "9" })).toMatchObject([{ subType: "128", sz: "20" }]);
    expect(await harness.list("/account/positions-history")).toMatchObject([{ type: "5", closeTotalPos: "20" }]);
  });
});

describe("the settlement of a delisted market", () => {
  it.each([
    [() => buy("50"), "sell", "112"],
    [() => sell("50"), "buy", "113"],
  ] as const)("shows as a delivery in the orders, the fills and the bills", async (open, side, subType) => {
    const socket = await harness.privateSocket(
      ...[{ channel: "orders", instType: "ANY" }, { channel: "balance_and_position" }],
    );
    await open();
    harness.venue.delist("BTC-USD");
    await harness.settle();
    const [settled] = socket.rows("orders").filter(({ category, fillSz }) => category === "delivery" && fillSz !== "0");
    expect(settled).toMatchObject({ side, fillSz: "50", tradeId: "0", execType: "" });
    expect(socket.rows("balance_and_position").at(-1).eventType).toBe("delivered");
    const [fill] = await harness.list("/trade/fills");
    expect(fill).toMatchObject({ subType, ordId: settled.ordId, fillSz: "50", execType: "" });
    expect(Number(fill.tradeId)).toBeLessThan(0);
    expect(await harness.list("/account/bills", { type: "3" })).toMatchObject([{ subType, sz: "50" }]);
  });
});
