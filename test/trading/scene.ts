import type { OrderUpdate, TradeUpdate } from "../../src/model/account-update.ts";
import { decimal } from "../../src/model/decimal.ts";
import { flatFee } from "../../src/model/fee.ts";
import type { TradingRule } from "../../src/model/market.ts";
import type { OrderToPlace } from "../../src/model/order.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { ClientOrderTracker, type ClientOrderTrackerOptions } from "../../src/trading/client-order-tracker.ts";
import { FillLedger } from "../../src/trading/fill-ledger.ts";
import { OrderJournal } from "../../src/trading/order-journal.ts";
import { UntoldNews } from "../../src/trading/untold-news.ts";

export const PAIR = "BTC-USD";
export const START_MS = 1_704_067_200_000;

export const RULE: TradingRule = {
  tradingPair: PAIR,
  minOrderSize: decimal("0.001"),
  maxOrderSize: decimal("100"),
  minPriceIncrement: decimal("0.5"),
  minBaseAmountIncrement: decimal("0.001"),
  minNotionalSize: decimal("5"),
  contractSize: decimal("1"),
  contractKind: "linear",
  buyOrderCollateralToken: "USD",
  sellOrderCollateralToken: "USD",
  supportsMarketOrders: true,
};

export function limitBuy(clientOrderId = "c1", changes: Partial<OrderToPlace> = {}): OrderToPlace {
  return {
    clientOrderId,
    tradingPair: PAIR,
    side: "buy",
    type: "limit",
    amount: decimal("1"),
    price: decimal("100"),
    timeInForce: "GTC",
    reduceOnly: false,
    positionAction: "open",
    positionMode: "oneWay",
    leverage: decimal("10"),
    ...changes,
  };
}

export function orderUpdate(state: OrderUpdate["state"], changes: Partial<OrderUpdate> = {}): OrderUpdate {
  return {
    type: "order",
    tradingPair: PAIR,
    clientOrderId: "c1",
    exchangeOrderId: "e1",
    state,
    timestampMs: START_MS + 100,
    ...changes,
  };
}

/** An order as the venue shows it. */
export function shownOrder(amount: string, executed = "0", price = "100") {
  return {
    tradingPair: PAIR,
    exchangeOrderId: "e1",
    side: "buy",
    type: "limit",
    price: decimal(price),
    amount: decimal(amount),
    executedAmount: decimal(executed),
    reduceOnly: false,
    state: "open",
    timestampMs: START_MS + 100,
  } as const;
}

export function trade(fillId: string, amount: string, changes: Partial<TradeUpdate> = {}): TradeUpdate {
  return {
    type: "trade",
    fillId,
    tradingPair: PAIR,
    clientOrderId: "c1",
    exchangeOrderId: "e1",
    side: "buy",
    price: decimal("100"),
    amount: decimal(amount),
    fee: flatFee("USD", decimal("0.05")),
    isMaker: true,
    timestampMs: START_MS + 150,
    ...changes,
  };
}

/** One process of a trading program: tracker, ledger and journal on the disk of a simulated host. */
export function startProcess(
  runtime: Runtime,
  options: Partial<ClientOrderTrackerOptions> = {},
  { hears = true }: { readonly hears?: boolean } = {},
) {
  const events: { name: string; event: Record<string, unknown> }[] = [];
  const store = runtime.journals.open("orders.journal");
  const journal = new OrderJournal({
    store,
    connectorName: "test_perpetual",
    accountKey: "a1",
    random: runtime.random,
    logger: SILENT_LOGGER,
  });
  const ledger = new FillLedger({ journal });
  const untold = new UntoldNews(journal);
  const tracker = new ClientOrderTracker({
    clock: runtime.clock,
    logger: SILENT_LOGGER,
    journal,
    ledger,
    untold,
    emit: (name, event) => events.push({ name, event: { ...event } }),
    ...options,
  });
  tracker.restore(journal.restore((clientOrderId) => ledger.totals(clientOrderId)));
  untold.restore((news) => tracker.tellerOf(news));
  if (hears) untold.open();
  const names = () => events.map(({ name }) => name);
  return { store, journal, ledger, untold, tracker, events, names };
}

export function scene(options: Partial<ClientOrderTrackerOptions> = {}) {
  const world = new SimulatedWorld({ seed: 7, startMs: START_MS });
  const runtime = world.runtime();
  return { world, runtime, ...startProcess(runtime, options) };
}
