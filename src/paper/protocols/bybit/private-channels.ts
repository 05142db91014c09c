import type { AccountView, EngineEvent } from "../../engine/types.ts";
import type { Execution } from "../account-ledger.ts";
import { concernedMarkets } from "../concerned-markets.ts";
import type { AccountSubscriber } from "../subscriber.ts";
import { coinObjects, otherCoinObject, walletObject } from "./account-objects.ts";
import type { BybitContext } from "./context.ts";
import { type BybitOrder, executionFrameObject, fastExecutionObject, orderFrameObject } from "./order-objects.ts";
import { positionFrameObject } from "./position-objects.ts";
import type { PrivateChannel } from "./topics.ts";
import { type WireObject, wireJson } from "./wire.ts";

const FILL_CHANNELS: ReadonlySet<PrivateChannel> = new Set(["execution", "execution.fast"]);

/** Changes of one command of the engine to an account. */
interface AccountChanges {
  /** Orders by id, in the state after the command. */
  readonly orders: Map<string, BybitOrder>;
  readonly markets: Set<string>;
  hasWallet: boolean;
}

interface PrivateSubscriber extends AccountSubscriber {
  /** The number of its account. */
  readonly identifier: number;
  /** The forms under which it listens to a channel. */
  topicsOf(channel: PrivateChannel): readonly string[];
}

/** Hub of the private topics, their listeners, and the frames for them. */
export class PrivateHub {
  readonly #context: BybitContext;
  readonly #connections = new Set<PrivateSubscriber>();

  constructor(context: BybitContext) {
    this.#context = context;
  }

  add(connection: PrivateSubscriber): void {
    this.#connections.add(connection);
  }

  remove(connection: PrivateSubscriber): void {
    this.#connections.delete(connection);
  }

  onEvents(events: readonly EngineEvent[], executions: ReadonlyMap<string, readonly Execution[]>): void {
    const changed = new Map<string, AccountChanges>();
    for (const event of events) this.#collect(changed, event);
    for (const [accountId, { orders, markets, hasWallet }] of changed) {
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

  #collect(changed: Map<string, AccountChanges>, event: EngineEvent): void {
    switch (event.type) {
      case "orderAccepted":
      case "orderOpened":
      case "orderChanged":
      case "orderAmended":
      case "orderClosed": {
        const order = this.#context.orders.byEngineId(event.order.orderId);
        if (order === undefined) return;
        const changes = changesOf(changed, event.order.accountId);
        changes.orders.set(order.orderId, order);
        changes.markets.add(event.order.market);
        changes.hasWallet = true;
        return;
      }
      case "positionChanged":
        this.#touch(changed, event.accountId)?.markets.add(event.position.market);
        return;
      case "fundingPaid":
        this.#touch(changed, event.payment.accountId)?.markets.add(event.payment.market);
        return;
      case "leverageChanged":
      case "positionModeChanged":
      case "marginModeChanged":
        for (const market of concernedMarkets(this.#context.engine, event)) {
          this.#touch(changed, event.accountId)?.markets.add(market);
        }
        return;
      case "cashChanged": {
        const changes = this.#touch(changed, event.accountId);
        if (changes !== undefined) changes.hasWallet = true;
      }
    }
  }

  #touch(changed: Map<string, AccountChanges>, accountId: string): AccountChanges | undefined {
    return this.#context.accounts.has(accountId) ? changesOf(changed, accountId) : undefined;
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
    const listeners = [...this.#connections].filter((connection) => connection.accountId === accountId);
    if (listeners.length === 0) return;
    let data: readonly WireObject[] | undefined;
    for (const connection of listeners) {
      for (const topic of connection.topicsOf(channel)) {
        data ??= rows();
        if (data.length === 0) return;
        const creationTime = Math.floor(this.#context.now());
        // The fast topic's frames have no id (docs v5, fast execution).
        const id = channel === "execution.fast" ? {} : { id: this.#context.ids.nextMessage(connection.identifier) };
        const text = wireJson({ ...id, topic, creationTime, data });
        connection.send({ channel, market: null, account: accountId, hasFill: FILL_CHANNELS.has(channel), text });
      }
    }
  }
}

function changesOf(changed: Map<string, AccountChanges>, accountId: string): AccountChanges {
  let changes = changed.get(accountId);
  if (changes === undefined) {
    changes = { orders: new Map(), markets: new Set(), hasWallet: false };
    changed.set(accountId, changes);
  }
  return changes;
}
