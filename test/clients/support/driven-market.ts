import type { PaperVenue } from "../../../src/paper/index.ts";
import { SyntheticFlow } from "../../../src/paper/market/synthetic-flow.ts";
import { SeededRandom } from "../../../src/runtime/simulated-random.ts";
import { bookOf } from "./paper-venue.ts";

const STEP_MS = 50;

/** The venue's synthetic market, which moves only when the test says so: client and engine can be compared at rest. */
export class DrivenMarket {
  readonly #venue: PaperVenue;
  readonly #market: string;
  readonly #flow: SyntheticFlow;
  #flowMs: number;

  constructor(venue: PaperVenue, market: string) {
    this.#venue = venue;
    this.#market = market;
    this.#flowMs = venue.now();
    this.#flow = new SyntheticFlow({
      engine: {
        execute: (command) => venue.execute(command),
        openOrders: (accountId, name) => venue.engine.openOrders(accountId, name),
        openOrderCount: (accountId) => venue.engine.openOrderCount(accountId),
      },
      random: new SeededRandom(20_221_111, "driven market"),
      markets: venue.engine.markets().flatMap(({ spec }) => (spec.market === market ? [spec] : [])),
    });
    this.#flow.build(this.#flowMs);
  }

  /** Lets the market live until its best 100 levels have changed. */
  move(): void {
    const before = JSON.stringify(bookOf(this.#venue, this.#market));
    do {
      this.#flowMs += STEP_MS;
      this.#flow.step(this.#flowMs);
    } while (JSON.stringify(bookOf(this.#venue, this.#market)) === before);
  }
}
