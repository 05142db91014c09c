import type { Timer, Timers } from "../../../runtime/runtime.ts";
import { formatAmount } from "../../engine/amount.ts";
import type { EngineEvent, PositionView } from "../../engine/types.ts";
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

interface Listener {
  readonly connection: Subscriber;
  readonly topic: PrivateTopic;
  readonly accountId: string;
  readonly uid: string;
  timer: Timer | undefined;
}

type EventType = "snapshot" | "event_update";

/** Pages of a snapshot, which is always one here; other messages have none (docs v5, account channel). */
const WHOLE = { curPage: 1, lastPage: true };

/** Hub of the private channels, their listeners, and the frames for them. */
export class PrivateHub {
  readonly #context: OkxContext;
  readonly #timers: Timers;
  readonly #listeners = new Set<Listener>();

  constructor(context: OkxContext, timers: Timers) {
    this.#context = context;
    this.#timers = timers;
  }

  /** Counts the connections of an account that listen to a channel. */
  connectionCount(accountId: string, channel: PrivateChannel): number {
    const heard = [...this.#listeners].filter(
      (listener) => listener.accountId === accountId && listener.topic.channel === channel,
    );
    return new Set(heard.map(({ connection }) => connection)).size;
  }

  add(connection: Subscriber, topic: PrivateTopic, accountId: string): void {
    this.remove(connection, topic);
    const uid = String(this.#context.accounts.identifier(accountId));
    this.#listeners.add({ connection, topic, accountId, uid, timer: undefined });
  }

  /** Sends the beginning of a channel; orders begin without a frame. */
  begin(connection: Subscriber, topic: PrivateTopic): void {
    const listener = [...this.#listeners].find((one) => one.connection === connection && one.topic === topic);
    if (listener !== undefined) this.#sendState(listener, "snapshot");
  }

  remove(connection: Subscriber, topic?: PrivateTopic): void {
    for (const listener of this.#listeners) {
      if (listener.connection !== connection || (topic !== undefined && listener.topic.key !== topic.key)) continue;
      listener.timer?.cancel();
      this.#listeners.delete(listener);
    }
  }

  onEvents(events: readonly EngineEvent[]): void {
    for (const [accountId, changes] of changesOf(this.#context, events)) {
      for (const listener of this.#listeners) if (listener.accountId === accountId) this.#tell(listener, changes);
    }
  }

  /** Sends a change of an order that no event of the engine tells of. */
  pushOrder(order: OkxOrder, push: OrderPush): void {
    for (const listener of this.#listeners) {
      if (listener.accountId !== order.request.accountId || listener.topic.channel !== "orders") continue;
      if (!this.#concerns(listener.topic, order.request.market)) continue;
      this.#send(listener, [orderFrameObject(this.#context, order, push)]);
    }
  }

  stop(): void {
    for (const { timer } of this.#listeners) timer?.cancel();
    this.#listeners.clear();
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
    listener.timer?.cancel();
    if (repeatMs === 0) return;
    const run = () => this.#sendState(listener, "snapshot");
    listener.timer = this.#timers.after(repeatMs, run, { background: true });
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
    const { topic, uid, connection, accountId } = listener;
    const page = eventType === undefined ? {} : { eventType, ...(eventType === "snapshot" ? WHOLE : {}) };
    const text = wireJson({ arg: { ...topic.arg, uid }, ...page, data });
    const hasFill = topic.channel === "orders" && data.some(({ tradeId = "" }) => tradeId !== "");
    connection.send({ channel: topic.channel, market: null, account: accountId, hasFill, text });
  }
}
