import { Decimal } from "../../../src/model/decimal.ts";
import type { Market } from "../../../src/model/market.ts";
import type { OrderReference, OrderToPlace } from "../../../src/model/order.ts";
import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import type { RestRequest } from "../../../src/net/venue-api.ts";
import { derivative } from "../../../src/venues/bybit/derivative.ts";
import { RecordingApi, venueContext } from "../../support/recording-api.ts";

/** Values are our own; the fields are those that the documents show. */

type Changes = Readonly<Record<string, unknown>>;

export const NOW = Date.UTC(2026, 8, 20, 16, 0, 5);

export const instrument = (baseCoin: string, settleCoin = "USDT", changes: Changes = {}) => ({
  symbol: settleCoin === "USDT" ? `${baseCoin}USDT` : `${baseCoin}PERP`,
  contractType: "LinearPerpetual",
  status: "Trading",
  baseCoin,
  quoteCoin: settleCoin,
  settleCoin,
  leverageFilter: { minLeverage: "1", maxLeverage: "100.00", leverageStep: "0.01" },
  priceFilter: { minPrice: "0.10", maxPrice: "1999999.80", tickSize: "0.10" },
  lotSizeFilter: {
    minOrderQty: "0.001",
    maxOrderQty: "1190.000",
    maxMktOrderQty: "500.000",
    qtyStep: "0.001",
    postOnlyMaxOrderQty: "1190.000",
    minNotionalValue: "5",
  },
  fundingInterval: 480,
  ...changes,
});

const INSTRUMENTS = [instrument("BTC"), instrument("ETH"), instrument("XRP"), instrument("BTC", "USDC")];

export const MARKETS: readonly Market[] = derivative.parseExchangeInfo({ list: INSTRUMENTS }).markets;
export const markets = createVenueMarkets("bybit_perpetual", "bybit_perpetual", MARKETS);

/** A context whose requests are answered by a function; answers of lists may be bare arrays. */
export function contextOf(answer: (request: RestRequest) => unknown, nowMs = NOW) {
  const api = new RecordingApi((request) => {
    const value = answer(request);
    return Array.isArray(value) ? { list: value, nextPageCursor: "" } : value;
  });
  return { ...venueContext(api, "bybit_perpetual", MARKETS, nowMs), requests: api.requests };
}

export const orderToPlace = (changes: Partial<OrderToPlace> = {}): OrderToPlace => ({
  clientOrderId: "pw-1",
  tradingPair: "BTC-USDT",
  side: "buy",
  type: "limit",
  amount: new Decimal("0.010"),
  price: new Decimal("60000"),
  timeInForce: "GTC",
  reduceOnly: false,
  positionAction: "open",
  positionMode: "oneWay",
  ...changes,
});

export const reference = (changes: Partial<OrderReference> = {}): OrderReference => ({
  clientOrderId: "pw-1",
  exchangeOrderId: undefined,
  tradingPair: "BTC-USDT",
  side: "buy",
  amount: new Decimal("0.01"),
  price: new Decimal("60000"),
  type: "limit",
  timeInForce: "GTC",
  createdAtMs: NOW - 1_000,
  ...changes,
});

export const wireOrder = (changes: Changes = {}) => ({
  category: "linear",
  symbol: "BTCUSDT",
  orderId: "o-1",
  orderLinkId: "pw-1",
  side: "Buy",
  orderType: "Limit",
  price: "60000.0",
  qty: "0.010",
  timeInForce: "GTC",
  orderStatus: "New",
  positionIdx: 0,
  reduceOnly: false,
  cumExecQty: "0.000",
  cumExecValue: "0",
  avgPrice: "",
  leavesQty: "0.010",
  cancelType: "UNKNOWN",
  rejectReason: "EC_NoError",
  createType: "CreateByUser",
  createdTime: String(NOW - 1_000),
  updatedTime: String(NOW - 900),
  ...changes,
});

export const wireExecution = (changes: Changes = {}) => ({
  category: "linear",
  symbol: "BTCUSDT",
  orderId: "o-1",
  orderLinkId: "pw-1",
  execId: "e-1",
  execType: "Trade",
  execPrice: "60000.0",
  execQty: "0.004",
  execValue: "240",
  execFee: "0.048",
  feeRate: "0.0002",
  feeCurrency: "",
  isMaker: true,
  side: "Buy",
  orderType: "Limit",
  createType: "CreateByUser",
  execTime: String(NOW - 800),
  ...changes,
});

export const wireFundingExecution = (changes: Changes = {}) =>
  wireExecution({
    execType: "Funding",
    orderId: "1790006400-BTCUSDT-1-Buy",
    orderLinkId: "",
    execId: "7c1a1a52-0000-5b31-9112-000000000001",
    orderType: "UNKNOWN",
    execQty: "0.010",
    execFee: "0.061005",
    feeRate: "0.0001",
    execTime: String(Date.UTC(2026, 8, 20, 16)),
    ...changes,
  });

export const wireSettlement = (changes: Changes = {}) => ({
  id: "592324_BTCUSDT_161440249321",
  symbol: "BTCUSDT",
  category: "linear",
  side: "Buy",
  transactionTime: String(Date.UTC(2026, 8, 20, 16)),
  type: "SETTLEMENT",
  qty: "0.010",
  size: "0.010",
  currency: "USDT",
  tradePrice: "61005",
  funding: "-0.061005",
  fee: "0",
  cashFlow: "0",
  change: "-0.061005",
  feeRate: "0.0001",
  tradeId: "t-1",
  orderId: "f-1",
  ...changes,
});

export const wirePosition = (changes: Changes = {}) => ({
  positionIdx: 0,
  symbol: "BTCUSDT",
  side: "Buy",
  size: "0.010",
  avgPrice: "60000",
  positionValue: "600",
  leverage: "10",
  markPrice: "61005.00",
  liqPrice: "54300",
  unrealisedPnl: "10.05",
  createdTime: "1790000000000",
  updatedTime: "1790000000100",
  ...changes,
});
export const flatPosition = (changes: Changes = {}) =>
  wirePosition({ side: "", size: "0", avgPrice: "0", liqPrice: "", unrealisedPnl: "", ...changes });

export const wireWallet = (changes: Changes = {}) => ({
  accountType: "UNIFIED",
  totalEquity: "10010.05",
  totalWalletBalance: "10000",
  totalMarginBalance: "10010.05",
  totalAvailableBalance: "9949.75",
  totalPerpUPL: "10.05",
  totalInitialMargin: "60.3",
  totalMaintenanceMargin: "3.3",
  coin: [
    {
      coin: "USDT",
      equity: "10010.05",
      walletBalance: "10000",
      totalOrderIM: "0",
      totalPositionIM: "60.3",
      locked: "0",
      bonus: "0",
      availableToWithdraw: "",
    },
  ],
  ...changes,
});

export const frame = (topic: string, ...data: readonly unknown[]) => ({ id: "f-1", topic, creationTime: NOW, data });
export const ticker = (changes: Changes = {}) => ({
  symbol: "BTCUSDT",
  lastPrice: "61003.40",
  indexPrice: "61010.11",
  markPrice: "61005.00",
  fundingRate: "0.0001",
  nextFundingTime: "1790006400000",
  fundingIntervalHour: "8",
  ...changes,
});
export const bookFrame = (type: "snapshot" | "delta", u: number, b: readonly unknown[], a: readonly unknown[]) => ({
  topic: "orderbook.200.BTCUSDT",
  type,
  ts: NOW,
  data: { s: "BTCUSDT", b, a, u, seq: 7961638724 + u },
  cts: NOW - 2,
});
