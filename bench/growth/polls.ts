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
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import { parseJson } from "../../src/net/json.ts";
import type { VenueContext } from "../../src/net/venue-api.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { account as binanceAccount } from "../../src/venues/binance/account.ts";
import { type Cost, longestStallMs, microsecondsOf } from "./cost.ts";
import { listText, type Owner, VENUE_NAMES, type VenueName, venueWithOrders } from "./open-orders.ts";
import { open, PAIR, RULE, runtime, startProcess } from "./process.ts";

const OPEN_ORDERS = [10, 100, 1_000, 4_000, 10_000];
const never = new AbortController().signal;

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
    markets: createVenueMarkets("bench_perpetual", "bench", markets),
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
    const text = listText(size);
    return { measure: () => microsecondsOf(1_000, () => parseJson(text)) };
  },
};

/** V8 collects 16 MB of young objects at a time by default, which takes longer than any stretch of a poll's own. */
const SMALL_YOUNG_HEAP = ["--max-semi-space-size=2"];

/** All that a poll does with the answers, whose JSON is a row of its own. */
const orders = (name: VenueName, owner: Owner): Cost => ({
  ...withOwnHeap(name, owner),
  nodeFlags: SMALL_YOUNG_HEAP,
});

const withOwnHeap = (name: VenueName, owner: Owner): Cost => ({
  what: `${name}, status poll: longest stall, open orders (${owner})`,
  unit: "ms",
  sizes: OPEN_ORDERS,
  prepare(size) {
    const started = startProcess();
    if (owner === "own") open(started, size);
    const { venue, context } = venueWithOrders(name, owner, size);
    const sync = new OrderSync({
      venue,
      tracker: started.tracker,
      clientOrderIds: { isOwn: () => false },
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
});

const withCollector: Cost = {
  ...withOwnHeap("binance", "own"),
  what: "binance, status poll: as above, with Node's own young heap",
};

const orderPolls = VENUE_NAMES.flatMap((name) => [orders(name, "own"), orders(name, "foreign")]);

const positions: Cost = {
  what: "status poll of positions: longest stall, positions",
  unit: "ms",
  nodeFlags: SMALL_YOUNG_HEAP,
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
      clock: runtime.clock,
      timers: runtime.timers,
      logger: SILENT_LOGGER,
      context: () => context,
      tradingPairs: () => markets.map(({ tradingPair }) => tradingPair),
      isGone: () => false,
      apply: () => undefined,
      tell: (news) => news(),
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

export const pollCosts: readonly Cost[] = [parse, ...orderPolls, withCollector, positions, look];
