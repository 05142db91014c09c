import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Harness, startVenue, tif, type Wire } from "./harness.ts";

let harness: Harness;
beforeEach(async () => {
  const accounts = [
    { apiKey: "one", apiSecret: "secret", subaccounts: ["sub"] },
    { apiKey: "two", apiSecret: "secret", username: "two" },
  ];
  harness = await startVenue({ accounts });
});
afterEach(() => harness.venue.stop());

const OK = { status: "ok", response: { type: "default" } };
const buy = async (price = "20000", size = "1") => {
  harness.quote("sell", price, size);
  await harness.place({ p: price, s: size, ...tif("Ioc") });
};
const userOf = (key: string) => harness.venue.credentials("hyperliquid", key).accountAddress ?? "";
const cash = (accountId?: string) => harness.venue.truth(accountId).cash;

describe("a position", () => {
  it("is told with what it is worth, needs and has cost", async () => {
    await buy();
    const state = await harness.ask("clearinghouseState");
    expect(state).toMatchObject({
      marginSummary: {
        accountValue: "99991.0",
        totalNtlPos: "20000.0",
        totalRawUsd: "79991.0",
        totalMarginUsed: "2000.0",
      },
      crossMaintenanceMarginUsed: "250.0",
      withdrawable: "97991.0",
    });
    expect(state.crossMarginSummary).toEqual(state.marginSummary);
    expect(state.assetPositions).toEqual([
      {
        type: "oneWay",
        position: {
          ...{ coin: "BTC", szi: "1.0", leverage: { type: "cross", value: 10 }, entryPx: "20000.0" },
          ...{ positionValue: "20000.0", unrealizedPnl: "0.0", returnOnEquity: "0.0", liquidationPx: null },
          ...{ marginUsed: "2000.0", maxLeverage: 40 },
          cumFunding: { allTime: "0.0", sinceOpen: "0.0", sinceChange: "0.0" },
        },
      },
    ]);
    const nobody = await harness.info("clearinghouseState", { user: `0x${"1".repeat(40)}` });
    expect(nobody).toMatchObject({ marginSummary: { accountValue: "0.0" }, assetPositions: [], withdrawable: "0.0" });
  });

  it("that is isolated holds margin of its own, which is moved in millionths", async () => {
    expect(await harness.act({ type: "updateLeverage", asset: 0, isCross: false, leverage: 5 })).toEqual(OK);
    await buy("20000", "0.1");
    const position = async () => (await harness.ask("clearinghouseState")).assetPositions[0].position;
    expect(await position()).toMatchObject({
      leverage: { type: "isolated", value: 5, rawUsd: "-1600.9" },
      marginUsed: "399.1",
    });
    const move = (ntli: number) => harness.act({ type: "updateIsolatedMargin", asset: 0, isBuy: true, ntli });
    expect(await move(100_500_000)).toEqual(OK);
    expect((await position()).marginUsed).toBe("499.6");
    expect(await move(-90_500_000)).toEqual(OK);
    expect((await move(-300_000_000)).status).toBe("err");
    expect(await harness.act({ type: "updateLeverage", asset: 0, isCross: true, leverage: 5 })).toEqual({
      status: "err",
      response: "Cannot switch leverage type with open position.",
    });
    expect((await harness.act({ type: "updateLeverage", asset: 0, isCross: false, leverage: 41 })).status).toBe("err");
    expect((await harness.ask("activeAssetData", { coin: "BTC" })).leverage).toEqual({ type: "isolated", value: 5 });
  });

  it("is paid for every hour, which the account hears as what it received", async () => {
    const socket = await harness.socket(
      { type: "userFundings", user: harness.user },
      { type: "userEvents", user: harness.user },
    );
    await buy();
    // The book is above the index, so that longs pay.
    harness.quote("buy", "20390");
    harness.quote("sell", "20410");
    harness.venue.trader.order({ market: "BTC-USD", side: "buy", size: "0.001", price: "20410" });
    for (let minute = 0; minute < 62; minute += 1) {
      socket.send({ method: "ping" });
      await harness.settle(59_000);
    }
    const [payment] = harness.venue.truth().fundingPayments;
    const [row] = await harness.ask("userFunding", { startTime: 0 });
    expect(row).toMatchObject({
      hash: `0x${"0".repeat(64)}`,
      delta: {
        type: "funding",
        coin: "BTC",
        usdc: payment?.amount,
        szi: "1.0",
        fundingRate: payment?.rate,
        nSamples: null,
      },
    });
    expect(Number(payment?.amount)).toBeLessThan(0);
    expect(`BTC:${row.time}`).toBe(payment?.paymentId);
    const { type: _, ...delta } = row.delta;
    expect(socket.of("userFundings").at(-1)).toEqual({ user: harness.user, fundings: [{ time: row.time, ...delta }] });
    expect(socket.of("user").at(-1)).toEqual({ funding: { time: row.time, ...delta } });
    const { cumFunding } = (await harness.ask("clearinghouseState")).assetPositions[0].position;
    const paid = payment?.amount.slice(1);
    expect(cumFunding).toEqual({ allTime: paid, sinceOpen: paid, sinceChange: paid });
    const [rate] = await harness.info("fundingHistory", { coin: "BTC", startTime: 0 });
    expect(rate).toMatchObject({ coin: "BTC", fundingRate: payment?.rate, time: row.time });
    expect(Number(rate.premium)).toBeCloseTo(8 * Number(payment?.rate), 7);
    const [[coin, [[venue, next]]]] = await harness.info("predictedFundings");
    expect([coin, venue, next.fundingIntervalHours]).toEqual(["BTC", "HlPerp", 1]);
  });

  it("that is liquidated is told as such to both sides", async () => {
    await harness.act({ type: "updateLeverage", asset: 0, isCross: true, leverage: 40 });
    await buy("20000", "50");
    const socket = await harness.socket({ type: "userEvents", user: harness.user });
    harness.quote("buy", "17000", "100");
    harness.venue.setPrice("BTC-USD", 1_800_000_000_000n);
    await harness.settle(300);
    const [fill] = socket.of("user").flatMap(({ fills = [] }) => fills);
    expect(fill).toMatchObject({
      dir: "Close Long",
      side: "A",
      liquidation: { liquidatedUser: harness.user, method: "market" },
    });
    expect(socket.of("user").flatMap(({ liquidation }) => liquidation ?? [])).toMatchObject([
      { liquidated_user: harness.user },
    ]);
    expect((await harness.ask("clearinghouseState")).assetPositions).toEqual([]);
  });
});

describe("money", () => {
  const send = (destination: string, amount: string) => {
    const fields = ["string destination", "string amount", "uint64 time"];
    return harness.actAsUser({ type: "usdSend", destination, amount }, "UsdSend", fields);
  };
  const move = (amount: string, toPerp: boolean) => {
    const fields = ["string amount", "bool toPerp", "uint64 nonce"];
    return harness.actAsUser({ type: "usdClassTransfer", amount, toPerp }, "UsdClassTransfer", fields);
  };

  it("goes to other accounts, and is told on both", async () => {
    const socket = await harness.socket({ type: "userNonFundingLedgerUpdates", user: userOf("two") });
    expect(socket.of("userNonFundingLedgerUpdates")).toMatchObject([
      { isSnapshot: true, nonFundingLedgerUpdates: [{ delta: { type: "deposit", usdc: "100000.0" } }] },
    ]);
    expect(await send(userOf("two"), "12.5")).toEqual(OK);
    expect((await send(userOf("two"), "1000000")).status).toBe("err");
    expect((await send(userOf("two"), "0")).status).toBe("err");
    expect([cash(), cash("two")]).toEqual(["99987.5", "100012.5"]);
    await harness.settle();
    const delta = {
      ...{ type: "internalTransfer", usdc: "12.5", user: harness.user },
      ...{ destination: userOf("two"), fee: "0.0" },
    };
    expect(socket.of("userNonFundingLedgerUpdates").at(-1).nonFundingLedgerUpdates).toMatchObject([{ delta }]);
    expect((await harness.ask("userNonFundingLedgerUpdates")).at(-1)).toMatchObject({ delta });
  });

  it("moves beside the collateral and back, no more than there is", async () => {
    expect(await move("100", false)).toEqual(OK);
    expect(await harness.ask("spotClearinghouseState")).toMatchObject({
      balances: [{ coin: "USDC", token: 0, total: "100.0", hold: "0.0" }],
    });
    expect(cash()).toBe("99900");
    expect((await move("101", true)).status).toBe("err");
    expect(await move("100", true)).toEqual(OK);
    expect(cash()).toBe("100000");
    const deltas = (await harness.ask("userNonFundingLedgerUpdates")).map((row: Wire) => row.delta);
    expect(deltas.slice(1)).toEqual([
      { type: "accountClassTransfer", usdc: "100.0", toPerp: false },
      { type: "accountClassTransfer", usdc: "100.0", toPerp: true },
    ]);
  });

  it("goes to a sub-account of one's own, and leaves for a dollar", async () => {
    const [{ subAccountUser }] = await harness.ask("subAccounts");
    const transfer = { type: "subAccountTransfer", subAccountUser, isDeposit: true, usd: 5_000_000 };
    expect(await harness.act(transfer)).toEqual(OK);
    expect(cash("desk@example.com/sub")).toBe("100005");
    expect((await harness.act({ ...transfer, subAccountUser: userOf("two") })).status).toBe("err");
    const fields = ["string destination", "string amount", "uint64 time"];
    const withdraw = { type: "withdraw3", destination: harness.user, amount: "10" };
    expect(await harness.actAsUser(withdraw, "Withdraw", fields)).toEqual(OK);
    expect(cash()).toBe("99985");
    expect((await harness.ask("userNonFundingLedgerUpdates")).at(-1).delta).toMatchObject({
      ...{ type: "withdraw", usdc: "9.0", fee: "1.0" },
    });
  });
});

describe("a scheduled cancel", () => {
  it("wants volume, and then ends all orders at its time unless it is set anew", async () => {
    const set = (inMs?: number) =>
      harness.act({
        type: "scheduleCancel",
        ...(inMs === undefined ? {} : { time: Math.floor(harness.venue.now()) + inMs }),
      });
    expect((await set(10_000)).response).toBe(
      "Cannot set scheduled cancel time until enough volume traded. Required: $1000000. Traded: $0.",
    );
    await buy("20000", "26");
    harness.quote("buy", "20000", "26");
    await harness.place({ b: false, p: "20000", s: "26", ...tif("Ioc") });
    const [{ resting }] = await harness.place({});
    expect((await set(4_000)).status).toBe("err");
    expect(await set(6_000)).toEqual(OK);
    await harness.settle(4_000);
    expect(await set(6_000)).toEqual(OK);
    await harness.settle(4_000);
    expect(await harness.ask("openOrders")).toHaveLength(1);
    await harness.settle(2_500);
    expect(await harness.ask("openOrders")).toEqual([]);
    expect((await harness.ask("orderStatus", { oid: resting.oid })).order.status).toBe("scheduledCancel");
    await harness.place({});
    expect(await set(6_000)).toEqual(OK);
    expect(await set()).toEqual(OK);
    await harness.settle(8_000);
    expect(await harness.ask("openOrders")).toHaveLength(1);
  });
});

describe("what clients ask at their start", () => {
  it("is answered", async () => {
    const meta = await harness.info("meta");
    expect(meta.universe[0]).toEqual({ szDecimals: 5, name: "BTC", maxLeverage: 40, marginTableId: 40 });
    const [again, contexts] = await harness.info("metaAndAssetCtxs");
    expect([again, contexts.length]).toEqual([meta, meta.universe.length]);
    expect(await harness.info("perpDexs")).toEqual([null]);
    expect(await harness.info("allPerpMetas")).toEqual([meta]);
    expect((await harness.info("spotMeta")).universe).toEqual([]);
    expect(await harness.ask("userAbstraction")).toBe("default");
    expect(await harness.ask("userFees")).toMatchObject({ userCrossRate: "0.00045", userAddRate: "0.00015" });
    expect(await harness.act({ type: "setReferrer", code: "X" })).toEqual(OK);
    const builder = { type: "approveBuilderFee", maxFeeRate: "0.01%", builder: harness.user };
    const fields = ["string maxFeeRate", "address builder", "uint64 nonce"];
    expect(await harness.actAsUser(builder, "ApproveBuilderFee", fields)).toEqual(OK);
    expect(harness.venue.now() - (await harness.info("exchangeStatus")).time).toBeLessThan(100);
    expect(await harness.info("meta", { dex: "other" })).toBe("500 null");
  });

  it("keeps a delisted coin at its place", async () => {
    harness.venue.delist("BTC-USD");
    const { universe } = await harness.info("meta");
    expect(universe.map(({ name, isDelisted }: Wire) => [name, isDelisted])).toEqual([
      ["BTC", true],
      ["ETH", undefined],
      ["SOL", undefined],
      ["DOGE", undefined],
    ]);
    expect((await harness.place({ a: 1, p: "1400", s: "0.1" }))[0].resting).toBeDefined();
    expect((await harness.ask("openOrders"))[0].coin).toBe("ETH");
    expect((await harness.place({}))[0].error).toContain("delisted");
    expect((await harness.info("l2Book", { coin: "BTC" })).levels).toEqual([[], []]);
  });
});
