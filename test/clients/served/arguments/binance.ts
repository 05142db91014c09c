import type { ArgumentBook, ArgumentsOf } from "./arguments.ts";

const BTC = { symbol: "BTCUSDT" };
const PAIR = { pair: "BTCUSDT", interval: "1m", limit: 10 };
const CANDLES = { ...BTC, interval: "1m", limit: 10 };
const RATIO = { ...BTC, period: "5m" };
const ORDER = { ...BTC, side: "BUY", type: "LIMIT", timeInForce: "GTC", price: 18_000, quantity: 0.01 };
/** Conditional orders are of another service since December 2025. */
const ALGO = {
  algoType: "CONDITIONAL",
  ...BTC,
  side: "SELL",
  type: "STOP_MARKET",
  triggerPrice: 19_000,
  quantity: 0.01,
};
const texts = (order: object) =>
  Object.fromEntries(Object.entries(order).map(([name, value]) => [name, String(value)]));

const SHARED = {
  order: () => [{ ...ORDER }],
  orderOf: ({ orderId }) => [{ ...BTC, orderId }],
  amend: ({ orderId }) => [{ ...BTC, side: "BUY", orderId, quantity: 0.01, price: 17_900 }],
  leverage: () => [{ ...BTC, leverage: 5 }],
  marginType: () => [{ ...BTC, marginType: "ISOLATED" }],
  hedge: () => [{ dualSidePosition: "true" }],
  multiAssets: () => [{ multiAssetsMargin: "true" }],
  margin: () => [{ ...BTC, amount: 10, type: 1 }],
  burn: () => [{ feeBurn: "false" }],
  countdown: () => [{ ...BTC, countdownTime: 60_000 }],
  algo: () => [{ ...ALGO }],
  none: () => [],
} satisfies Record<string, ArgumentsOf>;

const HOLDINGS = { margin: "isolated", setting: "nothing" } as const;

/** Of `binance`. */
export const BINANCE: ArgumentBook = {
  parameters: () => ({ params: { ...BTC }, type: 1, brokerId: "1", customerId: "1", email: "a@example.com" }),
  methods: {
    getKlines: () => [CANDLES],
    getContinuousContractKlines: () => [{ ...PAIR, contractType: "PERPETUAL" }],
    getIndexPriceKlines: () => [PAIR],
    getMarkPriceKlines: () => [CANDLES],
    getPremiumIndexKlines: () => [CANDLES],
    getBasis: () => [{ ...RATIO, pair: "BTCUSDT", contractType: "PERPETUAL" }],
    submitNewOrder: SHARED.order,
    testOrder: SHARED.order,
    submitMultipleOrders: () => [[texts(ORDER)]],
    modifyOrder: SHARED.amend,
    modifyMultipleOrders: ({ orderId }) => [[texts({ ...BTC, side: "BUY", orderId, quantity: 0.01, price: 17_900 })]],
    getOrderModifyHistory: SHARED.orderOf,
    cancelOrder: SHARED.orderOf,
    cancelMultipleOrders: ({ orderId }) => [{ ...BTC, orderIdList: [Number(orderId)] }],
    setCancelOrdersOnTimeout: SHARED.countdown,
    getOrder: SHARED.orderOf,
    getCurrentOpenOrder: SHARED.orderOf,
    setMarginType: SHARED.marginType,
    setPositionMode: SHARED.hedge,
    setLeverage: SHARED.leverage,
    setMultiAssetsMode: SHARED.multiAssets,
    setIsolatedPositionMargin: SHARED.margin,
    setBNBBurnEnabled: SHARED.burn,
    submitNewAlgoOrder: SHARED.algo,
    keepAliveFuturesUserDataListenKey: listening((client) => client.getFuturesUserDataListenKey()),
    closeFuturesUserDataListenKey: listening((client) => client.getFuturesUserDataListenKey()),
  },
  holdings: {
    setIsolatedPositionMargin: HOLDINGS.margin,
    setMarginType: HOLDINGS.setting,
    setPositionMode: HOLDINGS.setting,
    setMultiAssetsMode: HOLDINGS.setting,
  },
  elsewhere: [],
};

/** What the official client insists on, of all its methods; the venue does not mind what it does not know. */
const REQUIRED = {
  ...BTC,
  pair: "BTCUSDT",
  contractType: "PERPETUAL",
  interval: "1m",
  period: "5m",
  asset: "USDT",
  fromAsset: "USDT",
  toAsset: "USDC",
  quoteId: "1",
  downloadId: "1",
};

/** Of `@binance/derivatives-trading-usds-futures`. */
export const BINANCE_OFFICIAL: ArgumentBook = {
  parameters: ({ nowMs }) => ({ requestParameters: { ...REQUIRED, startTime: nowMs - 3_600_000, endTime: nowMs } }),
  methods: {
    sendRequest: () => ["/fapi/v1/time", "GET"],
    sendSignedRequest: () => ["/fapi/v3/balance", "GET"],
    newOrder: SHARED.order,
    testOrder: SHARED.order,
    placeMultipleOrders: () => [{ batchOrders: [texts(ORDER)] }],
    modifyOrder: SHARED.amend,
    modifyMultipleOrders: ({ orderId }) => [
      { batchOrders: [texts({ ...BTC, side: "BUY", orderId, quantity: 0.01, price: 17_900 })] },
    ],
    getOrderModifyHistory: SHARED.orderOf,
    cancelOrder: SHARED.orderOf,
    cancelMultipleOrders: ({ orderId }) => [{ ...BTC, orderIdList: [Number(orderId)] }],
    queryOrder: SHARED.orderOf,
    queryCurrentOpenOrder: SHARED.orderOf,
    allOrders: () => [BTC],
    accountTradeList: () => [BTC],
    autoCancelAllOpenOrders: SHARED.countdown,
    changeInitialLeverage: SHARED.leverage,
    changeMarginType: SHARED.marginType,
    changePositionMode: SHARED.hedge,
    changeMultiAssetsMode: SHARED.multiAssets,
    modifyIsolatedPositionMargin: SHARED.margin,
    toggleBnbBurnOnFuturesTrade: SHARED.burn,
    newAlgoOrder: SHARED.algo,
    keepaliveUserDataStream: listening((client) => client.startUserDataStream()),
    closeUserDataStream: listening((client) => client.startUserDataStream()),
  },
  holdings: {
    modifyIsolatedPositionMargin: HOLDINGS.margin,
    changeMarginType: HOLDINGS.setting,
    changePositionMode: HOLDINGS.setting,
    changeMultiAssetsMode: HOLDINGS.setting,
  },
  elsewhere: [],
};

function listening(start: (client: Parameters<ArgumentsOf>[1]) => Promise<unknown>): ArgumentsOf {
  return async (_scene, client) => {
    await start(client);
    return [];
  };
}
