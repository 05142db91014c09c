import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { documented, type Harness, hasExamples, keysOf, type Socket, startVenue } from "./harness.ts";

const START_MS = Date.UTC(2026, 0, 5, 10);

describe.skipIf(!hasExamples)("every message has the keys that the documentation shows", () => {
  let harness: Harness;
  let publicSocket: Socket;
  let privateSocket: Socket;

  beforeAll(async () => {
    harness = await startVenue({ emptyBooks: false, quiet: true, fundingIntervalMs: 60_000 }, START_MS);
    publicSocket = await harness.publicSocket("orderbook.50.BTCUSDT", "publicTrade.BTCUSDT", "tickers.BTCUSDT");
    privateSocket = await harness.privateSocket("order", "execution", "position", "wallet");
    await harness.place({ side: "Buy", orderType: "Market", qty: "0.01", orderLinkId: "market" });
    await harness.place({ side: "Buy", qty: "0.01", price: "19000", orderLinkId: "resting" });
    await harness.place({ side: "Buy", qty: "0.01", price: "19000", orderLinkId: "gone" });
    await harness.post("/v5/order/cancel", { symbol: "BTCUSDT", orderLinkId: "gone" });
    await harness.world.advance(61_000);
  });
  afterAll(() => harness.venue.stop());

  const REST: readonly (readonly [page: string, path: string, query: Record<string, string>])[] = [
    ["market_time", "/v5/market/time", {}],
    ["market_instrument", "/v5/market/instruments-info", { category: "linear", symbol: "BTCUSDT" }],
    ["market_tickers", "/v5/market/tickers", { category: "linear", symbol: "BTCUSDT" }],
    ["market_orderbook", "/v5/market/orderbook", { category: "linear", symbol: "BTCUSDT" }],
    ["market_recent-trade", "/v5/market/recent-trade", { category: "linear", symbol: "BTCUSDT" }],
    ["market_history-fund-rate", "/v5/market/funding/history", { category: "linear", symbol: "BTCUSDT" }],
    ["account_fee-rate", "/v5/account/fee-rate", { category: "linear", symbol: "BTCUSDT" }],
    ["account_account-info", "/v5/account/info", {}],
    ["account_wallet-balance", "/v5/account/wallet-balance", { accountType: "UNIFIED" }],
    ["account_transaction-log", "/v5/account/transaction-log", { accountType: "UNIFIED", category: "linear" }],
    ["order_open-order", "/v5/order/realtime", { category: "linear", symbol: "BTCUSDT" }],
    ["order_order-list", "/v5/order/history", { category: "linear", symbol: "BTCUSDT" }],
    ["order_execution", "/v5/execution/list", { category: "linear", symbol: "BTCUSDT" }],
    ["position_position", "/v5/position/list", { category: "linear", symbol: "BTCUSDT" }],
  ];

  /** Fees are in the settle coin, whatever coin the example was charged in. */
  const isCoinOfExample = (key: string) => /cumFeeDetail\.[A-Z]+$/.test(key);

  it.each(REST)("%s", async (page, path, query) => {
    const { body } = await harness.get(path, query);
    expect(body.retCode).toBe(0);
    const [example] = documented(page);
    const expected = keysOf(example).filter((key) => !isCoinOfExample(key));
    expect(keysOf(body)).toEqual(expect.arrayContaining(expected));
  });

  it.each([
    ["order_create-order", "/v5/order/create", { side: "Sell", orderType: "Market", qty: "0.001" }],
    ["order_amend-order", "/v5/order/amend", { orderLinkId: "resting", qty: "0.02" }],
    ["order_cancel-order", "/v5/order/cancel", { orderLinkId: "resting" }],
    ["order_cancel-all", "/v5/order/cancel-all", {}],
    ["position_leverage", "/v5/position/set-leverage", { buyLeverage: "7", sellLeverage: "7" }],
    ["order_dcp", "/v5/order/disconnected-cancel-all", { timeWindow: 40, product: "DERIVATIVES" }],
  ])("%s", async (page, path, body) => {
    const reply = await harness.post(path, { symbol: "BTCUSDT", ...body });
    await harness.settle();
    expect(reply.code).toBe(0);
    const [example] = documented(page);
    expect(keysOf(reply.body)).toEqual(
      expect.arrayContaining(keysOf(example).filter((key) => !key.startsWith("result.list[]"))),
    );
  });

  it("of batches", async () => {
    const order = { symbol: "BTCUSDT", side: "Buy", orderType: "Limit", qty: "0.01", price: "19000" };
    const placed = await harness.post("/v5/order/create-batch", { request: [{ ...order, orderLinkId: "b" }] });
    expect(keysOf(placed.body).sort()).toEqual(keysOf(documented("order_batch-place")[0]).sort());
    await harness.settle();
    const request = [{ symbol: "BTCUSDT", orderLinkId: "b" }];
    const canceled = await harness.post("/v5/order/cancel-batch", { request });
    expect(keysOf(canceled.body).sort()).toEqual(keysOf(documented("order_batch-cancel")[0]).sort());
  });

  it("of the public topics", () => {
    const [snapshot] = publicSocket.of("orderbook.50.BTCUSDT");
    const delta = publicSocket.of("orderbook.50.BTCUSDT").find(({ type }) => type === "delta");
    const [documentedSnapshot, documentedDelta] = documented("websocket_public_orderbook");
    expect(keysOf(snapshot).sort()).toEqual(keysOf(documentedSnapshot).sort());
    expect(keysOf(delta).sort()).toEqual(keysOf(documentedDelta).sort());
    const [trade] = publicSocket.of("publicTrade.BTCUSDT");
    expect(keysOf(trade)).toEqual(expect.arrayContaining(keysOf(documented("websocket_public_trade")[0])));
    const [ticker] = publicSocket.of("tickers.BTCUSDT");
    const ofDated = [
      "basis",
      "basisRate",
      "basisRateYear",
      "deliveryFeeRate",
      "deliveryTime",
      "predictedDeliveryPrice",
    ];
    const dated = new Set(ofDated.map((name) => `data.${name}`));
    const expected = keysOf(documented("websocket_public_ticker")[0]).filter((key) => !dated.has(key));
    expect(keysOf(ticker)).toEqual(expect.arrayContaining(expected));
  });

  it.each(["order", "execution", "position", "wallet"])("of the %s topic", (topic) => {
    const [frame] = privateSocket.of(topic);
    const [, example] = documented(`websocket_private_${topic}`);
    const expected = keysOf(example).filter((key) => !isCoinOfExample(key) && !key.includes("extraFees[]"));
    expect(keysOf(frame)).toEqual(expect.arrayContaining(expected));
  });
});
