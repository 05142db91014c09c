import { DEFAULT_ENDED_ORDERS_KEPT } from "../../engine/retention.ts";
import type { EngineEvent, MarketView } from "../../engine/types.ts";
import { GateError, orderNotFound } from "./errors.ts";

export type TriggerPrice = "last" | "mark" | "index";
export type PriceOrderEnd = "cancelled" | "succeeded" | "failed" | "expired";

/** An order that waits for a price. */
export interface PriceOrder {
  readonly id: number;
  readonly accountId: string;
  readonly market: string;
  readonly price: bigint;
  readonly priceOf: TriggerPrice;
  /** True where it waits for a price as high as that, false for one as low. */
  readonly waitsForRise: boolean;
  readonly expiresMs: number;
  /** Request of the order, as it is shown again. */
  readonly initial: Readonly<Record<string, string | boolean>>;
  readonly trigger: Readonly<Record<string, string | number>>;
  readonly orderType: string;
  readonly createdMs: number;
  readonly end: PriceOrderEnd | null;
  readonly endedMs: number;
  /** The engine's id of the order that it made. */
  readonly orderId: number | null;
  /** Reason why it made none. */
  readonly reason: string;
}

type Changing = { -readonly [Key in keyof PriceOrder]: PriceOrder[Key] };

export interface PriceOrderPorts {
  /** Number of ended ones of all accounts that are remembered. */
  readonly kept?: number | undefined;
  nextId(): number;
  now(): number;
  /** Makes the order whose price has come; resolves to the engine's id of it, or rejects with Gate's refusal. */
  place(order: PriceOrder): Promise<number>;
  onChanged(order: PriceOrder): void;
}

export type NewPriceOrder = Pick<
  PriceOrder,
  "accountId" | "market" | "price" | "priceOf" | "waitsForRise" | "expiresMs" | "initial" | "trigger" | "orderType"
>;

const priceOf = ({ mark, index, last }: MarketView, kind: TriggerPrice): bigint =>
  kind === "mark" ? mark : kind === "index" ? index : (last ?? mark);

/** Orders that wait for the last price, the mark or the index. */
export class PriceOrderDesk {
  readonly #ports: PriceOrderPorts;
  /** Orders by id, oldest first. */
  readonly #orders = new Map<number, Changing>();
  readonly #open = new Set<Changing>();
  readonly #ended: number[] = [];

  constructor(ports: PriceOrderPorts) {
    this.#ports = ports;
  }

  /** Throws where the price has come already. */
  place(wish: NewPriceOrder, market: MarketView): PriceOrder {
    const present = priceOf(market, wish.priceOf);
    if (wish.waitsForRise && wish.price <= present) {
      throw new GateError(400, "AUTO_TRIGGER_PRICE_LESS_LAST", "trigger price is below the present one");
    }
    if (!wish.waitsForRise && wish.price >= present) {
      throw new GateError(400, "AUTO_TRIGGER_PRICE_GREATE_LAST", "trigger price is above the present one");
    }
    const none = { end: null, endedMs: 0, orderId: null, reason: "" };
    const order: Changing = { ...wish, ...none, id: this.#ports.nextId(), createdMs: this.#ports.now() };
    this.#orders.set(order.id, order);
    this.#open.add(order);
    this.#ports.onChanged(order);
    return order;
  }

  find(accountId: string, id: string): PriceOrder {
    const order = this.#orders.get(Number(id));
    if (order === undefined || order.accountId !== accountId) throw orderNotFound();
    return order;
  }

  cancel(accountId: string, id: string): PriceOrder {
    const order = this.#orders.get(Number(id));
    if (order === undefined || order.accountId !== accountId || order.end !== null) throw orderNotFound();
    this.#finish(order, "cancelled");
    return order;
  }

  /** Lists an account's orders, newest first. */
  all(accountId: string): readonly PriceOrder[] {
    return [...this.#orders.values()].filter((order) => order.accountId === accountId).toReversed();
  }

  onEvents(events: readonly EngineEvent[]): void {
    if (this.#open.size === 0) return;
    for (const event of events) {
      if (event.type === "trade") this.#onPrice(event.trade.market, { last: event.trade.price });
      else if (event.type === "markChanged") this.#onPrice(event.market, { mark: event.mark, index: event.index });
    }
  }

  #onPrice(market: string, prices: Partial<Record<TriggerPrice, bigint>>): void {
    for (const order of [...this.#open]) {
      if (order.market !== market) continue;
      const price = prices[order.priceOf];
      if (this.#ports.now() >= order.expiresMs) this.#finish(order, "expired");
      else if (price !== undefined && (order.waitsForRise ? price >= order.price : price <= order.price)) {
        this.#trigger(order);
      }
    }
  }

  #trigger(order: Changing): void {
    this.#open.delete(order);
    this.#ports.place(order).then(
      (orderId) => {
        order.orderId = orderId;
        this.#finish(order, "succeeded");
      },
      (error: unknown) => {
        order.reason = error instanceof GateError ? error.label : "INTERNAL";
        this.#finish(order, "failed");
      },
    );
  }

  #finish(order: Changing, end: PriceOrderEnd): void {
    this.#open.delete(order);
    order.end = end;
    order.endedMs = this.#ports.now();
    this.#ended.push(order.id);
    const { kept = DEFAULT_ENDED_ORDERS_KEPT } = this.#ports;
    for (const id of this.#ended.splice(0, Math.max(0, this.#ended.length - kept))) this.#orders.delete(id);
    this.#ports.onChanged(order);
  }
}
