import type { Timers } from "../../../runtime/runtime.ts";
import type { AccountView, EngineEvent } from "../../engine/types.ts";
import { AccountHub, eventsByAccount } from "../account-hub.ts";
import type { Execution } from "../account-ledger.ts";
import { concernedMarkets } from "../concerned-markets.ts";
import type { Subscriber } from "../subscriber.ts";
import { coinObjects, otherCoinObject, walletObject } from "./account-objects.ts";
import type { BybitContext } from "./context.ts";
import { type BybitOrder, executionFrameObject, fastExecutionObject, orderFrameObject } from "./order-objects.ts";
import { positionFrameObject } from "./position-objects.ts";
import type { PrivateChannel, PrivateTopic } from "./topics.ts";
import { type WireObject, wireJson } from "./wire.ts";

const FILL_CHANNELS: ReadonlySet<PrivateChannel> = new Set(["execution", "execution.fast"]);

/** Changes of one command of the engine to an account. */
interface AccountChanges {
  /** Orders by id, in the state after the command. */
  readonly orders: Map<string, BybitOrder>;
  readonly markets: Set<string>;
  hasWallet: boolean;
}

/** Private topics, and the frames for their listeners. */
export class PrivateHub {
  readonly listeners: AccountHub<PrivateTopic, Subscriber>;
  readonly #context: BybitContext;

  constructor(context: BybitContext, timers: Timers) {
    this.#context = context;
    this.listeners = new AccountHub(timers);
  }

  onEvents(events: readonly EngineEvent[], executions: ReadonlyMap<string, readonly Execution[]>): void {
    if (this.listeners.isEmpty) return;
    for (const [accountId, own] of eventsByAccount(events, this.#context.hasAccount)) {
      const { orders, markets, hasWallet } = this.#changesOf(own);
      const rows = [...orders.values()];
      this.#send("order", accountId, () => rows.map((order) => orderFrameObject(this.#context, order)));
      this.#sendExecutions(accountId, executions.get(accountId) ?? []);
      this.#send("position", accountId, () => this.#positions(accountId, markets));
      if (hasWallet) this.#sendWallet(accountId);
    }
  }

  /** Sends an order that the engine never took, or sends one again. */
  sendOrder(order: BybitOrder, changes: WireObject = {}): void {
    this.#send("order", order.request.accountId, () => [{ ...orderFrameObject(this.#context, order), ...changes }]);
  }

  #changesOf(events: readonly EngineEvent[]): AccountChanges {
    const changes: AccountChanges = { orders: new Map(), markets: new Set(), hasWallet: false };
    for (const event of events) this.#collect(changes, event);
    return changes;
  }

  #collect(changes: AccountChanges, event: EngineEvent): void {
    switch (event.type) {
      case "orderAccepted":
      case "orderOpened":
      case "orderChanged":
      case "orderAmended":
      case "orderClosed": {
        const order = this.#context.orders.byEngineId(event.order.orderId);
        if (order === undefined) return;
        changes.orders.set(order.orderId, order);
        changes.markets.add(event.order.market);
        changes.hasWallet = true;
        return;
      }
      case "positionChanged":
        changes.markets.add(event.position.market);
        return;
      case "fundingPaid":
        changes.markets.add(event.payment.market);
        return;
      case "leverageChanged":
      case "positionModeChanged":
      case "marginModeChanged":
        for (const market of concernedMarkets(this.#context.engine, event)) changes.markets.add(market);
        return;
      case "cashChanged":
        changes.hasWallet = true;
    }
  }

  #sendExecutions(accountId: string, executions: readonly Execution[]): void {
    const full = () => executions.map((execution) => executionFrameObject(this.#context, execution));
    this.#send("execution", accountId, full);
    const fast = () =>
      executions.map((execution) => fastExecutionObject(this.#context, execution)).filter((row) => row !== undefined);
    this.#send("execution.fast", accountId, fast);
  }

  #positions(accountId: string, markets: ReadonlySet<string>): readonly WireObject[] {
    const { engine } = this.#context;
    return [...markets]
      .flatMap((market) => engine.positions(accountId, market))
      .map((position) => positionFrameObject(this.#context, position));
  }

  #sendWallet(accountId: string): void {
    this.#sendWalletOf(accountId, coinObjects);
  }

  /** A push has the coins that changed; its totals are of all (docs v5, websocket wallet). */
  sendOtherCoin(accountId: string, coin: string): void {
    const amount = this.#context.otherCoins.of(accountId).find(([name]) => name === coin)?.[1] ?? 0n;
    this.#sendWalletOf(accountId, () => [otherCoinObject(coin, amount)]);
  }

  #sendWalletOf(accountId: string, coinsOf: (account: AccountView) => readonly WireObject[]): void {
    const { engine, otherCoins } = this.#context;
    this.#send("wallet", accountId, () => {
      const account = engine.account(accountId);
      return account === undefined ? [] : [walletObject(account, otherCoins.usdValue(accountId), coinsOf(account))];
    });
  }

  #send(channel: PrivateChannel, accountId: string, rows: () => readonly WireObject[]): void {
    const isWanted = ({ topic }: { readonly topic: PrivateTopic }) => topic.channel === channel && !topic.isSilent;
    const listeners = this.listeners.of(accountId).filter(isWanted);
    const data = listeners.length === 0 ? [] : rows();
    if (data.length === 0) return;
    const { accounts, ids, now } = this.#context;
    for (const { connection, topic } of listeners) {
      // The fast topic's frames have no id (docs v5, fast execution).
      const id = channel === "execution.fast" ? {} : { id: ids.nextMessage(accounts.identifier(accountId)) };
      const text = wireJson({ ...id, topic: topic.key, creationTime: Math.floor(now()), data });
      connection.send({ channel, market: null, account: accountId, hasFill: FILL_CHANNELS.has(channel), text });
    }
  }
}
