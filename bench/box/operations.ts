import { SeededRandom } from "../../test/support/books/random.ts";

/** A limit order with a price in ticks and a size in lots, or the cancel of an earlier one, which may have traded. */
export type Operation =
  | {
      readonly kind: "place";
      readonly id: number;
      readonly side: "buy" | "sell";
      readonly ticks: number;
      readonly lots: number;
    }
  | { readonly kind: "cancel"; readonly id: number };

const MIDDLE = 20_000;
const CANCELS = 0.4;
/** Orders that are canceled are among so many newest. */
const YOUNG = 500;

/** Orders around a middle that stands still, some of which trade at once, and cancels: ever new ones. */
export function operationsOf(seed: number): (count: number) => readonly Operation[] {
  const numbers = new SeededRandom(seed);
  const random = (): number => numbers.float();
  let placed = 0;
  const next = (): Operation => {
    if (placed > 0 && random() < CANCELS) {
      return { kind: "cancel", id: placed - Math.floor(random() * Math.min(YOUNG, placed)) };
    }
    placed += 1;
    const side = random() < 0.5 ? "buy" : "sell";
    const away = Math.floor(-Math.log(1 - random()) * 12) - 3;
    const ticks = side === "buy" ? MIDDLE - away : MIDDLE + 1 + away;
    return { kind: "place", id: placed, side, ticks, lots: 10 * (1 + Math.floor(random() * 50)) };
  };
  return (count) => Array.from({ length: count }, next);
}
