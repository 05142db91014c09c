import { describe, expect, test } from "vitest";
import { PerpetualAccount, type PerpetualAccountOptions } from "../../src/account/perpetual-account.ts";
import type { BalanceUpdate, PositionAdjustment, PositionUpdate } from "../../src/model/account-update.ts";
import { decimal } from "../../src/model/decimal.ts";
import { flatFee, NO_FEE } from "../../src/model/fee.ts";
import type { Fill } from "../../src/model/fill.ts";

const PAIR = "BTC-USD";

function scene(options: Partial<PerpetualAccountOptions> = {}) {
  const locked = { USD: "0" };
  const account = new PerpetualAccount({
    isRealTimeBalance: false,
    lockedCollateral: (asset) => decimal(asset === "USD" ? locked.USD : "0"),
    collateralTokenOf: () => "USD",
    isLinear: () => true,
    defaultLeverage: decimal("10"),
    ...options,
  });
  return { account, locked };
}

/** The venue has told that nothing is open. */
function flatScene(options: Partial<PerpetualAccountOptions> = {}) {
  const own = scene(options);
  own.account.positionsListed(0, 0);
  return own;
}

const balance = (total: string, available: string | undefined, timestampMs: number): BalanceUpdate => ({
  type: "balance",
  asset: "USD",
  total: decimal(total),
  available: available === undefined ? undefined : decimal(available),
  timestampMs,
});

const position = (amount: string, entryPrice: string, timestampMs: number, changes: Partial<PositionUpdate> = {}) =>
  ({
    type: "position",
    tradingPair: PAIR,
    side: "both",
    amount: decimal(amount),
    entryPrice: decimal(entryPrice),
    timestampMs,
    ...changes,
  }) as const;

const fill = (side: "buy" | "sell", amount: string, price: string, timestampMs: number, changes: Partial<Fill> = {}) =>
  ({
    fillId: `f${timestampMs}`,
    clientOrderId: "c1",
    exchangeOrderId: "e1",
    tradingPair: PAIR,
    side,
    positionAction: "open",
    price: decimal(price),
    amount: decimal(amount),
    fee: NO_FEE,
    isMaker: true,
    timestampMs,
    ...changes,
  }) as const;

test("what is available has no digits that a share of a leverage leaves and takes", () => {
  const { account, locked } = scene();
  // A third and two thirds in 80 digits add up to a little less than one.
  locked.USD = `0.${"3".repeat(80)}`;
  account.applyBalance(balance("100000.00000001", "99999.00000001", 1));
  locked.USD = `0.${"3".repeat(79)}2`;
  expect(account.balance("USD")?.available.toFixed()).toBe("99999.00000001");
});

describe("balances", () => {
  test("the venue's word is what is known; an older word is not", () => {
    const { account } = scene();
    expect(account.getAvailableBalance("USD").toFixed()).toBe("0");
    expect(account.balance("USD")).toBeUndefined();
    expect(account.applyBalance(balance("100", "80", 10))?.available.toFixed()).toBe("80");
    expect(account.applyBalance(balance("50", "50", 9))).toBeUndefined();
    expect(account.applyBalance(balance("100", "80", 11))).toBeUndefined();
    expect(account.balances).toMatchObject([{ asset: "USD", timestampMs: 11 }]);
    expect(account.getBalance("USD").toFixed()).toBe("100");
  });

  test("what is pushed counts after a poll by a clock that is ahead of the venue's", () => {
    const { account } = scene();
    account.applyBalance(balance("100", "80", 10), "poll");
    expect(account.applyBalance(balance("90", "70", 8))?.total.toFixed()).toBe("90");
    expect(account.applyBalance(balance("80", "60", 7))).toBeUndefined();
  });

  test("what is pushed without what is available is believed once the account was listed, and not where it is of another wallet", () => {
    const { account } = scene();
    const { available: _, ...total } = balance("100", "80", 10);
    expect([account.believesPushed(total), account.believesPushed(balance("100", "80", 10))]).toEqual([false, true]);
    account.balancesListed();
    expect(account.believesPushed(total)).toBe(true);
    account.applySettings({ type: "settings", pushedBalances: "other", timestampMs: 11 });
    account.applySettings({ type: "settings", timestampMs: 12 });
    expect([account.believesPushed(total), account.believesPushed(balance("100", "80", 13))]).toEqual([false, false]);
    account.applySettings({ type: "settings", pushedBalances: "account", timestampMs: 14 });
    expect(account.believesPushed(total)).toBe(true);
  });

  test("what is pushed late is older than a poll that tells the venue's time, and a later push is news", () => {
    const { account } = scene();
    account.applyBalance({ ...balance("100", "80", 10), noOlderThanMs: 8 }, "poll");
    expect(account.applyBalance(balance("100", "79", 7))).toBeUndefined();
    expect(account.getAvailableBalance("USD").toFixed()).toBe("80");
    expect(account.applyBalance(balance("100", "78", 8))?.available.toFixed()).toBe("78");
    account.applyBalance(balance("100", "77", 11), "poll", account.heard);
    expect(account.applyBalance(balance("100", "76", 7))).toBeUndefined();
  });

  test("a balance that is asked for after a fill was heard of has it in it, though our clock is behind", () => {
    const { account } = flatScene();
    account.applyBalance(balance("100", "100", 10), "poll");
    account.applyFill(fill("buy", "1", "10", 50, { fee: flatFee("USD", decimal("0.5")) }));
    const asked = account.heard;
    account.applyFill(fill("sell", "1", "10", 51, { fee: flatFee("USD", decimal("0.25")) }));
    account.applyBalance(balance("99.5", "98.5", 20), "poll", asked);
    expect(account.getBalance("USD").toFixed()).toBe("99.25");
    account.applyBalance(balance("99.25", "99.25", 21), "poll", account.heard);
    expect(account.getAvailableBalance("USD").toFixed()).toBe("99.25");
  });

  test("a balance that is asked for after a push is newer than it, though our clock is behind", () => {
    const { account } = scene({ isRealTimeBalance: true });
    account.applyBalance(balance("100", "80", 1_000));
    const asked = account.heard;
    expect(account.applyBalance(balance("100", "79", 10), "poll", asked)?.available.toFixed()).toBe("79");
    account.applyBalance(balance("100", "70", 1_010));
    expect(account.applyBalance(balance("100", "78", 11), "poll", asked)).toBeUndefined();
  });

  test("between two reports, our orders lock and release what is available", () => {
    const { account, locked } = scene();
    locked.USD = "5";
    account.applyBalance(balance("100", "80", 10));
    locked.USD = "25";
    expect(account.getAvailableBalance("USD").toFixed()).toBe("60");
    locked.USD = "0";
    expect(account.getAvailableBalance("USD").toFixed()).toBe("85");
    expect(account.getBalance("USD").toFixed()).toBe("100");
    account.applyBalance(balance("100", "85", 20));
    expect(account.getAvailableBalance("USD").toFixed()).toBe("85");
  });

  test("where the venue tells available balances as they change, nothing is estimated", () => {
    const { account, locked } = scene({ isRealTimeBalance: true });
    account.applyBalance(balance("100", "80", 10));
    locked.USD = "25";
    account.applyFill(fill("buy", "1", "100", 20, { fee: flatFee("USD", decimal("1")) }));
    expect(account.getAvailableBalance("USD").toFixed()).toBe("80");
    expect(account.getBalance("USD").toFixed()).toBe("100");
  });

  test("a message without the available balance moves it by what the total gained", () => {
    const { account } = scene({ isRealTimeBalance: true });
    account.applyBalance(balance("100", "80", 10));
    account.applyBalance(balance("90", undefined, 20));
    expect(account.getAvailableBalance("USD").toFixed()).toBe("70");
    expect(account.applyBalance({ ...balance("7", undefined, 1), asset: "BTC" })?.available.toFixed()).toBe("7");
  });

  test("what is free for new orders is known where the venue has said it, and not guessed where it has not", () => {
    const { account } = scene();
    expect(account.availableCollateral("USD")).toBeUndefined();
    account.applyBalance({ ...balance("0", "0", 10), isAvailableUnknown: true });
    expect(account.availableCollateral("USD")).toBeUndefined();
    account.applyBalance(balance("0", "50", 20));
    expect(account.availableCollateral("USD")?.toFixed()).toBe("50");
    expect(account.availableCollateral("EUR")).toBeUndefined();
    account.balancesListed();
    expect(account.availableCollateral("EUR")?.toFixed()).toBe("0");
  });

  test("a push without a total leaves the total as it was", () => {
    const { account } = scene({ isRealTimeBalance: true });
    account.applyBalance({ type: "balance", asset: "USD", available: decimal("80"), timestampMs: 10 });
    expect(account.getBalance("USD").toFixed()).toBe("0");
    account.applyBalance(balance("100", "70", 20));
    account.applyBalance({ type: "balance", asset: "USD", available: decimal("60"), timestampMs: 30 });
    expect([account.getBalance("USD").toFixed(), account.getAvailableBalance("USD").toFixed()]).toEqual(["100", "60"]);
  });

  test("fills pay fees, book profit and turn available into margin and back", () => {
    const { account } = flatScene();
    account.applyBalance(balance("100", "100", 10));
    account.applyFill(fill("buy", "1", "100", 20, { fee: flatFee("USD", decimal("0.5")) }));
    expect([account.getBalance("USD").toFixed(), account.getAvailableBalance("USD").toFixed()]).toEqual([
      "99.5",
      "89.5",
    ]);
    account.applyFill(fill("sell", "1", "110", 30, { fee: flatFee("USD", decimal("0.5")), positionAction: "close" }));
    expect([account.getBalance("USD").toFixed(), account.getAvailableBalance("USD").toFixed()]).toEqual(["109", "109"]);
  });

  test("a report does not swallow fills that came after what it shows", () => {
    const { account } = flatScene();
    account.applyBalance(balance("100", "100", 10));
    account.applyFill(fill("buy", "1", "100", 20, { fee: flatFee("USD", decimal("1")) }));
    account.applyFill(fill("buy", "1", "100", 40, { fee: flatFee("USD", decimal("2")) }));
    account.applyBalance(balance("99", "89", 30));
    expect(account.getBalance("USD").toFixed()).toBe("97");
    expect(account.getAvailableBalance("USD").toFixed()).toBe("77");
    account.applyFill(fill("buy", "1", "100", 25, { fee: flatFee("USD", decimal("50")) }));
    expect(account.getBalance("USD").toFixed()).toBe("97");
  });

  test("however many fills come between two reports, the sum is right and the memory bounded", () => {
    const { account } = scene();
    account.applyBalance(balance("10000", "10000", 10));
    for (let time = 0; time < 1_500; time += 1) {
      account.applyFill(fill("buy", "0.001", "100", 100 + time, { fee: flatFee("USD", decimal("1")) }));
    }
    expect(account.getBalance("USD").toFixed()).toBe("8500");
    account.applyBalance(balance("7", "7", 10_000));
    expect(account.getBalance("USD").toFixed()).toBe("7");
  });
});

describe("positions", () => {
  test("are up to date at once after a fill, until the venue's word replaces the estimate", () => {
    const { account } = flatScene();
    expect(account.applyFill(fill("buy", "1", "100", 10)).position).toMatchObject({
      amount: decimal("1"),
      leverage: decimal("10"),
    });
    account.applyFill(fill("buy", "3", "104", 20));
    expect(account.position(PAIR)?.entryPrice.toFixed()).toBe("103");
    account.applyPosition(
      position("4", "103.01", 30, { unrealizedPnl: decimal("2"), liquidationPrice: decimal("50") }),
    );
    expect(account.position(PAIR)).toMatchObject({ entryPrice: decimal("103.01"), unrealizedPnl: decimal("2") });
  });

  test("reducing keeps the entry price, closing removes the position, turning takes the price of the turn", () => {
    const { account } = flatScene();
    account.applyFill(fill("sell", "2", "100", 10));
    expect(account.position(PAIR)?.amount.toFixed()).toBe("-2");
    account.applyFill(fill("buy", "1", "90", 20));
    expect(account.position(PAIR)?.entryPrice.toFixed()).toBe("100");
    account.applyFill(fill("buy", "1", "95", 30));
    expect(account.position(PAIR)).toBeUndefined();
    expect(account.positions).toEqual([]);
    account.applyFill(fill("sell", "1", "100", 40));
    account.applyFill(fill("buy", "3", "110", 50));
    expect(account.position(PAIR)).toMatchObject({ amount: decimal("2"), entryPrice: decimal("110") });
  });

  test("several fills of the same millisecond all count", () => {
    const { account } = scene();
    account.applyPosition(position("1", "100", 5));
    for (const fillId of ["a", "b", "c"]) account.applyFill(fill("buy", "1", "100", 10, { fillId }));
    expect(account.position(PAIR)?.amount.toFixed()).toBe("4");
  });

  test("a fill that the venue's report already holds does not count again", () => {
    const { account } = scene();
    account.applyPosition(position("1", "100", 10));
    expect(account.applyFill(fill("buy", "1", "100", 10))).toEqual({ isDoubtful: false });
    expect(account.applyFill(fill("buy", "1", "100", 9))).toEqual({ isDoubtful: false });
    expect(account.position(PAIR)?.amount.toFixed()).toBe("1");
  });

  test("a report from before a fill is stale", () => {
    const { account } = flatScene();
    account.applyFill(fill("buy", "1", "100", 20));
    expect(account.applyPosition(position("0", "0", 15))).toBeUndefined();
    expect(account.position(PAIR)?.amount.toFixed()).toBe("1");
  });

  test("what is pushed counts after a poll by a clock that is ahead of the venue's", () => {
    const { account } = scene();
    account.applyPosition(position("0", "0", 10), "poll");
    account.applyFill(fill("buy", "1", "100", 8));
    expect(account.applyPosition(position("1", "100", 8))?.amount.toFixed()).toBe("1");
    expect(account.applyPosition(position("0", "0", 7))).toBeUndefined();
    expect(account.position(PAIR)?.amount.toFixed()).toBe("1");
  });

  test("flat clears everything; a partial report keeps what it does not say", () => {
    const { account } = scene();
    account.applyPosition(position("1", "100", 10, { leverage: decimal("5"), markPrice: decimal("101") }));
    account.applyPosition({ type: "position", tradingPair: PAIR, side: "both", amount: decimal("2"), timestampMs: 20 });
    expect(account.position(PAIR)).toMatchObject({ entryPrice: decimal("100"), leverage: decimal("5") });
    expect(account.leverage(PAIR).toFixed()).toBe("5");
    expect(account.applyPosition(position("0", "100", 30))).toMatchObject({ entryPrice: decimal("0") });
    expect(account.position(PAIR)).toBeUndefined();
  });

  test("in hedge mode the two sides are two positions, and a closing sell belongs to the long one", () => {
    const { account } = flatScene({ defaultPositionMode: "hedge" });
    account.applyFill(fill("buy", "2", "100", 10));
    account.applyFill(fill("sell", "3", "100", 20));
    account.applyFill(fill("sell", "1", "110", 30, { positionAction: "close" }));
    account.applyFill(fill("buy", "1", "90", 40, { positionAction: "close" }));
    expect(account.position(PAIR, "long")?.amount.toFixed()).toBe("1");
    expect(account.position(PAIR, "short")?.amount.toFixed()).toBe("-2");
    expect(account.position(PAIR)).toBeUndefined();
  });

  test("inverse positions are not estimated", () => {
    const { account } = scene({ isLinear: () => false });
    expect(account.applyFill(fill("buy", "1", "100", 10))).toEqual({ isDoubtful: true });
    expect(account.positions).toEqual([]);
  });

  test("a liquidation changes the position once, however often it is told", () => {
    const { account } = scene();
    account.applyPosition(position("2", "100", 10));
    const adjustment: PositionAdjustment = {
      type: "positionAdjustment",
      adjustmentId: "liq1",
      tradingPair: PAIR,
      side: "both",
      reason: "liquidation",
      amount: decimal("-2"),
      price: decimal("90"),
      timestampMs: 20,
    };
    expect(account.applyPositionAdjustment(adjustment)?.position?.amount.toFixed()).toBe("0");
    expect(account.applyPositionAdjustment(adjustment)).toBeUndefined();
    expect(account.position(PAIR)).toBeUndefined();
  });
});

describe("a position that the venue has not told", () => {
  test("is not made up from fills: the first report wins, whichever of its fills come before or after it", () => {
    const { account } = scene();
    expect(account.applyFill(fill("sell", "1", "100", 5))).toEqual({ isDoubtful: true });
    expect(account.positions).toEqual([]);
    account.applyPosition(position("2", "100", 10), "poll", 12);
    expect(account.applyFill(fill("buy", "1", "100", 7))).toEqual({ isDoubtful: false });
    expect(account.position(PAIR)?.amount.toFixed()).toBe("2");
  });

  test("is flat where the whole account was listed without it, and moves with the fills after that", () => {
    const { account } = scene();
    account.positionsListed(10, 12);
    expect(account.applyFill(fill("sell", "1", "100", 10))).toEqual({ isDoubtful: false });
    expect(account.applyFill(fill("buy", "1", "100", 13)).position?.amount.toFixed()).toBe("1");
  });

  test("stays unknown where a fill came while the list was made", () => {
    const { account } = scene();
    account.positionsListed(10, 12, new Set([PAIR]));
    expect(account.applyFill(fill("buy", "1", "100", 13))).toEqual({ isDoubtful: true });
    expect(account.applyFill(fill("buy", "1", "100", 13, { tradingPair: "ETH-USD" })).isDoubtful).toBe(false);
  });
});

describe("a fill from while a report was under way", () => {
  test("is in the report or not, so the next report is waited for", () => {
    const { account } = scene();
    account.applyPosition(position("2", "100", 10), "poll", 15);
    expect(account.applyFill(fill("buy", "1", "100", 12))).toEqual({ isDoubtful: true });
    // What comes after it would be counted from a position that may lack it.
    expect(account.applyFill(fill("buy", "1", "100", 20))).toEqual({ isDoubtful: true });
    expect(account.position(PAIR)?.amount.toFixed()).toBe("2");
    account.applyPosition(position("4", "100", 30), "poll", 31);
    expect(account.applyFill(fill("buy", "1", "100", 40)).position?.amount.toFixed()).toBe("5");
  });

  test("of a market that was listed as flat makes no position either", () => {
    const { account } = scene();
    account.positionsListed(10, 15);
    expect(account.applyFill(fill("sell", "1", "100", 12))).toEqual({ isDoubtful: true });
    expect(account.applyFill(fill("sell", "1", "100", 20))).toEqual({ isDoubtful: true });
    expect(account.positions).toEqual([]);
  });
});

describe("a fill of an order of another position mode than the market's", () => {
  test("makes no position of a side that the market does not have", () => {
    const { account } = flatScene();
    account.applyPositionMode("hedge", undefined, 10);
    expect(account.applyFill(fill("buy", "1", "100", 20), { positionMode: "oneWay" })).toEqual({ isDoubtful: true });
    expect(account.positions).toEqual([]);
  });
});

describe("positions of both margin modes", () => {
  const isolated = { marginMode: "isolated" } as const;

  test("stand side by side where the venue holds both, and fills change the one of their order", () => {
    const { account } = scene({ marginModesSideBySide: true });
    account.applyPosition(position("1", "100", 10));
    account.applyPosition(position("-3", "100", 10, isolated));
    expect(account.positions.map(({ marginMode, amount }) => [marginMode, amount.toFixed()])).toEqual([
      ["cross", "1"],
      ["isolated", "-3"],
    ]);
    expect(account.position(PAIR)?.marginMode).toBe("cross");
    account.applyFill(fill("buy", "3", "100", 20), isolated);
    expect(account.position(PAIR, "both", "isolated")).toBeUndefined();
    expect(account.position(PAIR, "both", "cross")?.amount.toFixed()).toBe("1");
  });

  test("have leverages of their own: orders that open use that of the cross one", () => {
    const { account } = scene({ marginModesSideBySide: true });
    account.applyPosition(position("1", "100", 10, { leverage: decimal("5") }));
    account.applyPosition(position("-3", "100", 20, { ...isolated, leverage: decimal("50") }));
    expect(account.leverage(PAIR).toFixed()).toBe("5");
    expect(account.positions.map(({ leverage }) => leverage.toFixed())).toEqual(["5", "50"]);
  });

  test("are not guessed at by a trade that does not say which of them it changed", () => {
    const { account } = scene({ marginModesSideBySide: true });
    account.applyPosition(position("1", "100", 10));
    account.applyPosition(position("-3", "100", 10, isolated));
    expect(account.applyFill(fill("sell", "1", "100", 20))).toEqual({ isDoubtful: true });
  });

  test("are found without naming the mode where only an isolated one is open", () => {
    const { account } = scene({ marginModesSideBySide: true });
    account.applyPosition(position("2", "100", 10, isolated));
    expect(account.position(PAIR)).toMatchObject({ marginMode: "isolated", amount: decimal("2") });
  });

  test("are one position that changes its mode where a market has one at a time", () => {
    const { account } = scene();
    account.applyPosition(position("2", "100", 10));
    account.applyPosition(position("2", "100", 20, isolated));
    expect(account.positions).toMatchObject([{ marginMode: "isolated", amount: decimal("2") }]);
  });
});

describe("margin and settings", () => {
  test("only the newest margin figures count", () => {
    const { account } = scene();
    const margin = { type: "margin", collateral: decimal("100"), freeCollateral: decimal("60") } as const;
    expect(account.applyMargin({ ...margin, timestampMs: 10 })).toBe(true);
    expect(account.applyMargin({ ...margin, freeCollateral: decimal("1"), timestampMs: 9 })).toBe(false);
    expect(account.margin?.freeCollateral.toFixed()).toBe("60");
  });

  test("leverage is the market's, else the account's, else the default", () => {
    const { account } = scene();
    expect(account.leverage(PAIR).toFixed()).toBe("10");
    expect(account.applySettings({ type: "settings", leverage: decimal("3"), timestampMs: 10 })).toBe(true);
    expect(account.leverage(PAIR).toFixed()).toBe("3");
    const own = { type: "settings", tradingPair: PAIR, leverage: decimal("7"), timestampMs: 10 } as const;
    expect(account.applySettings(own)).toBe(true);
    expect(account.applySettings(own)).toBe(false);
    expect(account.applySettings({ ...own, leverage: decimal("8"), timestampMs: 9 })).toBe(false);
    expect([account.leverage(PAIR).toFixed(), account.leverage("ETH-USD").toFixed()]).toEqual(["7", "3"]);
  });

  test("the position mode is one-way until the venue says otherwise, and older words do not change it", () => {
    const { account } = scene();
    expect(account.positionMode).toBe("oneWay");
    expect(account.applyPositionMode("hedge", undefined, 10)).toEqual([]);
    expect(account.applyPositionMode("hedge", undefined, 11)).toBeUndefined();
    expect(account.applyPositionMode("oneWay", undefined, 9)).toBeUndefined();
    expect(account.positionMode).toBe("hedge");
  });

  test("a market's own position mode stands beside that of others, and positions of sides that it lost go", () => {
    const { account } = scene();
    account.applyPosition(position("1", "100", 10));
    account.applyPosition(position("2", "100", 10, { tradingPair: "ETH-USD" }));
    const gone = account.applyPositionMode("hedge", PAIR, 20);
    expect(gone).toMatchObject([{ tradingPair: PAIR, side: "both", amount: decimal("0"), timestampMs: 20 }]);
    expect([account.positionModeOf(PAIR), account.positionModeOf("ETH-USD")]).toEqual(["hedge", "oneWay"]);
    expect(account.positions).toMatchObject([{ tradingPair: "ETH-USD" }]);
  });

  test("margin figures that the venue stops telling are not known any more", () => {
    const { account } = scene();
    account.applyMargin({ type: "margin", collateral: decimal("9"), freeCollateral: decimal("6"), timestampMs: 10 });
    account.applyMargin({ type: "margin", timestampMs: 20 });
    expect(account.margin).toBeUndefined();
  });
});
