import type { ArgumentBook } from "./arguments.ts";

const contract = "BTC_USDT";
const ORDER = { contract, size: "10", price: "18000", tif: "gtc" };
const TRIGGER = {
  initial: { contract, size: "-10", price: "0", tif: "ioc" },
  trigger: { strategyType: 0, priceType: 1, price: "15000", rule: 2, expiration: 600 },
};

export const GATE_API: ArgumentBook = {
  parameters: ({ orderId, nowMs }) => ({
    settle: "usdt",
    contract,
    opts: {},
    orderId,
    id: orderId,
    status: "open",
    index: contract,
    change: "1",
    leverage: "5",
    riskLimit: "1000",
    marginMode: "isolated",
    posMarginMode: "isolated",
    dualSide: "dual_long",
    dualMode: true,
    positionMode: "dual",
    tableId: "1",
    sortBy: "created_at",
    from: Math.floor(nowMs / 1_000) - 3_600,
    futuresOrder: ORDER,
    futuresOrderAmendment: { price: "17900" },
    futuresPositionCrossMode: { mode: "CROSS", contract },
    updateDualCompPositionCrossModeRequest: { mode: "CROSS", contract },
    countdownCancelAllFuturesTask: { timeout: 30 },
    requestBody: [orderId],
    batchAmendOrderReq: [{ orderId: BigInt(orderId), price: "17900" }],
    batchFundingRatesRequest: { contracts: [contract] },
    futuresBBOOrder: { contract, size: 10, direction: "buy", level: 1 },
    futuresPriceTriggeredOrder: TRIGGER,
  }),
  methods: {
    createBatchFuturesOrder: () => ["usdt", [ORDER], {}],
    updateDualModePositionMargin: () => ["usdt", contract, "1", "dual_long"],
  },
  holdings: {
    updatePositionMargin: "isolated",
    updatePositionLeverage: "nothing",
    updateContractPositionLeverage: "nothing",
    updateDualModePositionLeverage: "nothing",
    setDualMode: "nothing",
    setPositionMode: "nothing",
  },
  elsewhere: [],
};
