import type { ArgumentBook } from "./arguments.ts";

const HOUR_MS = 3_600_000;
/** Bybit wants to know from where a price comes. */
const RISING = { triggerDirection: "ascending" };
const ADDRESS = "0x0000000000000000000000000000000000000001";

export interface CcxtNames {
  readonly symbol: string;
  readonly code: string;
  /** In the exchange's sizes. */
  readonly amount: number;
  readonly accounts: readonly [from: string, to: string];
}

/** The unified methods have the same parameters on each exchange. */
export function ccxtArguments({ symbol, code, amount, accounts }: CcxtNames): ArgumentBook {
  const order = { symbol, type: "limit", side: "buy", amount, price: 18_000 };
  return {
    parameters: ({ orderId, nowMs }) => ({
      symbol,
      symbols: [symbol],
      code,
      codes: [code],
      fromCode: "USDT",
      toCode: "USDC",
      id: orderId,
      ids: [orderId],
      type: "limit",
      side: "buy",
      amount,
      price: 18_000,
      cost: 200,
      triggerPrice: 21_000,
      stopPrice: 21_000,
      takeProfit: 22_000,
      stopLoss: 17_000,
      stopLossPrice: 19_000,
      takeProfitPrice: 21_000,
      trailingAmount: 500,
      trailingPercent: 1,
      since: nowMs - HOUR_MS,
      limit: 10,
      timeframe: "5m",
      leverage: 5,
      marginMode: "isolated",
      hedged: true,
      fromAccount: accounts[0],
      toAccount: accounts[1],
      address: ADDRESS,
      timeout: 60_000,
    }),
    methods: {
      createLimitSellOrder: () => [symbol, amount, 22_000],
      createMarketOrder: () => [symbol, "buy", amount],
      createMarketOrderWithCost: () => [symbol, "buy", 200],
      createReduceOnlyOrder: () => [symbol, "limit", "sell", amount, 22_000],
      createStopLossOrder: () => [symbol, "market", "sell", amount, undefined, 19_000],
      createTakeProfitOrder: () => [symbol, "market", "sell", amount, undefined, 21_000],
      createTrailingAmountOrder: () => [symbol, "market", "sell", amount, undefined, 500],
      createTrailingPercentOrder: () => [symbol, "market", "sell", amount, undefined, 1],
      createStopLimitOrder: () => [symbol, "buy", amount, 21_000, 21_000, RISING],
      createStopMarketOrder: () => [symbol, "buy", amount, 21_000, RISING],
      createStopOrder: () => [symbol, "limit", "buy", amount, 21_000, 21_000, RISING],
      createTriggerOrder: () => [symbol, "limit", "buy", amount, 21_000, 21_000, RISING],
      createOrders: () => [[order]],
      editOrder: ({ orderId }) => [orderId, symbol, "limit", "buy", amount, 17_900],
      editOrders: ({ orderId }) => [[{ id: orderId, ...order, price: 17_900 }]],
      cancelOrdersForSymbols: ({ orderId }) => [[{ id: orderId, symbol }]],
      fetchOrder: ({ orderId }) => [orderId, symbol, { acknowledged: true }],
      fetchClosedOrder: ({ endedId }) => [endedId, symbol],
      fetchMarginAdjustmentHistory: ({ nowMs }) => [symbol, "add", nowMs - HOUR_MS, 10],
      addMargin: () => [symbol, 10],
      reduceMargin: () => [symbol, 1],
      borrowCrossMargin: () => ["USDT", 10],
      transfer: () => [code, 10, ...accounts],
      withdraw: () => [code, 10, ADDRESS, undefined, { fee: "0", network: "ERC20" }],
      setMarginMode: () => ["isolated", symbol, { lever: 5 }],
      repayCrossMargin: () => ["USDT", 10, { id: "1" }],
    },
    holdings: {
      addMargin: "isolated",
      reduceMargin: "isolated",
      setMarginMode: "nothing",
      setPositionMode: "nothing",
    },
    elsewhere: [],
  };
}
