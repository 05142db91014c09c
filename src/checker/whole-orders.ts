import { type Amount, amount, divided, plus, sum, text, ZERO } from "./amount.ts";
import type { TruthFill, TruthLine, TruthOrder } from "./history.ts";
import type { VenueNames } from "./names.ts";

/** An order of the venue's record under its one client id, whatever amends made of it. */
export interface WholeOrder {
  readonly id: string;
  readonly legs: readonly TruthOrder[];
  readonly last: TruthOrder;
  readonly isOpen: boolean;
  readonly filled: Amount;
  readonly average: string;
  readonly fees: Amount;
  /** Terms where the record tells them; an order that was made anew may have asked for others at the end. */
  readonly terms: { readonly price: string; readonly amount: string } | undefined;
}

/** Sums of averages are of sixteen decimals; a connector's may have more digits. */
const AVERAGE_DECIMALS = 16;

/** Orders with a client id, by that. */
export function wholeOrders({ orders, fills }: TruthLine, names: VenueNames): ReadonlyMap<string, WholeOrder> {
  const ours = orders.filter(({ clientId }) => clientId !== null);
  const legsById = Map.groupBy(ours, ({ clientId }) => names.wholeId(clientId ?? ""));
  const fillsById = Map.groupBy(fills, ({ clientId }) => names.wholeId(clientId ?? ""));
  return new Map(
    [...legsById].map(([id, legs]) => {
      const taken = legs.filter((leg, index) => index === 0 || !isRefused(leg, names));
      return [id, wholeOf(id, taken, fillsById.get(id) ?? [])];
    }),
  );
}

/** Tells of an order that an amend was to make that the venue refused it: the whole ended as the one before. */
function isRefused(leg: TruthOrder, names: VenueNames): boolean {
  if (leg.status !== "closed" || amount(leg.filled).units !== 0n) return false;
  return names.endStates(leg, true).every((state) => state === "failed");
}

function wholeOf(id: string, legs: readonly TruthOrder[], fills: readonly TruthFill[]): WholeOrder {
  const open = legs.findLast(({ status }) => status !== "closed");
  const last = open ?? legs.findLast(({ reason }) => reason !== "orderClosed") ?? legs[legs.length - 1];
  if (last === undefined) throw new TypeError("an order without a leg");
  const filled = sum(legs.map((leg) => amount(leg.filled)));
  const cost = sum(legs.map(({ filledCost }) => amount(filledCost)));
  const before = sum(legs.filter((leg) => leg !== last).map((leg) => amount(leg.filled)));
  const isTold = legs.length === 1 || open !== undefined;
  const price = last.price === null ? "none" : text(amount(last.price));
  return {
    ...{ id, legs, last, filled },
    isOpen: open !== undefined,
    average: filled.units === 0n ? "none" : text(divided(cost, filled, AVERAGE_DECIMALS)),
    fees: sum(fills.map(({ fee }) => amount(fee))),
    terms: isTold ? { price, amount: text(plus(before, amount(last.size))) } : undefined,
  };
}

/** An average of ours with as many decimals as one of the venue's is worked out to. */
export function averageText(average: string | null): string {
  return average === null ? "none" : text(divided(amount(average), plus(amount("1"), ZERO), AVERAGE_DECIMALS));
}
