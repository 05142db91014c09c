import type { MarketView } from "../../../../../src/paper/engine/types.ts";
import type { Frame } from "../../../../../src/paper/protocols/frame.ts";
import { type Subscriber, sendAll } from "../../../../../src/paper/protocols/subscriber.ts";
import type { ToldView } from "../../../../../src/paper/protocols/told-book.ts";
import { type BookView, levelsOf } from "../../protocol/market-channels.ts";

// <book-object>
/** The whole book with the number of its view. */
export function bookObject({ whole, stamp }: BookView): object {
  return { ...levelsOf(whole), sequence: stamp };
}
// </book-object>

export abstract class Channels {
  abstract bookFrame(market: MarketView, type: "snapshot", view: BookView): Frame;
  readonly #bookFrame = (market: MarketView, type: "snapshot", view: BookView) => this.bookFrame(market, type, view);

  bookChanged(market: MarketView, told: ToldView<number>, listeners: Iterable<Subscriber>): void {
    // <book-change>
    sendAll(listeners, this.#bookFrame(market, "snapshot", { ...told, whole: told.sides }));
    // </book-change>
  }
}
