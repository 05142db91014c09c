import { UNIT } from "../../engine/types.ts";
import { RollingWindow } from "../rolling-window.ts";
import { ActionRefusal, tooManyRequests } from "./errors.ts";
import { decimalText } from "./wire.ts";

const MINUTE_MS = 60_000;
/** Limit of an address on the network (docs, rate limits). */
const WEIGHT_A_MINUTE = 1_200;
const NEW_SOCKETS_A_MINUTE = 30;
const MAX_SOCKETS = 10;
const MAX_SUBSCRIPTIONS = 1_000;
const MAX_USERS = 10;
export const MESSAGES_A_MINUTE = 2_000;
const MAX_POSTS = 100;
/** Limits of an account: to begin with, and when it has used up those that it traded for. */
const FIRST_REQUESTS = 10_000;
const STARVED_MS = 10_000;
const EXTRA_CANCELS = 100_000;

interface Host {
  minute: number;
  weight: number;
  sockets: number;
  subscriptions: number;
  /** Posts that are not answered. */
  posts: number;
  readonly messages: RollingWindow;
  readonly newSockets: RollingWindow;
  /** Listeners by user. */
  readonly users: Map<string, number>;
}

interface Budget {
  used: number;
  lastMs: number;
}

/** Limits of hosts and of accounts; what is `off` lets all pass and only counts. */
export class RateLimiter {
  readonly isOn: boolean;
  readonly #hosts = new Map<string, Host>();
  readonly #budgets = new Map<string, Budget>();

  constructor(isOn: boolean) {
    this.isOn = isOn;
  }

  /** Throws the 429 when a host has used its weight of the minute up. */
  weigh(address: string, weight: number, nowMs: number): void {
    const host = this.#host(address);
    const minute = Math.floor(nowMs / MINUTE_MS);
    if (host.minute !== minute) [host.minute, host.weight] = [minute, 0];
    if (this.isOn && host.weight + weight > WEIGHT_A_MINUTE) throw tooManyRequests();
    host.weight += weight;
  }

  /** Adds the cost of an answer beside its request: its rows. */
  addWeight(address: string, weight: number): void {
    this.#host(address).weight += weight;
  }

  connect(address: string, nowMs: number): boolean {
    const host = this.#host(address);
    if (this.isOn && (host.sockets >= MAX_SOCKETS || host.newSockets.take(1, nowMs) < 0)) return false;
    host.sockets += 1;
    return true;
  }

  disconnect(address: string): void {
    this.#host(address).sockets -= 1;
  }

  /** Counts a message of any of the host's sockets; false where it is one too many. */
  message(address: string, nowMs: number): boolean {
    return !this.isOn || this.#host(address).messages.take(1, nowMs) >= 0;
  }

  /** Counts a post that is not answered yet; false where the host's sockets have too many of them. */
  beginPost(address: string): boolean {
    const host = this.#host(address);
    if (this.isOn && host.posts >= MAX_POSTS) return false;
    host.posts += 1;
    return true;
  }

  /** They are answered, or their socket has ended. */
  endPosts(address: string, count: number): void {
    this.#host(address).posts -= count;
  }

  /** Counts a subscription, of a user where it has one; returns why it is refused. */
  subscribe(address: string, user: string | undefined): string | undefined {
    const host = this.#host(address);
    if (this.isOn && host.subscriptions >= MAX_SUBSCRIPTIONS) {
      return `Cannot subscribe to more than ${MAX_SUBSCRIPTIONS} channels.`;
    }
    if (user !== undefined) {
      const count = host.users.get(user) ?? 0;
      if (this.isOn && count === 0 && host.users.size >= MAX_USERS) {
        return `Cannot track more than ${MAX_USERS} total users.`;
      }
      host.users.set(user, count + 1);
    }
    host.subscriptions += 1;
    return undefined;
  }

  unsubscribe(address: string, user: string | undefined): void {
    const host = this.#host(address);
    host.subscriptions -= 1;
    if (user === undefined) return;
    const count = (host.users.get(user) ?? 0) - 1;
    if (count > 0) host.users.set(user, count);
    else host.users.delete(user);
  }

  /** Requests that an account has used, and how many it may. */
  budget(accountId: string, volume: bigint): { readonly used: number; readonly cap: number } {
    return { used: this.#budgets.get(accountId)?.used ?? 0, cap: FIRST_REQUESTS + Number(volume / UNIT) };
  }

  /** Counts an action; throws when the account has none left. One more passes every ten seconds. */
  act(accountId: string, count: number, volume: bigint, isCancel: boolean, nowMs: number): void {
    const budget = this.#budgets.get(accountId) ?? { used: 0, lastMs: Number.NEGATIVE_INFINITY };
    this.#budgets.set(accountId, budget);
    const { cap } = this.budget(accountId, volume);
    const allowed = isCancel ? Math.min(cap + EXTRA_CANCELS, 2 * cap) : cap;
    const isStarved = budget.used + count > allowed && nowMs - budget.lastMs < STARVED_MS;
    if (this.isOn && isStarved) {
      throw new ActionRefusal(
        `Too many cumulative requests sent (${budget.used + count} > ${allowed}) for cumulative volume traded $${decimalText(volume)}. Place taker orders to free up 1 request per USDC traded.`,
      );
    }
    budget.used += count;
    budget.lastMs = nowMs;
  }

  #host(address: string): Host {
    const host = this.#hosts.get(address) ?? {
      ...{ minute: 0, weight: 0, sockets: 0, subscriptions: 0, posts: 0, users: new Map<string, number>() },
      messages: new RollingWindow(MESSAGES_A_MINUTE, MINUTE_MS),
      newSockets: new RollingWindow(NEW_SOCKETS_A_MINUTE, MINUTE_MS),
    };
    this.#hosts.set(address, host);
    return host;
  }
}
