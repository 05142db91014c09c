import { describe, expect, it } from "vitest";
import { Decimal } from "../../src/model/decimal.ts";
import type { FundingPayment } from "../../src/model/funding.ts";
import type { Position } from "../../src/model/position.ts";
import { replayAccount } from "../../src/simulation/account-replay.ts";
import { BOX_PROTOCOLS, translated } from "../../src/simulation/box-protocols.ts";
import { amountText, compareRows } from "../../src/simulation/compare-rows.ts";
import type { LedgerFill } from "../../src/simulation/ledger.ts";
import {
  type ConnectorOrder,
  compareCash,
  compareFills,
  compareFunding,
  compareOrders,
  comparePositions,
} from "../../src/simulation/sections.ts";
import type { VenueOrderTruth, VenueTruth } from "../../src/simulation/venue-truth.ts";

const d = (text: string) => new Decimal(text);

const { ftx_perpetual: FTX, bybit_perpetual: BYBIT, binance_perpetual: BINANCE } = BOX_PROTOCOLS;

const order: ConnectorOrder = {
  clientOrderId: "pw-1",
  exchangeOrderId: "101",
  tradingPair: "BTC-USD",
  side: "buy",
  price: d("20000"),
  amount: d("0.3"),
  state: "canceled",
  executedAmount: d("0.1"),
  averagePrice: d("20000"),
  fees: new Map([["USD", d("0.4")]]),
};
const fill: LedgerFill = {
  fillId: "7",
  clientOrderId: "pw-1",
  exchangeOrderId: "101",
  tradingPair: "BTC-USD",
  side: "buy",
  positionSide: "both",
  price: d("20000"),
  amount: d("0.1"),
  fee: d("0.4"),
  isMaker: true,
  timestampMs: 0,
};
const payment: FundingPayment = {
  paymentId: "3",
  tradingPair: "BTC-USD",
  asset: "USD",
  amount: d("-0.00000001"),
  rate: d("0.0000125"),
  timestampMs: 0,
};
const truth: VenueTruth = {
  cash: d("99999.59999999"),
  equity: d("99999.59999999"),
  orders: [
    {
      orderId: "101",
      clientId: "pw-1",
      market: "BTC-USD",
      side: "buy",
      price: d("20000"),
      size: d("0.3"),
      filled: d("0.1"),
      filledCost: d("2000"),
      status: "closed",
      reason: "user",
    },
  ],
  fills: [
    {
      fillId: "7",
      orderId: "101",
      clientId: "pw-1",
      market: "BTC-USD",
      side: "buy",
      positionSide: "both",
      price: d("20000"),
      size: d("0.1"),
      fee: d("0.4"),
      isMaker: true,
    },
  ],
  positions: [{ market: "BTC-USD", side: "both", size: d("0.1"), cost: d("2000") }],
  fundingPayments: [{ paymentId: "3", market: "BTC-USD", amount: d("-0.00000001"), rate: d("0.0000125") }],
};

function ordersAgainst(ours: readonly ConnectorOrder[], theirs: VenueTruth = truth, fills = [fill]) {
  return compareOrders(ours, fills, theirs, FTX);
}

function withOrder(change: Partial<VenueOrderTruth>): VenueTruth {
  return { ...truth, orders: truth.orders.map((known) => ({ ...known, ...change })) };
}

const fieldsOf = (section: { readonly differences: readonly { readonly field: string }[] }) =>
  section.differences.map(({ field }) => field);

describe("comparing rows", () => {
  const row = (key: string, value: string) => ({ key, fields: { value } });

  it("finds nothing where both sides say the same in another order", () => {
    const section = compareRows("rows", [row("a", "1"), row("b", "2")], [row("b", "2"), row("a", "1")]);
    expect(section).toMatchObject({ connector: 2, venue: 2, equal: 2, onlyConnector: 0, onlyVenue: 0, differing: 0 });
    expect(section.differences).toEqual([]);
  });

  it("names the field that differs, with both values", () => {
    const section = compareRows("rows", [row("a", "1")], [row("a", "1.00000001")]);
    expect(section).toMatchObject({ equal: 0, differing: 1 });
    expect(section.differences).toEqual([
      { section: "rows", key: "a", field: "value", connector: "1", venue: "1.00000001" },
    ]);
  });

  it("finds what only one side knows", () => {
    const section = compareRows("rows", [row("a", "1")], [row("b", "2")]);
    expect(section).toMatchObject({ equal: 0, onlyConnector: 1, onlyVenue: 1 });
    expect(section.differences).toEqual([
      { section: "rows", key: "a", field: "", connector: "value 1", venue: null },
      { section: "rows", key: "b", field: "", connector: null, venue: "value 2" },
    ]);
  });

  it("finds what one side tells twice", () => {
    const section = compareRows("rows", [row("a", "1"), row("a", "1")], [row("a", "1")]);
    expect(section.differences).toEqual([
      { section: "rows", key: "a", field: "", connector: "told again: value 1", venue: null },
    ]);
  });

  it("finds a field that only one side has", () => {
    const section = compareRows("rows", [row("a", "1")], [{ key: "a", fields: { value: "1", more: "2" } }]);
    expect(section.differences).toEqual([{ section: "rows", key: "a", field: "more", connector: null, venue: "2" }]);
  });
});

describe("amounts as text", () => {
  it("are canonical: no exponent, no trailing zero, no signed zero", () => {
    expect(["1e-8", "0.100", "-0", "12000"].map((text) => amountText(d(text)))).toEqual([
      "0.00000001",
      "0.1",
      "0",
      "12000",
    ]);
    expect(amountText(undefined)).toBe("none");
  });
});

describe("comparing orders", () => {
  it("takes equal orders as equal", () => {
    expect(ordersAgainst([order])).toMatchObject({ connector: 1, venue: 1, equal: 1, differences: [] });
  });

  it.each([
    ["state", withOrder({ status: "open" })],
    ["state", withOrder({ status: "new" })],
    ["orderId", { ...withOrder({ orderId: "102" }), fills: truth.fills.map((f) => ({ ...f, orderId: "102" })) }],
    ["market", withOrder({ market: "ETH-USD" })],
    ["side", withOrder({ side: "sell" })],
    ["price", withOrder({ price: d("20000.00000001") })],
    ["price", withOrder({ price: null })],
    ["cost", withOrder({ filledCost: d("2000.0000000000000001") })],
  ] as const)("detects another %s", (field, theirs) => {
    expect(fieldsOf(ordersAgainst([order], theirs))).toContain(field);
  });

  it("detects another amount and another executed amount, by the last digit", () => {
    expect(fieldsOf(ordersAgainst([order], withOrder({ size: d("0.30000001") })))).toEqual(["amount"]);
    const executed = fieldsOf(ordersAgainst([order], withOrder({ filled: d("0.10000001") })));
    expect(executed).toContain("executedAmount");
    expect(executed).toContain("averagePrice");
  });

  it("tells a filled order from a canceled one", () => {
    const filled = withOrder({ filled: d("0.3"), filledCost: d("6000") });
    expect(fieldsOf(ordersAgainst([order], filled))).toContain("state");
  });

  it("detects fees and fills that do not add up to the venue's", () => {
    expect(fieldsOf(ordersAgainst([{ ...order, fees: new Map([["USD", d("0.40000001")]]) }]))).toEqual(["fees"]);
    expect(fieldsOf(ordersAgainst([order], truth, []))).toEqual(["cost", "fills"]);
  });

  it("detects an order that only the venue knows, also one without a client id", () => {
    expect(ordersAgainst([])).toMatchObject({ onlyVenue: 1, connector: 0 });
    const [difference] = ordersAgainst([], withOrder({ clientId: null })).differences;
    expect(difference).toMatchObject({ key: "order 101 without client id", connector: null });
  });

  it("detects an order that the venue does not know", () => {
    const ghost = { ...order, clientOrderId: "pw-2" };
    expect(ordersAgainst([order, ghost])).toMatchObject({ onlyConnector: 1, equal: 1 });
  });

  it("lets a failed order be unknown to the venue, and only then", () => {
    const failed: ConnectorOrder = { ...order, clientOrderId: "pw-2", state: "failed", executedAmount: d("0") };
    expect(ordersAgainst([order, failed]).differences).toEqual([]);
    expect(fieldsOf(ordersAgainst([{ ...order, state: "failed" }]))).toEqual(["state"]);
  });

  it.each(["unknown", "lost", "open", "pendingCancel"] as const)("never takes a %s order as settled", (state) => {
    expect(fieldsOf(ordersAgainst([{ ...order, state }]))).toEqual(["state"]);
  });
});

describe("what a protocol calls an order that ended early", () => {
  const stateOf = (protocol: typeof FTX, reason: string) => {
    const section = compareOrders([order], [fill], withOrder({ reason }), protocol);
    return section.pairs[0]?.venue?.fields.state;
  };

  it("is canceled on FTX, whatever the reason", () => {
    expect(["user", "postOnly", "iocRemainder"].map((reason) => stateOf(FTX, reason))).toEqual([
      "canceled",
      "canceled",
      "canceled",
    ]);
  });

  it("is failed on Bybit where the matching engine refused it", () => {
    expect(["user", "postOnly", "insufficientMargin"].map((reason) => stateOf(BYBIT, reason))).toEqual([
      "canceled",
      "canceled",
      "failed",
    ]);
  });

  it("is expired on Binance unless the user canceled it", () => {
    expect(["user", "iocRemainder", "reduceOnly"].map((reason) => stateOf(BINANCE, reason))).toEqual([
      "canceled",
      "expired",
      "expired",
    ]);
  });
});

describe("the venue's record in the connector's names", () => {
  it("has the pairs of the protocol and the payment ids of the connector", () => {
    const translation = translated(truth, BINANCE);
    expect(translation.orders[0]?.market).toBe("BTC-USDT");
    expect(translation.fundingPayments[0]).toMatchObject({ market: "BTC-USDT", paymentId: "3:BTCUSDT" });
    expect(translation.cash).toBe(truth.cash);
    expect(translated(truth, FTX)).toEqual(truth);
  });
});

describe("comparing fills", () => {
  it("takes equal fills as equal", () => {
    expect(compareFills([fill], truth.fills)).toMatchObject({ equal: 1, differences: [] });
  });

  it.each([
    ["price", { price: d("20000.00000001") }],
    ["amount", { amount: d("0.10000001") }],
    ["fee", { fee: d("0.39999999") }],
    ["side", { side: "sell" }],
    ["position", { positionSide: "long" }],
    ["market", { tradingPair: "ETH-USD" }],
    ["liquidity", { isMaker: false }],
    ["orderId", { exchangeOrderId: "102" }],
    ["clientOrderId", { clientOrderId: "pw-2" }],
  ] as const)("detects another %s", (field, change) => {
    expect(fieldsOf(compareFills([{ ...fill, ...change }], truth.fills))).toEqual([field]);
  });

  it("detects a fill that is missing, made up or counted twice", () => {
    expect(compareFills([], truth.fills)).toMatchObject({ onlyVenue: 1 });
    expect(compareFills([fill, { ...fill, fillId: "8" }], truth.fills)).toMatchObject({ onlyConnector: 1 });
    expect(compareFills([fill, fill], truth.fills).differences).toHaveLength(1);
  });
});

describe("comparing funding payments", () => {
  const compare = (...payments: FundingPayment[]) => compareFunding(payments, truth.fundingPayments, FTX);

  it("takes equal payments as equal", () => {
    expect(compare(payment)).toMatchObject({ equal: 1, differences: [] });
  });

  it("detects another amount, the other sign, another rate and another market", () => {
    expect(fieldsOf(compare({ ...payment, amount: d("-0.00000002") }))).toEqual(["amount"]);
    expect(fieldsOf(compare({ ...payment, amount: payment.amount.neg() }))).toEqual(["amount"]);
    expect(fieldsOf(compare({ ...payment, rate: undefined }))).toEqual(["rate"]);
    expect(fieldsOf(compare({ ...payment, tradingPair: "ETH-USD" }))).toEqual(["market"]);
  });

  it("detects a payment that is missing, made up or counted twice", () => {
    expect(compare()).toMatchObject({ onlyVenue: 1 });
    expect(compare(payment, { ...payment, paymentId: "4" })).toMatchObject({ onlyConnector: 1 });
    expect(compare(payment, payment).differences).toHaveLength(1);
  });
});

describe("comparing positions", () => {
  const position: Position = {
    tradingPair: "BTC-USD",
    side: "both",
    marginMode: "cross",
    amount: d("0.1"),
    entryPrice: d("20000"),
    unrealizedPnl: d("5"),
    leverage: d("5"),
    timestampMs: 0,
  };
  const replayed = new Map([["BTC-USD:both", { size: d("0.1"), cost: d("2000") }]]);
  const compare = (ours: readonly Position[], byFills = replayed, theirs = truth.positions) =>
    comparePositions("positions", ours, byFills, theirs);

  it("takes equal positions as equal, and flat ones as none", () => {
    expect(compare([position])).toMatchObject({ equal: 1, differences: [] });
    const flat = compare([], new Map([["BTC-USD:both", { size: d("0"), cost: d("0") }]]), [
      { market: "BTC-USD", side: "both", size: d("0"), cost: d("0") },
    ]);
    expect(flat).toMatchObject({ connector: 0, venue: 0, differences: [] });
  });

  it("rounds the venue's entry price as the wire does, and nothing else", () => {
    const third = { market: "BTC-USD", side: "both", size: d("0.3"), cost: d("6000.1") } as const;
    const ours = { ...position, amount: d("0.3"), entryPrice: d("20000.33333333") };
    const byFills = new Map([["BTC-USD:both", { size: d("0.3"), cost: d("6000.1") }]]);
    expect(compare([ours], byFills, [third]).differences).toEqual([]);
    const off = { ...ours, entryPrice: d("20000.33333334") };
    expect(fieldsOf(compare([off], byFills, [third]))).toEqual(["entry price"]);
  });

  it("detects another size, and fills that add up to something else", () => {
    expect(fieldsOf(compare([{ ...position, amount: d("0.2") }]))).toEqual(["position"]);
    const byFills = new Map([["BTC-USD:both", { size: d("0.2"), cost: d("4000") }]]);
    expect(fieldsOf(compare([position], byFills))).toEqual(["size by fills", "entry cost"]);
  });

  it("keeps the legs of a hedged market apart", () => {
    const short: Position = { ...position, side: "short", amount: d("-0.2"), entryPrice: d("20010") };
    const legs = [{ ...position, side: "long" } as const, short];
    const byFills = new Map([
      ["BTC-USD:long", { size: d("0.1"), cost: d("2000") }],
      ["BTC-USD:short", { size: d("-0.2"), cost: d("-4002") }],
    ]);
    const theirs = [
      { market: "BTC-USD", side: "long", size: d("0.1"), cost: d("2000") },
      { market: "BTC-USD", side: "short", size: d("-0.2"), cost: d("-4002") },
    ] as const;
    expect(compare(legs, byFills, [...theirs])).toMatchObject({ equal: 2, differences: [] });
    expect(compare([position], byFills, [...theirs]).differences).not.toEqual([]);
  });

  it("detects a position that one side does not have", () => {
    expect(compare([], new Map())).toMatchObject({ onlyVenue: 1 });
    expect(compare([position], replayed, [])).toMatchObject({ onlyConnector: 1 });
  });
});

describe("comparing cash", () => {
  const claim = { asset: "USD", total: truth.cash, available: truth.cash, replayed: truth.cash };

  it("takes equal balances as equal", () => {
    expect(compareCash(claim, truth, FTX)).toMatchObject({ equal: 1, differences: [] });
  });

  it.each([
    ["balance", { total: d("99999.6") }],
    ["available", { available: d("99999.5") }],
    ["by cash flows", { replayed: d("99999.60000000") }],
  ] as const)("detects another %s", (field, change) => {
    expect(fieldsOf(compareCash({ ...claim, ...change }, truth, FTX))).toEqual([field]);
  });
});

describe("replaying an account", () => {
  const trade = (fillId: string, side: "buy" | "sell", amount: string, price: string, fee = "0") => ({
    fillId,
    tradingPair: "BTC-USD",
    side,
    positionSide: "both" as const,
    amount: d(amount),
    price: d(price),
    fee: d(fee),
  });

  it("adds up profit, fees and funding", () => {
    const fills = [trade("1", "buy", "0.2", "20000", "0.8"), trade("2", "sell", "0.2", "20010", "2.8")];
    const account = replayAccount(d("100"), fills, [{ amount: d("0.5") }, { amount: d("-0.25") }]);
    expect(account.realizedPnl.toFixed()).toBe("2");
    expect(account.fees.toFixed()).toBe("3.6");
    expect(account.funding.toFixed()).toBe("0.25");
    expect(account.cash.toFixed()).toBe("98.65");
    expect(account.positions.get("BTC-USD:both")?.size.isZero()).toBe(true);
  });

  it("takes fills in the venue's order, whatever order they came in", () => {
    const fills = [trade("9", "buy", "1", "100"), trade("10", "sell", "1", "110"), trade("11", "sell", "1", "120")];
    const account = replayAccount(d("0"), fills.toReversed(), []);
    expect(account.realizedPnl.toFixed()).toBe("10");
    expect(account.positions.get("BTC-USD:both")).toEqual({ size: d("-1"), cost: d("-120") });
  });

  it("takes fills with text ids in the order of the number at their end", () => {
    const id = (number: string) => `0badcafe-1234-4abc-8abc-${number}`;
    const fills = [trade(id("00000000000a"), "sell", "1", "110"), trade(id("000000000009"), "buy", "1", "100")];
    expect(replayAccount(d("0"), fills, []).realizedPnl.toFixed()).toBe("10");
  });

  it("turns a position over in one trade", () => {
    const account = replayAccount(d("0"), [trade("1", "sell", "1", "100"), trade("2", "buy", "3", "90")], []);
    expect(account.realizedPnl.toFixed()).toBe("10");
    expect(account.positions.get("BTC-USD:both")).toEqual({ size: d("2"), cost: d("180") });
  });

  it("rounds each realised profit once to 1e-8, ties to even, and truncates the released cost at 1e-16", () => {
    const fills = [
      trade("1", "buy", "0.0001", "20000.00005"),
      trade("2", "buy", "0.0002", "20000"),
      trade("3", "sell", "0.0001", "20000"),
    ];
    const account = replayAccount(d("0"), fills, []);
    expect(account.positions.get("BTC-USD:both")?.cost.toFixed()).toBe("4.0000000033333334");
    expect(account.realizedPnl.toFixed()).toBe("0");
    const tie = [trade("1", "buy", "0.0001", "1"), trade("2", "sell", "0.0001", "1.00015")];
    expect(replayAccount(d("0"), tie, []).realizedPnl.toFixed()).toBe("0.00000002");
  });
});
