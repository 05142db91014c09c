import { isReducing } from "../engine/orders.ts";
import type { Placement } from "../engine/types.ts";

type Terms = Omit<Placement, "type" | "orderType"> & { readonly type: "limit" | "market" };

interface Group {
  /** The first one, in the words of the engine. */
  readonly like: Placement;
  size: bigint;
  orders: number;
}

/**
 * Orders of an account that wait for the engine, summed up as its check tells them apart: by market, leg and side. Those
 * that only reduce have no part in what later orders may do.
 */
export class WaitingOrders {
  readonly #groups = new Map<string, Group>();

  add(order: Terms): void {
    if (reduces(order)) return;
    const key = keyOf(order);
    const group = this.#groups.get(key);
    if (group === undefined) {
      const { type, ...rest } = order;
      const like = { ...rest, type: "placeOrder", orderType: type } as const;
      this.#groups.set(key, { like, size: order.size, orders: 1 });
      return;
    }
    group.size += order.size;
    group.orders += 1;
  }

  remove(order: Terms): void {
    if (reduces(order)) return;
    const key = keyOf(order);
    const group = this.#groups.get(key);
    if (group === undefined) return;
    group.size -= order.size;
    group.orders -= 1;
    if (group.orders === 0) this.#groups.delete(key);
  }

  /** One placement a group, of the size of all its orders; `except`, one of them, is left out. */
  placements(except?: Terms): readonly Placement[] {
    const exceptKey = except === undefined || reduces(except) ? undefined : keyOf(except);
    const placements: Placement[] = [];
    for (const [key, group] of this.#groups) {
      const isLess = except !== undefined && key === exceptKey;
      if (isLess && group.orders === 1) continue;
      placements.push({ ...group.like, size: isLess ? group.size - except.size : group.size });
    }
    return placements;
  }
}

function reduces({ reduceOnly, positionSide = "both", side }: Terms): boolean {
  return isReducing({ reduceOnly, positionSide, side });
}

function keyOf({ market, positionSide = "both", side }: Terms): string {
  return `${market} ${positionSide} ${side}`;
}
