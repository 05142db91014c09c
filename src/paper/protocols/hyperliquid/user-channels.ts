import type { Timers } from "../../../runtime/runtime.ts";
import type { EngineEvent } from "../../engine/types.ts";
import { AccountHub, type AccountListener, eventsByAccount } from "../account-hub.ts";
import type { Subscriber } from "../subscriber.ts";
import { type AccountChanges, changesOf } from "./account-changes.ts";
import { activeAssetData, clearinghouseState, ledgerRows } from "./account-objects.ts";
import type { HyperliquidContext } from "./context.ts";
import { aggregated, fillRow, fundingDelta } from "./fill-objects.ts";
import { frontendRow, openOrders, type ToldOrder, updateRow } from "./order-objects.ts";
import type { UserSubscription } from "./subscriptions.ts";
import { type WireObject, type WireValue, wireJson } from "./wire.ts";

/** States of an account go out this long after they changed: all of it each time. */
const STATE_CADENCE_MS = 200;
const MAX_ROWS = 500;

type Listener = AccountListener<UserSubscription, Subscriber, string | undefined>;

/** Channels of the accounts, and the frames for their listeners. Anybody may listen to anybody. */
export class UserHub {
  readonly listeners: AccountHub<UserSubscription, Subscriber, string | undefined>;
  readonly #context: HyperliquidContext;
  /** Number of changes of its money that each listener has been told. */
  readonly #ledgerRows = new WeakMap<Listener, number>();

  constructor(context: HyperliquidContext, timers: Timers) {
    this.#context = context;
    this.listeners = new AccountHub(timers);
  }

  /** Lists begin with what there was, states with what is. */
  subscribe(connection: Subscriber, subscription: UserSubscription): void {
    const accountId = this.#context.addresses.accountOf(subscription.user);
    const listener = this.listeners.add(connection, subscription, accountId);
    this.#ledgerRows.set(listener, accountId === undefined ? 0 : this.#context.facts.updates(accountId).length);
    const first = this.#first(listener);
    if (first !== undefined) this.#send(listener, subscription.type, first);
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.listeners.isEmpty) return;
    const changes = new Map<string, AccountChanges>();
    for (const [accountId, own] of eventsByAccount(events, this.#context.hasAccount)) {
      // The venue has one position mode: another one of the engine changes nothing that it tells.
      const heard = own.filter(({ type }) => type !== "positionModeChanged");
      if (heard.length > 0) changes.set(accountId, changesOf(this.#context, heard));
    }
    for (const listener of this.listeners.all()) {
      const own = listener.accountId === undefined ? undefined : changes.get(listener.accountId);
      if (own !== undefined) this.#tell(listener, own);
      if (listener.topic.type === "activeAssetData" && hasMark(listener, events)) this.#soon(listener);
    }
  }

  /**
   * Sends a change that no event of the engine tells: of an order that it refused, or of one that waits for the mark
   * price.
   */
  pushOrder(accountId: string, order: ToldOrder): void {
    for (const listener of this.listeners.of(accountId)) {
      const { type } = listener.topic;
      if (type === "orderUpdates") this.#send(listener, type, [updateRow(this.#context, order)]);
      else if (type === "openOrders") this.#soon(listener);
    }
  }

  #tell(listener: Listener, changes: AccountChanges): void {
    const { type } = listener.topic;
    switch (type) {
      case "orderUpdates":
        if (changes.orders.length > 0) {
          this.#send(
            listener,
            type,
            changes.orders.map((order) => updateRow(this.#context, order)),
          );
        }
        return;
      case "userFills":
        this.#tellFills(listener, changes);
        return;
      case "userEvents":
        this.#tellEvents(listener, changes);
        return;
      case "userFundings":
        if (changes.payments.length > 0) {
          this.#sendList(
            listener,
            "fundings",
            changes.payments.map((one) => this.#funding(one)),
          );
        }
        return;
      case "userNonFundingLedgerUpdates":
        this.#tellLedger(listener);
        return;
      default:
        if (type !== "notification") this.#soon(listener);
    }
  }

  #tellFills(listener: Listener, { fills }: AccountChanges): void {
    if (fills.length === 0) return;
    const told = listener.topic.isAggregated ? aggregated(fills) : fills;
    const rows = told.map((fill) => fillRow(this.#context, fill));
    this.#sendList(listener, "fills", rows, true);
  }

  /** Each kind of event in a frame of its own; the channel is called `user`. */
  #tellEvents(listener: Listener, { fills, payments, liquidations, canceled }: AccountChanges): void {
    const context = this.#context;
    if (fills.length > 0) this.#send(listener, "user", { fills: fills.map((fill) => fillRow(context, fill)) }, true);
    for (const payment of payments) this.#send(listener, "user", { funding: this.#funding(payment) });
    for (const liquidation of liquidations) this.#send(listener, "user", { liquidation });
    if (canceled.length > 0) this.#send(listener, "user", { nonUserCancel: canceled });
  }

  #tellLedger(listener: Listener): void {
    const rows = ledgerRows(this.#context, listener.accountId);
    const told = this.#ledgerRows.get(listener) ?? 0;
    if (rows.length <= told) return;
    this.#sendList(listener, "nonFundingLedgerUpdates", rows.slice(told));
    this.#ledgerRows.set(listener, rows.length);
  }

  #funding(payment: AccountChanges["payments"][number]): WireObject {
    return { time: Math.floor(payment.timeMs), ...fundingDelta(this.#context, payment) };
  }

  #soon(listener: Listener): void {
    listener.timers.soon(STATE_CADENCE_MS, () => {
      const data = this.#first(listener);
      if (data !== undefined) this.#send(listener, listener.topic.type, data);
    });
  }

  /** First content of a channel, which is also the content of each frame where the channel tells a state. */
  #first({ topic, accountId }: Listener): WireValue | undefined {
    const { engine } = this.#context;
    const { type, user, asset, isAggregated } = topic;
    const context = this.#context;
    const snapshot = { isSnapshot: true, user };
    switch (type) {
      case "userFills": {
        const fills = accountId === undefined ? [] : engine.fills(accountId).slice(-MAX_ROWS);
        const rows = (isAggregated ? aggregated(fills) : fills).toReversed();
        return { ...snapshot, fills: rows.map((fill) => fillRow(context, fill)) };
      }
      case "userFundings": {
        const payments = accountId === undefined ? [] : engine.fundingPayments(accountId).slice(-MAX_ROWS);
        return { ...snapshot, fundings: payments.map((payment) => this.#funding(payment)) };
      }
      case "userNonFundingLedgerUpdates":
        return { ...snapshot, nonFundingLedgerUpdates: ledgerRows(context, accountId).slice(-MAX_ROWS) };
      case "clearinghouseState":
        return { dex: "", user, clearinghouseState: clearinghouseState(context, accountId) };
      case "openOrders": {
        const orders = accountId === undefined ? [] : openOrders(context, accountId);
        return { dex: "", user, orders: orders.map((order) => frontendRow(context, order)) };
      }
      case "activeAssetData":
        return asset === undefined ? undefined : { user, ...activeAssetData(context, accountId, asset) };
      default:
        return undefined;
    }
  }

  #sendList(listener: Listener, name: string, rows: readonly WireObject[], hasFill = false): void {
    const { type, user } = listener.topic;
    this.#send(listener, type, { user, [name]: rows }, hasFill);
  }

  #send({ connection, accountId }: Listener, channel: string, data: WireValue, hasFill = false): void {
    const text = wireJson({ channel, data });
    const account = accountId ?? "";
    connection.send({ channel, market: null, account, hasFill, text });
  }
}

function hasMark({ topic }: Listener, events: readonly EngineEvent[]): boolean {
  return events.some((event) => event.type === "markChanged" && event.market === topic.asset?.market);
}
