import type { Engine, OrderView } from "../../engine/types.ts";
import type { EngineIds } from "../symbol-ids.ts";
import { wireTime } from "./wire.ts";

const DAY_MS = 86_400_000;
/** An order that ended without a fill is gone so long after its creation, any other after `ORDER_KEPT_MS`. */
const UNFILLED_KEPT_MS = 3 * DAY_MS;
const ORDER_KEPT_MS = 90 * DAY_MS;

/** Reference to an order in a request; the id wins where it has both. */
export interface OrderReference {
  readonly orderId?: number | undefined;
  readonly clientOrderId?: string | undefined;
}

/** A change of an order. */
export interface Amendment {
  readonly amendmentId: number;
  readonly before: OrderView;
  readonly after: OrderView;
  readonly timeMs: number;
}

/** Names of the engine's orders that show here. */
export class OrderNames {
  readonly #engine: Engine;
  readonly #ids: EngineIds;
  readonly #hidden = new Set<number>();
  readonly #amendments = new Map<number, Amendment[]>();
  readonly #priceMatches = new Map<number, string>();
  readonly #modifyIds = new Map<number, number>();

  readonly #underChange = new Set<number>();
  #lastAmendmentId = 0;

  constructor(engine: Engine, ids: EngineIds) {
    this.#engine = engine;
    this.#ids = ids;
  }

  orderId(engineOrderId: number): number {
    return this.#ids.order(engineOrderId);
  }

  /** Client id of the order: its own, or one of the kind that Binance gives to orders that it makes itself. */
  clientOrderId({ clientId, liquidation, adl, settlement, orderId, createdMs }: OrderView): string {
    if (clientId !== null) return clientId;
    if (adl) return "adl_autoclose";
    const made = `${wireTime(createdMs)}${String(orderId).padStart(6, "0")}`;
    if (liquidation) return `autoclose-${made}`;
    if (settlement) return `settlement_autoclose-${made}`;
    return `web_${this.orderId(orderId)}`;
  }

  /** A refused post-only or fill-or-kill order, which Binance does not record. */
  hide(engineOrderId: number): void {
    this.#hidden.add(engineOrderId);
  }

  isHidden(engineOrderId: number): boolean {
    return this.#hidden.has(engineOrderId);
  }

  /** Orders that the engine has forgotten. */
  forget(engineOrderIds: ReadonlySet<number>): void {
    for (const known of [this.#hidden, this.#amendments, this.#priceMatches, this.#modifyIds]) {
      for (const engineOrderId of engineOrderIds) known.delete(engineOrderId);
    }
  }

  /** `NONE` where the order had a price of its own. */
  priceMatchOf(engineOrderId: number): string {
    return this.#priceMatches.get(engineOrderId) ?? "NONE";
  }

  notePriceMatch(engineOrderId: number, priceMatch: string | undefined): void {
    if (priceMatch === undefined) this.#priceMatches.delete(engineOrderId);
    else this.#priceMatches.set(engineOrderId, priceMatch);
  }

  /** The caller's own number of the order's latest change; undefined where none was sent. */
  modifyIdOf(engineOrderId: number): number | undefined {
    return this.#modifyIds.get(engineOrderId);
  }

  noteModifyId(engineOrderId: number, modifyId: number | undefined): void {
    if (modifyId === undefined) this.#modifyIds.delete(engineOrderId);
    else this.#modifyIds.set(engineOrderId, modifyId);
  }

  /** Waits for one change of an order at a time; undefined where another one is waiting. */
  async changing<T>(engineOrderId: number, change: () => Promise<T>): Promise<T | undefined> {
    if (this.#underChange.has(engineOrderId)) return undefined;
    this.#underChange.add(engineOrderId);
    try {
      return await change();
    } finally {
      this.#underChange.delete(engineOrderId);
    }
  }

  /** Changes of an order, oldest first. */
  amendmentsOf({ orderId }: Pick<OrderView, "orderId">): readonly Amendment[] {
    return this.#amendments.get(orderId) ?? [];
  }

  noteAmendment(before: OrderView, after: OrderView, timeMs: number): void {
    const known = this.#amendments.get(before.orderId) ?? [];
    this.#amendments.set(before.orderId, known);
    known.push({ before, after, timeMs, amendmentId: ++this.#lastAmendmentId });
  }

  /** An account's orders on a market, oldest first, as far back as Binance remembers. */
  all(accountId: string, market: string, nowMs: number): readonly OrderView[] {
    return this.#engine.orders(accountId).filter((order) => order.market === market && this.#isShown(order, nowMs));
  }

  open(accountId: string, market?: string): readonly OrderView[] {
    return this.#engine.openOrders(accountId, market);
  }

  find(accountId: string, market: string, reference: OrderReference, nowMs: number): OrderView | undefined {
    const order = this.#find(accountId, market, reference);
    return order !== undefined && order.market === market && this.#isShown(order, nowMs) ? order : undefined;
  }

  #find(accountId: string, market: string, { orderId, clientOrderId }: OrderReference): OrderView | undefined {
    if (orderId !== undefined) return this.#engine.order(accountId, this.#ids.engineOrder(market, orderId));
    if (clientOrderId === undefined) return undefined;
    const isNamed = (order: OrderView) => order.market === market && this.clientOrderId(order) === clientOrderId;
    return (
      this.#engine.openOrders(accountId, market).find(isNamed) ??
      this.#engine.orders(accountId).findLast((order) => isNamed(order) && !this.#hidden.has(order.orderId))
    );
  }

  #isShown({ orderId, status, filled, createdMs }: OrderView, nowMs: number): boolean {
    if (this.#hidden.has(orderId)) return false;
    if (status === "open") return true;
    return nowMs - createdMs <= (filled === 0n ? UNFILLED_KEPT_MS : ORDER_KEPT_MS);
  }
}
