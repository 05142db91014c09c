import { PerpetualAccount } from "../../src/account/perpetual-account.ts";
import type { AccountBooking } from "../../src/connector/account-booking.ts";
import { DEFAULT_TIMINGS } from "../../src/connector/connector-options.ts";
import { ExternalOrders } from "../../src/connector/external-orders.ts";
import type { OrderEntry } from "../../src/connector/order-entry.ts";
import { OrderResolver } from "../../src/connector/order-resolver.ts";
import { OrderSync } from "../../src/connector/order-sync.ts";
import type { PerpetualVenue } from "../../src/connector/perpetual-venue.ts";
import { PositionSync } from "../../src/connector/position-sync.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { ConnectorEvents } from "../../src/model/event.ts";
import type { Market } from "../../src/model/market.ts";
import { TypedEmitter } from "../../src/model/typed-emitter.ts";
import { createVenueSession } from "../../src/model/venue-session.ts";
import { parseJson } from "../../src/net/json.ts";
import { SILENT_LOGGER } from "../../src/net/logger.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { account as binanceAccount } from "../../src/venues/binance/account.ts";
import { orders as binanceOrders } from "../../src/venues/binance/orders.ts";
import { type Cost, longestStallMs, microsecondsOf } from "./cost.ts";
import { open, PAIR, RULE, runtime, startProcess } from "./process.ts";

const OPEN_ORDERS = [10, 100, 1_000, 4_000];
const never = new AbortController().signal;

/** A row of Binance's list of open orders, the longest that any venue gives in one body. */
const orderRow = (number: number) => ({
  symbol: "BTCUSDT",
  orderId: 1_000_000 + number,
  clientOrderId: `c${number}`,
  side: "BUY",
  positionSide: "BOTH",
  updateTime: 1_700_000_000_000,
  time: 1_700_000_000_000,
  type: "LIMIT",
  timeInForce: "GTC",
  price: "20000",
  origQty: "1",
  executedQty: "0",
  avgPrice: "0",
  cumQuote: "0",
  reduceOnly: false,
  status: "NEW",
});

const positionRow = (number: number) => ({
  symbol: `M${number}USDT`,
  positionSide: "BOTH",
  positionAmt: "1",
  entryPrice: "20000",
  markPrice: "20001.5",
  unRealizedProfit: "1.5",
  liquidationPrice: "0",
  isolatedWallet: "0",
  updateTime: 1_700_000_000_000,
});

const marketOf = (tradingPair: string, symbol: string): Market =>
  ({ tradingPair, symbol, base: tradingPair, quote: "USD", rule: { ...RULE, tradingPair } }) as unknown as Market;

function contextOf(rows: readonly { readonly symbol: string }[], markets: readonly Market[]): VenueContext {
  const settings = rows.map(({ symbol }) => ({ symbol, leverage: 10 }));
  return {
    api: { send: async ({ path }) => (path.endsWith("symbolConfig") ? settings : rows) },
    session: createVenueSession("bench_perpetual", "bench", markets),
    now: () => runtime.clock.now(),
    pause: () => runtime.timers.sleep(0),
  };
}

const events = () => new TypedEmitter<ConnectorEvents>(() => undefined);
const throwFailuresOf = (): void => undefined;
const requestRefresh = (): void => undefined;

const parse: Cost = {
  what: "JSON of a list of open orders, which cannot be cut, orders",
  unit: "ms",
  sizes: OPEN_ORDERS,
  prepare(size) {
    const text = JSON.stringify(Array.from({ length: size }, (_, number) => orderRow(number)));
    return { measure: () => microsecondsOf(1_000, () => parseJson(text)) };
  },
};

const orders: Cost = {
  what: "status poll of orders: longest stall, open orders",
  unit: "ms",
  sizes: OPEN_ORDERS,
  prepare(size) {
    const started = startProcess();
    open(started, size);
    const rows = Array.from({ length: size }, (_, number) => orderRow(number));
    const context = contextOf(rows, [marketOf(PAIR, "BTCUSDT")]);
    const { tracker } = started;
    const sync = new OrderSync({
      venue: { derivative: binanceOrders, manifest: { userStream: {} } } as unknown as PerpetualVenue,
      tracker,
      resolver: { wake: () => undefined, inquire: async () => true } as unknown as OrderResolver,
      booking: { takesOfVenue: () => false } as unknown as AccountBooking,
      externalOrders: new ExternalOrders({ events: events(), clock: runtime.clock }),
      clock: runtime.clock,
      timers: runtime.timers,
      context: () => context,
      tradingPairs: () => [PAIR],
      onAbsurd: () => undefined,
      requestRefresh,
      throwFailuresOf,
    });
    return { measure: () => longestStallMs(() => sync.updateOrders(never)) };
  },
};

const positions: Cost = {
  what: "status poll of positions: longest stall, positions",
  unit: "ms",
  sizes: [10, 100, 1_000],
  prepare(size) {
    const rows = Array.from({ length: size }, (_, number) => positionRow(number));
    const markets = rows.map(({ symbol }) => marketOf(`${symbol.slice(0, -4)}-USDT`, symbol));
    const account = new PerpetualAccount({
      isRealTimeBalance: true,
      lockedCollateral: () => decimal("0"),
      collateralTokenOf: () => "USDT",
      isLinear: () => true,
    });
    const context = contextOf(rows, markets);
    const sync = new PositionSync({
      venue: { derivative: binanceAccount } as unknown as PerpetualVenue,
      account,
      events: events(),
      timers: runtime.timers,
      logger: SILENT_LOGGER,
      context: () => context,
      tradingPairs: () => markets.map(({ tradingPair }) => tradingPair),
      apply: () => undefined,
      requestRefresh,
      throwFailuresOf,
    });
    return { measure: () => longestStallMs(() => sync.updatePositions(never)) };
  },
};

const look: Cost = {
  what: "look for orders that need one: longest stall, open orders",
  unit: "ms",
  sizes: [...OPEN_ORDERS, 20_000],
  prepare(size) {
    const { tracker, ...started } = startProcess();
    open({ tracker, ...started }, size);
    const stop = new AbortController();
    const best = decimal("19999");
    const resolver = new OrderResolver({
      venue: {} as unknown as PerpetualVenue,
      tracker,
      entry: {} as unknown as OrderEntry,
      clock: runtime.clock,
      timers: runtime.timers,
      logger: SILENT_LOGGER,
      timings: DEFAULT_TIMINGS,
      context: () => contextOf([], []),
      apply: () => ({ kind: "external" }),
      isPassed: ({ price }) => price?.lt(best) === true,
      applyAdjustment: () => undefined,
    });
    const running = resolver.run(stop.signal).catch(() => undefined);
    const measure = () =>
      longestStallMs(async () => {
        resolver.wake();
        await runtime.timers.sleep(60);
      });
    const end = async (): Promise<void> => {
      stop.abort();
      await running;
    };
    return { measure, end };
  },
};

export const pollCosts: readonly Cost[] = [parse, orders, positions, look];
