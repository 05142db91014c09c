import { decimal } from "../../../src/model/decimal.ts";
import type { OrderReference, OrderToPlace } from "../../../src/model/order.ts";
import { createVenueMarkets } from "../../../src/model/venue-markets.ts";
import type { RestRequest, VenueContext } from "../../../src/net/venue-api.ts";
import { derivative } from "../../../src/venues/binance/derivative.ts";

/** Values are our own; the fields are those of the documents that the adapter's comments name. */

export const TIME = Date.UTC(2026, 8, 21, 12);

export const symbolRow = (base: string, changes: Readonly<Record<string, unknown>> = {}) => ({
  symbol: `${base}USDT`,
  pair: `${base}USDT`,
  contractType: "PERPETUAL",
  status: "TRADING",
  baseAsset: base,
  quoteAsset: "USDT",
  marginAsset: "USDT",
  pricePrecision: 2,
  quantityPrecision: 3,
  filters: [
    { filterType: "PRICE_FILTER", minPrice: "556.80", maxPrice: "4529764", tickSize: "0.10" },
    { filterType: "LOT_SIZE", minQty: "0.001", maxQty: "1000", stepSize: "0.001" },
    { filterType: "MARKET_LOT_SIZE", minQty: "0.001", maxQty: "120", stepSize: "0.001" },
    { filterType: "MIN_NOTIONAL", notional: "100" },
  ],
  orderTypes: ["LIMIT", "MARKET"],
  timeInForce: ["GTC", "IOC", "FOK", "GTX"],
  ...changes,
});

export const EXCHANGE_INFO = {
  timezone: "UTC",
  symbols: [
    symbolRow("BTC"),
    symbolRow("1000SHIB"),
    symbolRow("币安人生"),
    symbolRow("BTC", { symbol: "BTCUSDT_270326", contractType: "CURRENT_QUARTER" }),
    symbolRow("LUNA", { status: "SETTLING" }),
    symbolRow("BROKEN", { filters: [] }),
  ],
};
export const FUNDING_INTERVALS = [{ symbol: "1000SHIBUSDT", fundingIntervalHours: 4 }];

export const markets = createVenueMarkets(
  "binance_perpetual",
  "binance_perpetual",
  derivative.parseExchangeInfo({ ...EXCHANGE_INFO, fundingInfo: FUNDING_INTERVALS }).markets,
);

/** An order as REST tells it. */
export const orderRow = (changes: Readonly<Record<string, unknown>> = {}) => ({
  orderId: 91000001,
  symbol: "BTCUSDT",
  status: "NEW",
  clientOrderId: "pw-1",
  price: "60000.00",
  origQty: "0.010",
  executedQty: "0.000",
  cumQty: "0.000",
  timeInForce: "GTC",
  type: "LIMIT",
  origType: "LIMIT",
  reduceOnly: false,
  side: "BUY",
  positionSide: "BOTH",
  updateTime: TIME,
  ...changes,
});

/** An ORDER_TRADE_UPDATE. */
export const orderEvent = (changes: Readonly<Record<string, unknown>> = {}) => ({
  e: "ORDER_TRADE_UPDATE",
  E: TIME + 2,
  T: TIME,
  o: {
    s: "BTCUSDT",
    c: "pw-1",
    S: "BUY",
    o: "LIMIT",
    f: "GTC",
    q: "0.010",
    p: "60000",
    ap: "0",
    sp: "0",
    x: "NEW",
    X: "NEW",
    i: 91000001,
    l: "0",
    z: "0",
    L: "0",
    T: TIME,
    t: 0,
    m: false,
    R: false,
    ps: "BOTH",
    rp: "0",
    er: "0",
    ...changes,
  },
});

export const fillRow = (id: number, changes: Readonly<Record<string, unknown>> = {}) => ({
  symbol: "BTCUSDT",
  id,
  orderId: 91000001,
  side: "BUY",
  price: "60000.00",
  qty: "0.010",
  quoteQty: "600",
  realizedPnl: "-3.5",
  commission: "0.12",
  commissionAsset: "USDT",
  time: TIME + id,
  buyer: true,
  maker: true,
  positionSide: "BOTH",
  ...changes,
});

export const orderToPlace = (changes: Partial<OrderToPlace> = {}): OrderToPlace => ({
  clientOrderId: "pw-1",
  tradingPair: "BTC-USDT",
  side: "buy",
  type: "limit",
  amount: decimal("0.01"),
  price: decimal("60000"),
  timeInForce: "GTC",
  reduceOnly: false,
  positionAction: "open",
  positionMode: "oneWay",
  ...changes,
});

export const reference = (changes: Partial<OrderReference> = {}): OrderReference => ({
  clientOrderId: "pw-1",
  exchangeOrderId: "91000001",
  tradingPair: "BTC-USDT",
  side: "buy",
  amount: decimal("0.01"),
  price: decimal("60000"),
  type: "limit",
  timeInForce: "GTC",
  createdAtMs: TIME,
  ...changes,
});

/** A context whose requests are answered by a function, and kept. */
export function contextOf(answer: (request: RestRequest) => unknown, nowMs = TIME + 60_000) {
  const requests: RestRequest[] = [];
  const context: VenueContext = {
    markets,
    now: () => nowMs,
    api: {
      async send(request) {
        requests.push(request);
        return answer(request);
      },
    },
  };
  return { context, requests };
}

/** Decimals as text, so that a test can name them. */
export function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
