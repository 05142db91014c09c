import type { ArgumentBook } from "./arguments.ts";

const SWAP = { instType: "SWAP", instId: "BTC-USDT-SWAP" };
const { instId } = SWAP;
const INDEX = "BTC-USDT";
const ORDER = { instId, tdMode: "cross", side: "buy", ordType: "limit", sz: "1", px: "18000" };
const ALGO = {
  instId,
  tdMode: "cross",
  side: "sell",
  ordType: "conditional",
  sz: "1",
  slTriggerPx: "19000",
  slOrdPx: "-1",
};

export const OKX_API: ArgumentBook = {
  parameters: () => ({ params: SWAP, orders: [{ algoId: "1", ...SWAP }] }),
  methods: {
    submitOrder: () => [ORDER],
    submitOrderPrecheck: () => [ORDER],
    submitMultipleOrders: () => [[ORDER]],
    cancelOrder: ({ orderId }) => [{ instId, ordId: orderId }],
    cancelMultipleOrders: ({ orderId }) => [[{ instId, ordId: orderId }]],
    amendOrder: ({ orderId }) => [{ instId, ordId: orderId, newPx: "17900" }],
    amendMultipleOrders: ({ orderId }) => [[{ instId, ordId: orderId, newPx: "17900" }]],
    closePositions: () => [{ instId, mgnMode: "cross", autoCxl: true }],
    getOrderDetails: ({ orderId }) => [{ instId, ordId: orderId }],
    cancelAllAfter: () => [{ timeOut: "60" }],
    cancelMassOrder: () => [{ instType: "SWAP", instFamily: INDEX }],
    placeAlgoOrder: () => [ALGO],
    cancelAlgoOrder: () => [[{ instId, algoId: "1" }]],
    amendAlgoOrder: () => [{ instId, algoId: "1", newSz: "2" }],
    getAlgoOrderList: () => [{ ordType: "conditional" }],
    getAlgoOrderHistory: () => [{ ordType: "conditional", state: "canceled" }],
    getAlgoOrderDetails: () => [{ algoId: "1" }],
    setLeverage: () => [{ instId, lever: "5", mgnMode: "cross" }],
    getLeverage: () => [{ instId, mgnMode: "cross" }],
    getLeverageV2: () => [{ instId, mgnMode: "cross" }],
    setPositionMode: () => [{ posMode: "long_short_mode" }],
    changePositionMargin: () => [{ instId, posSide: "net", type: "add", amt: "10" }],
    getMaxBuySellAmount: () => [{ instId, tdMode: "cross" }],
    getMaxAvailableTradableAmount: () => [{ instId, tdMode: "cross" }],
    getPositionTiers: () => [{ instType: "SWAP", tdMode: "cross", instFamily: INDEX }],
    getCandles: () => [{ instId, bar: "1m" }],
    getHistoricCandles: () => [{ instId, bar: "1m" }],
    getIndexCandles: () => [{ instId: INDEX, bar: "1m" }],
    getHistoricIndexCandles: () => [{ instId: INDEX, bar: "1m" }],
    getIndexTickers: () => [{ instId: INDEX }],
    getFeeRates: () => [{ instType: "SWAP" }],
    submitWithdraw: () => [
      { ccy: "USDT", amt: "10", dest: "4", toAddr: "0x0000000000000000000000000000000000000001", chain: "USDT-ERC20" },
    ],
    fundsTransfer: () => [{ ccy: "USDT", amt: "10", from: "18", to: "6" }],
  },
  holdings: { setPositionMode: "nothing", changePositionMargin: "isolated" },
  elsewhere: [],
};
