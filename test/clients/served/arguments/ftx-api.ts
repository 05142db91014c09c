import type { ArgumentBook } from "./arguments.ts";

const MARKET = "BTC-PERP";
const ORDER = { market: MARKET, side: "buy", type: "limit", price: 18_000, size: 0.01 };
const TRIGGER = { market: MARKET, side: "sell", type: "stop", triggerPrice: 19_000, size: 0.01, reduceOnly: true };

export const FTX_API: ArgumentBook = {
  parameters: ({ orderId, clientId }) => ({
    params: { market: MARKET },
    market: MARKET,
    marketName: MARKET,
    futureName: MARKET,
    futuresIndexName: "BTC",
    coin: "USD",
    toCoin: "USD",
    size: 1,
    price: 100,
    leverage: 5,
    nickname: "hedge",
    language: "en",
    limit: 10,
    showAveragePrice: true,
    tokenName: "BULL",
    orderId,
    clientOrderId: clientId,
    conditionalOrderId: "1",
    quoteId: "1",
    quoteRequestId: "1",
    savedAddressId: "1",
    unstakeRequestId: "1",
    nftId: "1",
    gallery_id: "1",
  }),
  methods: {
    changeSubaccountName: () => [{ nickname: "hedge", newNickname: "other" }],
    createSubaccount: () => ["another"],
    transferBetweenSubaccounts: () => [{ coin: "USD", size: 10, source: "main", destination: "hedge" }],
    getOrderbook: () => [{ marketName: MARKET, depth: 20 }],
    getTrades: () => [{ market_name: MARKET }],
    getHistoricalPrices: () => [{ market_name: MARKET, resolution: 60 }],
    getHistoricalIndex: () => [{ marketName: "BTC", resolution: 60 }],
    getFundingRates: () => [{ future: MARKET }],
    getFundingPayments: () => [{ future: MARKET }],
    getDepositAddress: () => [{ coin: "USDT", method: "erc20" }],
    requestWithdrawal: () => [{ coin: "USD", size: 10, address: "0x0000000000000000000000000000000000000001" }],
    createSavedAddress: () => [
      { coin: "USDT", address: "0x0000000000000000000000000000000000000001", addressName: "mine" },
    ],
    placeOrder: () => [ORDER],
    placeTriggerOrder: () => [TRIGGER],
    modifyOrder: ({ orderId }) => [{ orderId, price: 17_900 }],
    modifyOrderByClientId: ({ clientId }) => [clientId, { price: 17_900 }],
    modifyTriggerOrder: async (_scene, client) => [await triggerId(client), { size: 0.01, triggerPrice: 18_900 }],
    cancelOpenTriggerOrder: async (_scene, client) => [await triggerId(client)],
    getTriggerOrderTriggers: async (_scene, client) => [await triggerId(client)],
    requestQuote: () => [{ fromCoin: "USD", toCoin: "BTC", size: 10 }],
    submitLendingOffer: () => [{ coin: "USD", size: 10, rate: 0.0001 }],
    createQuoteRequest: () => [
      { underlying: "BTC", type: "call", strike: 20_000, expiry: 1_700_000_000, side: "buy", size: 1 },
    ],
  },
  holdings: {},
  elsewhere: ["getServerTime", "getTimeOffset"],
};

async function triggerId(client: { placeTriggerOrder(order: object): Promise<{ result: { id: number } }> }) {
  const { result } = await client.placeTriggerOrder(TRIGGER);
  return String(result.id);
}
