import type { Timers } from "../../runtime/runtime.ts";
import type { EngineEvent } from "../engine/types.ts";
import type { NamedTopic } from "./channel-hub.ts";
import { SendTimers } from "./send-timers.ts";

/** Topic of an account that one connection listens to. */
export interface AccountListener<Topic extends NamedTopic, Connection, Account = string> {
  readonly connection: Connection;
  readonly topic: Topic;
  readonly accountId: Account;
  readonly timers: SendTimers;
}

/**
 * Listeners to the channels of accounts. Where a client may name accounts that there are not, `Account` may be undefined:
 * such a listener is never told anything.
 */
export class AccountHub<Topic extends NamedTopic, Connection, Account extends string | undefined = string> {
  readonly #timers: Timers;
  readonly #listeners = new Set<AccountListener<Topic, Connection, Account>>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0;
  }

  /** Adds a listener in the place of the same connection's to the same topic. */
  add(connection: Connection, topic: Topic, accountId: Account): AccountListener<Topic, Connection, Account> {
    this.remove(connection, topic.key);
    const listener = { connection, topic, accountId, timers: new SendTimers(this.#timers) };
    this.#listeners.add(listener);
    return listener;
  }

  /** Removes a connection's listener to one topic, or all that it has. */
  remove(connection: Connection, key?: string): void {
    for (const listener of this.#listeners) {
      if (listener.connection !== connection || (key !== undefined && listener.topic.key !== key)) continue;
      listener.timers.stop();
      this.#listeners.delete(listener);
    }
  }

  all(): Iterable<AccountListener<Topic, Connection, Account>> {
    return this.#listeners;
  }

  /** Listeners to an account, in the order in which they came. */
  of(accountId: string): readonly AccountListener<Topic, Connection, Account>[] {
    return [...this.#listeners].filter((listener) => listener.accountId === accountId);
  }

  stop(): void {
    for (const { timers } of this.#listeners) timers.stop();
    this.#listeners.clear();
  }
}

/** Account that hears of an event; undefined for events of markets, and where there is nothing to tell. */
function accountOf(event: EngineEvent): string | undefined {
  if (event.type === "ordersForgotten") return undefined;
  if ("accountId" in event) return event.accountId;
  if ("order" in event) return event.order.accountId;
  if ("fill" in event) return event.fill.accountId;
  return "payment" in event ? event.payment.accountId : undefined;
}

/** Events by the account that hears of them, those of other accounts left out. */
export function eventsByAccount(
  events: readonly EngineEvent[],
  hasAccount: (accountId: string) => boolean,
): ReadonlyMap<string, readonly EngineEvent[]> {
  const byAccount = new Map<string, EngineEvent[]>();
  for (const event of events) {
    const accountId = accountOf(event);
    if (accountId === undefined) continue;
    const known = byAccount.get(accountId);
    if (known !== undefined) known.push(event);
    else if (hasAccount(accountId)) byAccount.set(accountId, [event]);
  }
  return byAccount;
}
