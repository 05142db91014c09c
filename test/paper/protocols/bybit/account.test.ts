import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, startVenue, type Wire } from "./harness.ts";

const START_MS = Date.UTC(2026, 0, 5, 10);
let harness: Harness;
beforeEach(async () => {
  harness = await startVenue({ fundingIntervalMs: 60_000, accounts: [{ apiKey: "k", apiSecret: "s" }] }, START_MS);
  for (const [market, bid, ask] of [
    ["BTC-USD", "19999", "20001"],
    ["ETH-USD", "1499", "1501"],
  ] as const) {
    harness.venue.trader.order({ market, side: "buy", size: "50", price: bid });
    harness.venue.trader.order({ market, side: "sell", size: "50", price: ask });
  }
});
afterEach(() => harness.venue.stop());

const buy = (qty: string, symbol = "BTCUSDT") => harness.place({ symbol, side: "Buy", orderType: "Market", qty });
const sell = (qty: string, symbol = "BTCUSDT") => harness.place({ symbol, side: "Sell", orderType: "Market", qty });
const wallet = async (): Promise<Wire> =>
  (await harness.get("/v5/account/wallet-balance", { accountType: "UNIFIED" })).result.list[0];
const log = (query: Record<string, string> = {}) =>
  harness.list("/v5/account/transaction-log", { accountType: "UNIFIED", ...query });

describe("the wallet", () => {
  it("starts with the balance and never tells what may be withdrawn", async () => {
    expect(await wallet()).toMatchObject({
      accountType: "UNIFIED",
      totalEquity: "100282",
      totalMarginBalance: "100000",
      totalAvailableBalance: "100000",
      coin: [
        { coin: "USDT", walletBalance: "100000", availableToWithdraw: "", totalOrderIM: "0", totalPositionIM: "0" },
        { coin: "USDC", walletBalance: "250", usdValue: "250", collateralSwitch: false },
        { coin: "MNT", walletBalance: "40", usdValue: "32", collateralSwitch: false },
      ],
    });
  });

  it("shows margin of positions and orders, profit and fees as the engine has them", async () => {
    await buy("0.5");
    await harness.place({ side: "Buy", qty: "0.1", price: "19000" });
    const account = harness.venue.truth();
    const shown = await wallet();
    expect(shown.totalMarginBalance).toBe(account.equity);
    const [coin] = shown.coin;
    expect([coin.walletBalance, coin.equity]).toEqual([account.cash, account.equity]);
    expect(Number(coin.totalPositionIM)).toBeCloseTo(1_000, 4);
    expect(Number(coin.totalOrderIM)).toBeCloseTo(200, 4);
    expect(Number(shown.totalInitialMargin)).toBeCloseTo(Number(coin.totalPositionIM) + Number(coin.totalOrderIM), 6);
    expect(Number(shown.totalAvailableBalance)).toBeCloseTo(
      Number(shown.totalMarginBalance) - Number(shown.totalInitialMargin),
      6,
    );
    expect(Number(coin.walletBalance)).toBeCloseTo(100_000 - 0.5 * 20_001 * 0.00055, 8);
  });

  it("pushes the coin that changed, and no other", async () => {
    const socket = await harness.privateSocket("wallet");
    const coins = () => socket.of("wallet").map(({ data }) => data[0].coin.map(({ coin }: Wire) => coin));
    await buy("0.1");
    expect(new Set(coins().flat())).toEqual(new Set(["USDT"]));
    const told = coins().length;
    const utaDemoApplyMoney = [{ coin: "USDC", amountStr: "50" }];
    expect((await harness.post("/v5/account/demo-apply-money", { adjustType: 0, utaDemoApplyMoney })).code).toBe(0);
    await harness.settle();
    expect(coins().slice(told)).toEqual([["USDC"]]);
    const [last] = socket.rows("wallet").slice(-1);
    expect(last.coin[0]).toMatchObject({ walletBalance: "300", totalPositionIM: "" });
    expect((await harness.post("/v5/account/demo-apply-money", { adjustType: 1, utaDemoApplyMoney })).code).toBe(0);
    const tooMuch = [{ coin: "USDC", amountStr: "251" }];
    const refused = { adjustType: 1, utaDemoApplyMoney: tooMuch };
    expect((await harness.post("/v5/account/demo-apply-money", refused)).code).toBe(10_001);
  });

  it("leaves out what holds for cross margin only when margin is isolated", async () => {
    expect((await harness.post("/v5/account/set-margin-mode", { setMarginMode: "ISOLATED_MARGIN" })).code).toBe(0);
    expect(await wallet()).toMatchObject({ totalAvailableBalance: "", totalMarginBalance: "", accountIMRate: "" });
    expect((await harness.get("/v5/account/info")).result).toMatchObject({ marginMode: "ISOLATED_MARGIN" });
  });

  it("has no coin when there is nothing, or another is asked for", async () => {
    const empty = await startVenue({ startingBalance: "0" });
    const { result } = await empty.get("/v5/account/wallet-balance", { accountType: "UNIFIED" });
    expect(result.list[0].coin).toEqual([]);
    await empty.venue.stop();
    const other = await harness.get("/v5/account/wallet-balance", { accountType: "UNIFIED", coin: "BTC" });
    expect(other.result.list[0].coin).toEqual([]);
    expect((await harness.get("/v5/account/wallet-balance", { accountType: "SPOT" })).code).toBe(10_001);
  });
});

describe("positions", () => {
  it("of a symbol are there when flat; of a coin only when open", async () => {
    const flat = await harness.list("/v5/position/list", { symbol: "BTCUSDT" });
    expect(flat).toMatchObject([
      { positionIdx: 0, side: "", size: "0.0000", avgPrice: "0", leverage: "10", liqPrice: "" },
    ]);
    expect(await harness.list("/v5/position/list", { settleCoin: "USDT" })).toEqual([]);
    await sell("0.2", "ETHUSDT");
    const open = await harness.list("/v5/position/list", { settleCoin: "USDT" });
    expect(open).toMatchObject([
      { symbol: "ETHUSDT", side: "Sell", size: "0.200", avgPrice: "1499", positionValue: "299.8" },
    ]);
    expect((await harness.get("/v5/position/list", { category: "linear" })).code).toBe(10_001);
    const pages = await harness.get("/v5/position/list", { category: "linear", settleCoin: "USDT", limit: "1" });
    expect(pages.result.nextPageCursor).toBe("");
  });

  it("are worth what the mark says, and would be liquidated where the engine says", async () => {
    await buy("20");
    const [row] = await harness.list("/v5/position/list", { symbol: "BTCUSDT" });
    const position = harness.venue.engine.positions(harness.venue.accountId, "BTC-USD")[0]!;
    expect(Number(row.unrealisedPnl)).toBeCloseTo(20 * (Number(row.markPrice) - 20_001), 4);
    expect(Number(row.liqPrice)).toBeCloseTo(Number(position.liquidationPrice) / 1e8, 6);
    expect(row).toMatchObject({ positionStatus: "Normal", positionIM: expect.any(String), tradeMode: 0 });
  });
});

describe("settings", () => {
  it("leverage changes per market; what changes nothing has a code of its own", async () => {
    const set = (buyLeverage: string, sellLeverage = buyLeverage, symbol = "BTCUSDT") =>
      harness.post("/v5/position/set-leverage", { symbol, buyLeverage, sellLeverage });
    expect((await set("5")).body).toMatchObject({ retCode: 0, result: {} });
    expect((await set("5")).code).toBe(110_043);
    expect((await set("5", "6")).code).toBe(10_001);
    expect((await set("1000")).code).toBe(110_013);
    const leverageOf = async (symbol: string) => (await harness.list("/v5/position/list", { symbol }))[0].leverage;
    expect([await leverageOf("BTCUSDT"), await leverageOf("ETHUSDT")]).toEqual(["5", "10"]);
  });

  it("the position mode changes for a symbol or all, unless orders or positions are open", async () => {
    const mode = (body: object) => harness.post("/v5/position/switch-mode", body);
    const indexes = async (symbol: string) =>
      (await harness.list("/v5/position/list", { symbol })).map((row) => row.positionIdx);
    expect((await mode({ symbol: "BTCUSDT", mode: 0 })).code).toBe(110_025);
    expect((await mode({ symbol: "BTCUSDT", mode: 3 })).code).toBe(0);
    expect([await indexes("BTCUSDT"), await indexes("ETHUSDT")]).toEqual([[1, 2], [0]]);
    expect((await mode({ coin: "USDT", mode: 0 })).code).toBe(0);
    expect(await indexes("BTCUSDT")).toEqual([0]);
    await harness.place({ side: "Buy", qty: "0.01", price: "19000" });
    expect((await mode({ symbol: "BTCUSDT", mode: 3 })).code).toBe(110_028);
    await harness.post("/v5/order/cancel-all", { symbol: "BTCUSDT" });
    await buy("0.01");
    expect((await mode({ symbol: "BTCUSDT", mode: 3 })).code).toBe(110_024);
    expect((await mode({ symbol: "BTCUSDT", mode: 1 })).code).toBe(10_001);
    expect((await mode({ coin: "USDC", mode: 3 })).code).toBe(110_029);
  });

  const setMargin = (setMarginMode: string) => harness.post("/v5/account/set-margin-mode", { setMarginMode });
  const setLeverage = (leverage: string) =>
    harness.post("/v5/position/set-leverage", { symbol: "BTCUSDT", buyLeverage: leverage, sellLeverage: leverage });

  it("margin is isolated for the account, not for a market, and may be added to a position", async () => {
    const addMargin = () => harness.post("/v5/position/add-margin", { symbol: "BTCUSDT", margin: "10" });
    const body = { symbol: "BTCUSDT", tradeMode: 1, buyLeverage: "4", sellLeverage: "4" };
    expect((await harness.post("/v5/position/switch-isolated", body)).code).toBe(100_028);
    expect((await addMargin()).code).toBe(110_015);
    await setMargin("ISOLATED_MARGIN");
    await setLeverage("4");
    expect((await addMargin()).code).toBe(110_033);
    await buy("0.01");
    const [before] = await harness.list("/v5/position/list", { symbol: "BTCUSDT" });
    expect(before).toMatchObject({ tradeMode: 0, leverage: "4" });
    const added = await addMargin();
    expect(Number(added.result.positionBalance)).toBeCloseTo(Number(before.positionBalance) + 10, 8);
  });

  it("a lower leverage tops an isolated position up from what is free, and is refused where too little is", async () => {
    await setMargin("ISOLATED_MARGIN");
    await buy("0.1");
    const balance = async () => {
      const [row] = await harness.list("/v5/position/list", { symbol: "BTCUSDT" });
      return Number(row.positionBalance);
    };
    const before = await balance();
    expect((await setLeverage("5")).code).toBe(0);
    expect(await balance()).toBeGreaterThan(1.9 * before);
    await buy("20");
    const held = await balance();
    expect((await setLeverage("1")).code).toBe(110_007);
    expect(await balance()).toBe(held);
  });

  it("the margin mode does not change with a position, for reasons that the answer has", async () => {
    await buy("0.01");
    const { code, result } = await setMargin("ISOLATED_MARGIN");
    expect(code).toBe(3_400_045);
    expect(result.reasons).toEqual([{ reasonCode: "3400045", reasonMsg: expect.stringContaining("position") }]);
  });

  it("tell the account's fees and kind", async () => {
    expect(await harness.list("/v5/account/fee-rate", { symbol: "BTCUSDT" })).toEqual([
      { symbol: "BTCUSDT", takerFeeRate: "0.00055", makerFeeRate: "0.0002" },
    ]);
    expect((await harness.get("/v5/user/query-api")).result).toMatchObject({ uta: 1, readOnly: 0 });
    expect((await harness.get("/v5/account/info")).result).toMatchObject({ unifiedMarginStatus: 6, dcpStatus: "OFF" });
  });
});

describe("funding", () => {
  it("is one event in three places: the log, the executions with the opposite sign, and the stream", async () => {
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 19_900_00000000n });
    const socket = await harness.privateSocket("execution", "wallet");
    await buy("0.5");
    await sell("2", "ETHUSDT");
    await harness.world.advance(61_000);
    const settled = (await log({ category: "linear", type: "SETTLEMENT" })).toSorted((a, b) =>
      a.symbol.localeCompare(b.symbol),
    );
    const { fundingPayments, cash } = harness.venue.truth();
    expect(settled.map((row) => [row.symbol, row.side, row.size, row.funding])).toEqual([
      ["BTCUSDT", "Buy", "0.5000", fundingPayments.find(({ market }) => market === "BTC-USD")!.amount],
      ["ETHUSDT", "Sell", "-2.000", fundingPayments.find(({ market }) => market === "ETH-USD")!.amount],
    ]);
    expect(settled.map(({ id, side, tradeId }) => `${id}:${side}:${tradeId}`).toSorted()).toEqual(
      fundingPayments.map(({ paymentId }) => paymentId).toSorted(),
    );
    expect(Number(settled[0].funding)).toBeLessThan(0);
    const funded = await harness.list("/v5/execution/list", { execType: "Funding", symbol: "BTCUSDT" });
    expect(funded).toHaveLength(1);
    expect(Number(funded[0].execFee)).toBe(-Number(settled[0].funding));
    expect(funded[0].execTime).toBe(settled[0].transactionTime);
    expect(funded[0].feeRate).toBe(settled[0].feeRate);
    const streamed = socket.rows("execution").filter((row) => row.execType === "Funding" && row.symbol === "BTCUSDT");
    expect(streamed.map((row) => row.execId)).toEqual([funded[0].execId]);
    expect(socket.rows("wallet").at(-1).coin[0].walletBalance).toBe(cash);
    const [history] = await harness.list("/v5/market/funding/history", { symbol: "BTCUSDT" });
    expect([history.fundingRate, history.fundingRateTimestamp]).toEqual([
      settled[0].feeRate,
      settled[0].transactionTime,
    ]);
  });

  it("history needs both ends of a window or none", async () => {
    await harness.world.advance(181_000);
    expect(await harness.list("/v5/market/funding/history", { symbol: "BTCUSDT" })).toHaveLength(3);
    const startTime = String(START_MS + 60_000);
    expect(
      (await harness.get("/v5/market/funding/history", { category: "linear", symbol: "BTCUSDT", startTime })).code,
    ).toBe(10_001);
    const endTime = String(START_MS + 120_000);
    const rows = await harness.list("/v5/market/funding/history", {
      symbol: "BTCUSDT",
      startTime,
      endTime,
      limit: "1",
    });
    expect(rows.map((row) => row.fundingRateTimestamp)).toEqual([endTime]);
  });
});

describe("the transaction log", () => {
  it("adds up to the wallet, row by row", async () => {
    await buy("0.5");
    await sell("0.7");
    await harness.world.advance(61_000);
    await buy("0.2");
    harness.venue.execute({ type: "deposit", accountId: harness.venue.accountId, amount: 5_00000000n });
    const rows = (await log({ category: "" })).toReversed();
    expect(rows.map((row) => row.type)).toEqual([
      "TRANSFER_IN",
      "TRADE",
      "TRADE",
      "SETTLEMENT",
      "TRADE",
      "TRANSFER_IN",
    ]);
    let balance = 0;
    for (const row of rows) {
      const moved = Number(row.cashFlow) + Number(row.funding || "0") - Number(row.fee);
      expect(Number(row.change)).toBeCloseTo(moved, 8);
      balance += moved;
      expect(Number(row.cashBalance)).toBeCloseTo(balance, 6);
    }
    expect(rows.at(-1).cashBalance).toBe(harness.venue.truth().cash);
    expect((await log({ baseCoin: "ETH" })).length).toBe(0);
    expect((await log({ type: "TRADE", baseCoin: "BTC" })).length).toBe(3);
    expect(await log({ transSubType: "movePosition" })).toEqual([]);
  });

  it("goes back a day unless a window is given, of seven days at most", async () => {
    await buy("0.5");
    await harness.jump(86_400_000 * 2);
    expect(await log({ type: "TRADE" })).toEqual([]);
    const startTime = String(START_MS);
    expect(await log({ type: "TRADE", startTime, endTime: String(START_MS + 86_400_000) })).toHaveLength(1);
    expect(
      (await harness.get("/v5/account/transaction-log", { startTime, endTime: String(START_MS + 8 * 86_400_000) }))
        .code,
    ).toBe(10_001);
  });
});

describe("a liquidation", () => {
  it("shows as an order and executions that the user did not place, and as a takeover where nobody trades", async () => {
    const socket = await harness.privateSocket("order", "execution", "position");
    await buy("40");
    const resting = await harness.place({ side: "Sell", qty: "1", price: "25000" });
    harness.venue.trader.cancelAll();
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "1", price: "15000" });
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 16_000_00000000n });
    await harness.world.advance(5_000);
    const [position] = await harness.list("/v5/position/list", { symbol: "BTCUSDT" });
    expect(position).toMatchObject({ side: "", size: "0.0000" });
    expect(await harness.order(resting.result.orderId)).toMatchObject({
      orderStatus: "Cancelled",
      cancelType: "CancelAllBeforeLiq",
    });
    const forced = socket.rows("order").filter((row) => row.createType === "CreateByLiq");
    expect(forced.length).toBeGreaterThan(0);
    const types = new Map<string, number>();
    for (const row of socket.rows("execution").filter(({ createType }) => createType === "CreateByLiq")) {
      types.set(row.execType, (types.get(row.execType) ?? 0) + Number(row.execQty));
    }
    expect(types.get("Trade")).toBeCloseTo(1, 8);
    expect(types.get("BustTrade")).toBeCloseTo(39, 8);
    expect(socket.rows("position").at(-1)).toMatchObject({ size: "0.0000" });
  });
});

describe("auto-deleveraging", () => {
  it("shows as an order and a trade of the venue's own, in the lists, the log and the stream", async () => {
    const socket = await harness.privateSocket("order", "execution", "execution.fast", "position");
    await buy("0.5");
    const { accountId } = harness.venue;
    const size = 20_000_000n;
    harness.venue.execute({ type: "deleverage", accountId, market: "BTC-USD", positionSide: "both", size });
    await harness.settle();
    const told = socket.rows("execution").at(-1);
    expect(told).toMatchObject({ execType: "AdlTrade", createType: "CreateByAdl_PassThrough", side: "Sell" });
    expect(told).toMatchObject({ execQty: "0.2000", orderLinkId: "" });
    expect(socket.rows("order").at(-1)).toMatchObject({ createType: "CreateByAdl_PassThrough", side: "Sell" });
    expect(socket.rows("execution.fast")).toHaveLength(1);
    expect(await harness.list("/v5/execution/list", { execType: "AdlTrade" })).toMatchObject([{ execId: told.execId }]);
    expect(await log({ type: "ADL" })).toMatchObject([{ tradeId: told.execId }]);
    expect((await harness.list("/v5/position/closed-pnl"))[0]).toMatchObject({ execType: "AdlTrade" });
    expect((await harness.list("/v5/position/list", { symbol: "BTCUSDT" }))[0].size).toBe("0.3000");
  });
});

describe("the settlement of a delisted market", () => {
  it("shows as an order and a trade of the venue's own, in the lists, the log and the stream", async () => {
    const socket = await harness.privateSocket("order", "execution", "execution.fast");
    await buy("0.5");
    harness.venue.delist("BTC-USD");
    await harness.settle();
    const told = socket.rows("execution").at(-1);
    expect(told).toMatchObject({ execType: "Delivery", createType: "CreateBySettle", side: "Sell", execQty: "0.5000" });
    expect(socket.rows("order").at(-1)).toMatchObject({ createType: "CreateBySettle", orderStatus: "Filled" });
    expect(socket.rows("execution.fast")).toHaveLength(1);
    expect(await harness.list("/v5/execution/list", { execType: "Delivery" })).toMatchObject([{ execId: told.execId }]);
    expect(await log({ type: "DELIVERY" })).toMatchObject([{ tradeId: told.execId }]);
  });
});

describe("disconnection protection", () => {
  const openOrders = () => harness.list("/v5/order/realtime", { settleCoin: "USDT" });
  const protect = () => harness.post("/v5/order/disconnected-cancel-all", { timeWindow: 10, product: "DERIVATIVES" });

  it("cancels all orders when the last listener has been gone for the window", async () => {
    expect((await protect()).code).toBe(0);
    const { dcpInfos } = (await harness.get("/v5/account/query-dcp-info")).result;
    expect(dcpInfos).toEqual([{ product: "DERIVATIVES", dcpStatus: "ON", timeWindow: "10" }]);
    // Of `account/info` the fields are dead.
    expect((await harness.get("/v5/account/info")).result).toMatchObject({ dcpStatus: "OFF", timeWindow: 10 });
    const socket = await harness.privateSocket("dcp.future");
    await harness.place({ side: "Buy", qty: "0.01", price: "19000" });
    socket.connection!.close();
    await harness.world.advance(9_900);
    expect(await openOrders()).toHaveLength(1);
    await harness.world.advance(200);
    expect(await openOrders()).toEqual([]);
  });

  it("is of options where no product is named, as the answer to a query says, and leaves orders alone", async () => {
    for (const product of [undefined, "SPOT"]) {
      expect((await harness.post("/v5/order/disconnected-cancel-all", { timeWindow: 40, product })).code).toBe(0);
    }
    const { dcpInfos } = (await harness.get("/v5/account/query-dcp-info")).result;
    expect(dcpInfos).toEqual([
      { product: "OPTIONS", dcpStatus: "ON", timeWindow: "40" },
      { product: "SPOT", dcpStatus: "ON", timeWindow: "40" },
    ]);
    const socket = await harness.privateSocket("dcp.future");
    await harness.place({ side: "Buy", qty: "0.01", price: "19000" });
    socket.connection!.close();
    await harness.world.advance(60_000);
    expect(await openOrders()).toHaveLength(1);
  });

  it("leaves them when a listener comes back in time", async () => {
    await protect();
    const socket = await harness.privateSocket("dcp.future");
    await harness.place({ side: "Buy", qty: "0.01", price: "19000" });
    socket.connection!.close();
    await harness.world.advance(5_000);
    await harness.privateSocket("dcp.future");
    await harness.world.advance(20_000);
    expect(await openOrders()).toHaveLength(1);
    expect(
      (await harness.post("/v5/order/disconnected-cancel-all", { timeWindow: 1, product: "DERIVATIVES" })).code,
    ).toBe(10_001);
  });
});
