import { OrderCollateral } from "../../src/connector/order-collateral.ts";
import type { OrderUpdate, TradeUpdate } from "../../src/model/account-update.ts";
import { decimal } from "../../src/model/decimal.ts";
import { flatFee, type TradeFeeSchema } from "../../src/model/fee.ts";
import type { TradingRule } from "../../src/model/market.ts";
import type { OrderToPlace, VenueOrder } from "../../src/model/order.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import { ClientOrderTracker, type ClientOrderTrackerOptions } from "../../src/trading/client-order-tracker.ts";
import { FillLedger } from "../../src/trading/fill-ledger.ts";
import { OrderJournal } from "../../src/trading/order-journal.ts";
import { UntoldNews } from "../../src/trading/untold-news.ts";

export const PAIR = "BTC-USD";
export const runtime = nodeRuntime();

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

const FEES: TradeFeeSchema = {
  makerPercentFee: decimal("0.0002"),
  takerPercentFee: decimal("0.0005"),
  makerFixedFees: [],
  takerFixedFees: [],
  buyPercentFeeDeductedFromReturns: false,
};

/** Tracker, ledger, journal in memory and sums of open orders, as one process of a connector has them. */
export function startProcess(
  options: Partial<ClientOrderTrackerOptions> = {},
  store = runtime.journals.open(":memory:"),
) {
  const journal = new OrderJournal({
    store,
    connectorName: "bench_perpetual",
    accountKey: "a1",
    random: runtime.random,
    logger: SILENT_LOGGER,
  });
  const ledger = new FillLedger({ journal });
  const untold = new UntoldNews(journal);
  const collateral = new OrderCollateral({
    isRealTimeBalance: true,
    hasServerTime: true,
    now: () => runtime.clock.now(),
    rule: () => RULE,
    leverage: () => decimal("10"),
    feeSchema: () => FEES,
    netNotional: () => decimal("0"),
    takerPrice: () => decimal("20000"),
  });
  const tracker: ClientOrderTracker = new ClientOrderTracker({
    clock: runtime.clock,
    logger: SILENT_LOGGER,
    journal,
    ledger,
    untold,
    emit: () => undefined,
    onOrderChanged: (order) => collateral.note(order),
    ...options,
  });
  tracker.restore(journal.restore((clientOrderId) => ledger.totals(clientOrderId)));
  untold.restore((news) => tracker.tellerOf(news));
  untold.open();
  return { store, journal, ledger, tracker, untold, collateral };
}

export type Process = ReturnType<typeof startProcess>;

export function limitBuy(clientOrderId: string, changes: Partial<OrderToPlace> = {}): OrderToPlace {
  return {
    clientOrderId,
    tradingPair: PAIR,
    side: "buy",
    type: "limit",
    amount: decimal("1"),
    price: decimal("20000"),
    timeInForce: "GTC",
    reduceOnly: false,
    positionAction: "open",
    positionMode: "oneWay",
    leverage: decimal("10"),
    ...changes,
  };
}

export function orderUpdate(id: string | number, state: OrderUpdate["state"], executed = "0"): OrderUpdate {
  const executedAmount = decimal(executed);
  return { ...namesOf(id), type: "order", tradingPair: PAIR, state, executedAmount, timestampMs: runtime.clock.now() };
}

const namesOf = (id: string | number) => ({
  clientOrderId: `c${id}`,
  exchangeOrderId: typeof id === "number" ? String(1_000_000 + id) : `e${id}`,
});

export function trade(id: string | number, fillId: string, amount: string): TradeUpdate {
  return {
    ...namesOf(id),
    type: "trade",
    fillId,
    tradingPair: PAIR,
    side: "buy",
    price: decimal("20000"),
    amount: decimal(amount),
    fee: flatFee("USD", decimal("0.05")),
    isMaker: true,
    timestampMs: runtime.clock.now(),
  };
}

/** An order as a venue lists it. */
export function listed(id: string | number, changes: Partial<VenueOrder> = {}): VenueOrder {
  return {
    ...namesOf(id),
    tradingPair: PAIR,
    side: "buy",
    type: "limit",
    price: decimal("20000"),
    amount: decimal("1"),
    executedAmount: decimal("0"),
    reduceOnly: false,
    state: "open",
    timestampMs: 1_700_000_000_000,
    ...changes,
  };
}

/** Makes `count` orders that rest at the venue, from number `from` on. */
export function open({ tracker, journal }: Process, count: number, from = 0): void {
  journal.batch(() => {
    for (let number = from; number < from + count; number += 1) {
      tracker.startTracking(limitBuy(`c${number}`));
      tracker.apply(orderUpdate(number, "open"));
    }
  });
}

/** The whole life of an order that is filled at once. */
export function live({ tracker }: Process, id: string | number): void {
  tracker.startTracking(limitBuy(`c${id}`));
  tracker.apply(orderUpdate(id, "open"));
  tracker.apply(trade(id, `f${id}`, "1"));
  tracker.apply(orderUpdate(id, "filled", "1"));
}
