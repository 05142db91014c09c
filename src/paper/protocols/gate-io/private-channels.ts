import type { Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent, FillView, OrderView } from "../../engine/types.ts";
import { AccountHub, eventsByAccount } from "../account-hub.ts";
import { concernedMarkets } from "../concerned-markets.ts";
import { envelope } from "./books.ts";
import type { GateContext } from "./context.ts";
import { contractOf, marketOf, type SizeForm } from "./contracts.ts";
import { fillFrameObject, orderFrameObject } from "./order-objects.ts";
import { forcedObject } from "./position-history.ts";
import { positionFrameObject } from "./position-objects.ts";
import { priceOrderObject } from "./price-order-routes.ts";
import type { PriceOrder } from "./price-orders.ts";
import type { GateSubscriber } from "./public-channels.ts";
import type { PrivateTopic } from "./topics.ts";
import { amountNumber, type WireObject, wholeSeconds, wireJson } from "./wire.ts";

type CashChange = Extract<EngineEvent, { type: "cashChanged" }>;

interface BalanceChange {
  readonly event: CashChange;
  readonly text: string;
}

/** Changes of an account by one command of the engine. */
interface AccountChanges {
  /** Orders by id, in the state after the command, and those that were made by it. */
  readonly orders: Map<number, OrderView>;
  readonly newOrders: Set<number>;
  readonly fills: FillView[];
  readonly markets: Set<string>;
  readonly balances: BalanceChange[];
  readonly forced: Extract<EngineEvent, { type: "liquidated" | "deleveraged" }>[];
}

/** A row and the market that it is of; undefined where it is of none. */
interface Row {
  readonly market: string | undefined;
  object(form: SizeForm): WireObject;
}

const BALANCE_TYPES: Readonly<Record<CashChange["reason"], string>> = {
  trade: "pnl",
  fee: "fee",
  funding: "fund",
  liquidation: "pnl",
  deposit: "dnw",
  insurance: "cross_settle",
};

/** Private channels, and the frames that their listeners get. A subscription begins with nothing. */
export class PrivateHub {
  readonly listeners: AccountHub<PrivateTopic, GateSubscriber, string | undefined>;
  readonly #context: GateContext;

  constructor(context: GateContext, timers: Timers) {
    this.#context = context;
    this.listeners = new AccountHub(timers);
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.listeners.isEmpty) return;
    for (const [accountId, own] of eventsByAccount(events, this.#context.hasAccount)) {
      this.#tell(accountId, this.#changesOf(own));
    }
  }

  /** Tells of an order that waits for a price. */
  onPriceOrder(order: PriceOrder): void {
    const object = (form: SizeForm) => priceOrderObject(this.#context, order, form);
    this.#send(order.accountId, "autoorders", [{ market: order.market, object }]);
  }

  #tell(accountId: string, changes: AccountChanges): void {
    const context = this.#context;
    const orders = [...changes.orders.values()].filter(({ orderId }) => !context.notes.isHidden(orderId));
    const rows = orders.map((order) => {
      const isNew = changes.newOrders.has(order.orderId);
      const made = once((form: SizeForm) => orderFrameObject(context, order, isNew, form));
      return { market: order.market, object: made };
    });
    this.#send(accountId, "orders", rows);
    const fills = changes.fills.map((fill) => ({
      market: fill.market,
      object: (form: SizeForm) => fillFrameObject(context, fill, form),
    }));
    this.#send(accountId, "usertrades", fills);
    const positions = [...changes.markets].flatMap((market) =>
      context.engine.positions(accountId, market).map((position) => ({
        market,
        object: (form: SizeForm) => positionFrameObject(context, accountId, position, form),
      })),
    );
    this.#send(accountId, "positions", positions);
    const balances = changes.balances.map((change) => ({
      market: undefined,
      object: () => this.#balance(accountId, change),
    }));
    this.#send(accountId, "balances", balances);
    for (const forced of changes.forced) {
      const told = { ...forced, timeMs: context.now(), leftSize: 0n };
      const object = (form: SizeForm) => forcedObject({ context, form }, told);
      const channel = forced.type === "liquidated" ? "liquidates" : "auto_deleverages";
      this.#send(accountId, channel, [{ market: forced.market, object }]);
    }
  }

  #balance(accountId: string, { event, text }: BalanceChange): WireObject {
    const nowMs = this.#context.now();
    return {
      balance: amountNumber(event.cash),
      change: amountNumber(event.change),
      text,
      time: wholeSeconds(nowMs),
      time_ms: Math.floor(nowMs),
      type: BALANCE_TYPES[event.reason],
      user: String(this.#context.accounts.identifier(accountId)),
      currency: "usdt",
    };
  }

  #changesOf(events: readonly EngineEvent[]): AccountChanges {
    const changes: AccountChanges = {
      ...{ orders: new Map(), newOrders: new Set(), fills: [], markets: new Set(), balances: [], forced: [] },
    };
    for (const event of events) this.#collect(changes, event);
    return changes;
  }

  #collect(changes: AccountChanges, event: EngineEvent): void {
    switch (event.type) {
      case "orderAccepted":
      case "orderOpened":
      case "orderChanged":
      case "orderAmended":
      case "orderClosed":
        if (event.type === "orderAccepted") changes.newOrders.add(event.order.orderId);
        changes.orders.set(event.order.orderId, event.order);
        return;
      case "fill":
        changes.fills.push(event.fill);
        return;
      case "positionChanged":
        changes.markets.add(event.position.market);
        return;
      case "fundingPaid":
        changes.markets.add(event.payment.market);
        return;
      case "leverageChanged":
      case "marginModeChanged":
        for (const market of concernedMarkets(this.#context.engine, event)) changes.markets.add(market);
        return;
      case "cashChanged":
        changes.balances.push({ event, text: this.#balanceText(event, changes) });
        return;
      case "liquidated":
      case "deleveraged":
        changes.forced.push(event);
    }
  }

  /** Names the contract and the order behind a change of a trade. */
  #balanceText({ reason }: CashChange, { fills, markets }: AccountChanges): string {
    const { engine, ids } = this.#context;
    const fill = reason === "trade" || reason === "fee" ? fills.at(-1) : undefined;
    if (fill !== undefined) return `${contractOf(marketOf(engine, fill.market))}:${ids.order(fill.orderId)}`;
    const [market] = reason === "funding" ? markets : [];
    return market === undefined ? "" : contractOf(marketOf(engine, market));
  }

  /** Sends all rows of one command in one frame. */
  #send(accountId: string, channel: string, rows: readonly Row[]): void {
    for (const { connection, topic } of this.listeners.of(accountId)) {
      if (topic.channel !== channel) continue;
      const wanted = rows.filter(({ market }) => topic.market === undefined || market === topic.market);
      if (wanted.length === 0) continue;
      const result = wanted.map(({ object }) => object(connection.form));
      const text = wireJson(envelope(channel, "update", result, this.#context.now()));
      connection.send({ channel, market: null, account: accountId, hasFill: channel === "usertrades", text });
    }
  }
}

/** An order's update has one number, however many hear of it. */
function once(make: (form: SizeForm) => WireObject): (form: SizeForm) => WireObject {
  const made = new Map<SizeForm, WireObject>();
  return (form) => {
    const object = made.get(form) ?? make(form);
    made.set(form, object);
    return object;
  };
}
