import type { Timers } from "../../../runtime/runtime.ts";
import { formatAmount } from "../../engine/amount.ts";
import type { EngineEvent, PositionView } from "../../engine/types.ts";
import { AccountHub, type AccountListener, eventsByAccount } from "../account-hub.ts";
import type { Subscriber } from "../subscriber.ts";
import { type AccountChanges, changesOf } from "./account-changes.ts";
import { balanceObject } from "./account-objects.ts";
import type { OkxContext } from "./context.ts";
import { COIN, familyOf, instIdOf, marketOf } from "./instruments.ts";
import { orderFrameObject } from "./order-objects.ts";
import type { OkxOrder, OrderPush } from "./orders.ts";
import { positionObject } from "./position-objects.ts";
import type { PrivateChannel, PrivateTopic } from "./topics.ts";
import { timeText, type WireObject, wireJson } from "./wire.ts";

type Listener = AccountListener<PrivateTopic, Subscriber>;

type EventType = "snapshot" | "event_update";

/** Pages of a snapshot, which is always one here; other messages have none (docs v5, account channel). */
const WHOLE = { curPage: 1, lastPage: true };

/** Private channels, and the frames for their listeners. */
export class PrivateHub {
  readonly listeners: AccountHub<PrivateTopic, Subscriber>;
  readonly #context: OkxContext;

  constructor(context: OkxContext, timers: Timers) {
    this.#context = context;
    this.listeners = new AccountHub(timers);
  }

  /** Counts the connections of an account that listen to a channel. */
  connectionCount(accountId: string, channel: PrivateChannel): number {
    const heard = this.listeners.of(accountId).filter(({ topic }) => topic.channel === channel);
    return new Set(heard.map(({ connection }) => connection)).size;
  }

  /** Sends the beginning of a channel; orders begin without a frame. */
  begin(listener: Listener): void {
    this.#sendState(listener, "snapshot");
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.listeners.isEmpty) return;
    for (const [accountId, own] of eventsByAccount(events, this.#context.hasAccount)) {
      const changes = changesOf(this.#context, own);
      for (const listener of this.listeners.of(accountId)) this.#tell(listener, changes);
    }
  }

  /** Sends a change of an order that no event of the engine tells of. */
  pushOrder(order: OkxOrder, push: OrderPush): void {
    const { accountId, market } = order.request;
    for (const listener of this.listeners.of(accountId)) {
      if (listener.topic.channel !== "orders" || !this.#concerns(listener.topic, market)) continue;
      this.#send(listener, [orderFrameObject(this.#context, order, push)]);
    }
  }

  #tell(listener: Listener, changes: AccountChanges): void {
    const { topic } = listener;
    switch (topic.channel) {
      case "orders":
        for (const { order, push } of changes.orders) {
          if (!this.#concerns(topic, order.request.market)) continue;
          this.#send(listener, [orderFrameObject(this.#context, order, push)]);
        }
        return;
      case "positions":
        if (changes.markets.size > 0) this.#sendPositions(listener, "event_update", changes.markets);
        return;
      case "account":
        if (changes.touchesAccount) this.#sendState(listener, "event_update");
        return;
      case "balance_and_position":
        if (changes.reason !== undefined) this.#sendBoth(listener, changes.reason, changes);
    }
  }

  #concerns(topic: PrivateTopic, name: string): boolean {
    const market = marketOf(this.#context.engine, name);
    return (
      !topic.isSilent &&
      (topic.instId === undefined || topic.instId === instIdOf(market)) &&
      (topic.instFamily === undefined || topic.instFamily === familyOf(market))
    );
  }

  #sendState(listener: Listener, eventType: EventType): void {
    const { topic, accountId } = listener;
    if (topic.channel === "account") {
      const account = this.#context.engine.account(accountId);
      if (account === undefined) return;
      const row = balanceObject(this.#context, account);
      const isWanted = topic.ccy === undefined || topic.ccy === COIN;
      this.#send(listener, [isWanted ? row : { ...row, details: [] }], eventType);
    } else if (topic.channel === "positions") {
      this.#sendPositions(listener, eventType);
    } else if (topic.channel === "balance_and_position") {
      this.#sendBoth(listener, "snapshot");
    }
    this.#armRepeat(listener);
  }

  #armRepeat(listener: Listener): void {
    const { repeatMs } = listener.topic;
    listener.timers.again(repeatMs === 0 ? undefined : repeatMs, () => this.#sendState(listener, "snapshot"));
  }

  /** Open positions; with `touched` those of these markets, what has become flat too. */
  #sendPositions(listener: Listener, eventType: EventType, touched?: ReadonlySet<string>): void {
    const { topic, accountId } = listener;
    const rows = this.#positions(accountId, touched).filter(({ market }) => this.#concerns(topic, market));
    if (rows.length === 0 && touched !== undefined) return;
    const data = rows.map((position) => positionObject(this.#context, accountId, position));
    this.#send(listener, data, eventType);
    this.#armRepeat(listener);
  }

  #positions(accountId: string, touched?: ReadonlySet<string>): readonly PositionView[] {
    const { engine } = this.#context;
    const names = touched === undefined ? engine.markets().map(({ spec }) => spec.market) : [...touched];
    return names
      .flatMap((market) => engine.positions(accountId, market))
      .filter(({ size, updatedMs }) => size !== 0n || (touched !== undefined && updatedMs > 0));
  }

  #sendBoth(listener: Listener, eventType: string, changes?: AccountChanges): void {
    const { engine, ids, now } = this.#context;
    const account = engine.account(listener.accountId);
    if (account === undefined) return;
    const uTime = timeText(now());
    const hasCash = changes === undefined || changes.hasCash;
    const posData = this.#positions(listener.accountId, changes?.markets).map((position) => {
      const { posId, tradeId, instId, instType, mgnMode, posSide, pos, ccy, posCcy, avgPx, uTime } = positionObject(
        this.#context,
        listener.accountId,
        position,
      );
      return { posId, tradeId, instId, instType, mgnMode, posSide, pos, ccy, posCcy, avgPx, uTime };
    });
    const trades = (changes?.fills ?? []).map((fill) => ({
      instId: instIdOf(marketOf(engine, fill.market)),
      tradeId: ids.trade(fill.tradeId),
    }));
    const balData = hasCash ? [{ ccy: COIN, cashBal: formatAmount(account.cash), uTime }] : [];
    this.#send(listener, [{ pTime: uTime, eventType, balData, posData, trades }]);
  }

  #send(listener: Listener, data: readonly WireObject[], eventType?: EventType): void {
    const { topic, connection, accountId } = listener;
    const uid = String(this.#context.accounts.identifier(accountId));
    const page = eventType === undefined ? {} : { eventType, ...(eventType === "snapshot" ? WHOLE : {}) };
    const text = wireJson({ arg: { ...topic.arg, uid }, ...page, data });
    const hasFill = topic.channel === "orders" && data.some(({ tradeId = "" }) => tradeId !== "");
    connection.send({ channel: topic.channel, market: null, account: accountId, hasFill, text });
  }
}
