import type { Engine, OrderView } from "../../engine/types.ts";
import type { WireIds } from "./ids.ts";

/** Times for which an order that was canceled without a fill answers to its text, and to its id. */
const TEXT_KEPT_MS = 60_000;
const ID_KEPT_MS = 600_000;

/** Facts of an order that only this protocol knows. */
export interface OrderNote {
  /** Text that is not the client's own id. */
  readonly text?: string;
  readonly amendText?: string;
  readonly isClose?: boolean;
}

/** Texts of orders that the venue itself makes. */
const FORCED_TEXTS = { liquidation: "liquidation", adl: "auto_deleveraging", settlement: "clear" } as const;

/** Finds orders by their ids and texts, and keeps what the engine does not know of them. */
export class OrderNotes {
  readonly #engine: Engine;
  readonly #ids: WireIds;
  readonly #notes = new Map<number, OrderNote>();
  /** Orders that this protocol refused although the engine made and ended them. */
  readonly #hidden = new Set<number>();
  /** Number of times that each was told. */
  readonly #updates = new Map<number, number>();

  constructor(engine: Engine, ids: WireIds) {
    this.#engine = engine;
    this.#ids = ids;
  }

  note(orderId: number, note: OrderNote): void {
    this.#notes.set(orderId, { ...this.#notes.get(orderId), ...note });
  }

  of(orderId: number): OrderNote {
    return this.#notes.get(orderId) ?? {};
  }

  hide(orderId: number): void {
    this.#hidden.add(orderId);
  }

  isHidden(orderId: number): boolean {
    return this.#hidden.has(orderId);
  }

  nextUpdate(orderId: number): number {
    const update = (this.#updates.get(orderId) ?? 0) + 1;
    this.#updates.set(orderId, update);
    return update;
  }

  /** The client's own, that of the venue, or that of where it was made: orders of other hands are the website's. */
  textOf({ orderId, clientId, liquidation, adl, settlement }: OrderView): string {
    if (clientId !== null) return clientId;
    const forced = { liquidation, adl, settlement };
    const kind = (["adl", "settlement", "liquidation"] as const).find((name) => forced[name]);
    return kind === undefined ? (this.of(orderId).text ?? "web") : FORCED_TEXTS[kind];
  }

  /** Finds an order by id or by text; undefined where there is none, or none any more. */
  find(accountId: string, reference: string, nowMs: number): OrderView | undefined {
    const isId = /^\d+$/.test(reference);
    const order = isId
      ? this.#engine.order(accountId, this.#ids.engineOrder(reference))
      : this.#byText(accountId, reference);
    if (order === undefined || this.isHidden(order.orderId)) return undefined;
    return this.#isKept(order, isId ? ID_KEPT_MS : TEXT_KEPT_MS, nowMs) ? order : undefined;
  }

  /** The latest of a text; one that was refused at once never was an order, and hides none. */
  #byText(accountId: string, text: string): OrderView | undefined {
    const latest = this.#engine.orderByClientId(accountId, text);
    if (latest === undefined || !this.isHidden(latest.orderId)) return latest;
    return this.#engine
      .orders(accountId)
      .findLast(({ clientId, orderId }) => clientId === text && !this.isHidden(orderId));
  }

  /** Tells that an order is in lists. */
  isListed(order: OrderView, nowMs: number): boolean {
    return !this.isHidden(order.orderId) && this.#isKept(order, ID_KEPT_MS, nowMs);
  }

  #isKept({ status, filled, updatedMs }: OrderView, keptMs: number, nowMs: number): boolean {
    return status === "open" || filled > 0n || nowMs <= updatedMs + keptMs;
  }

  forget(orderIds: ReadonlySet<number>): void {
    for (const orderId of orderIds) {
      this.#notes.delete(orderId);
      this.#hidden.delete(orderId);
      this.#updates.delete(orderId);
    }
  }
}
