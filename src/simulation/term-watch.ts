import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { formatAmount } from "../paper/index.ts";
import type { AmendWatch } from "./amend-watch.ts";
import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

const SHOWN: ReadonlySet<string> = new Set(["open", "partiallyFilled"]);

/**
 * Terms that are shown of an open order are terms that the venue had it at, however late they are shown. Not where an
 * amend makes another order that takes the place of the old one: on FTX it is answered before the engine has looked.
 */
export class TermWatch {
  readonly #world: World;
  readonly #findings: Findings;
  /** All terms that the venue had an order at, by client id, and until when: infinite for those of now, or of its end. */
  readonly #terms = new Map<string, Map<string, number>>();

  constructor(world: World, findings: Findings) {
    this.#world = world;
    this.#findings = findings;
    const { accountId } = world.venue;
    world.venue.observe((events) => {
      for (const event of events) {
        if (!("order" in event) || event.order.accountId !== accountId || event.order.clientId === null) continue;
        const { clientId, price, size } = event.order;
        if (price !== null) this.#note(clientId, `${formatAmount(size)} at ${formatAmount(price)}`);
      }
    });
  }

  check(host: string, connector: PerpetualConnector): void {
    if (this.#world.protocol.amendsReplace) return;
    for (const [id, { state, price, amount, executedAmount }] of connector.inFlightOrders) {
      // Fills may show that an amend was done before its row does: the amount is then no less than they are.
      if (executedAmount.gte(amount)) continue;
      const known = this.#terms.get(id);
      if (known === undefined || price === undefined || !SHOWN.has(state)) continue;
      const shown = `${amount.toFixed()} at ${price.toFixed()}`;
      if (known.has(shown)) continue;
      this.#findings.add(
        "terms are the venue's",
        `${host} shows ${id} at ${shown}; the venue had it at ${[...known.keys()]}`,
      );
    }
  }

  /** Each amend that was taken was done, after it was asked for, or is told as one that was not. */
  checkAmends(host: string, amends: AmendWatch): void {
    if (this.#world.protocol.amendsReplace) return;
    for (const [id, price, askedMs] of amends.taken()) {
      const known = [...(this.#terms.get(id) ?? [])]
        .filter(([, untilMs]) => untilMs >= askedMs)
        .map(([terms]) => terms);
      if (known.some((terms) => terms.endsWith(` at ${price.toFixed()}`))) continue;
      this.#findings.add(
        "an amend that was not done is told",
        `${host} was told nothing of that of ${id} to ${price.toFixed()}; since then the venue had it at ${known}`,
      );
    }
  }

  #note(id: string, terms: string): void {
    const known = this.#terms.get(id) ?? new Map<string, number>();
    this.#terms.set(id, known);
    for (const [before, untilMs] of known)
      if (untilMs === Number.POSITIVE_INFINITY) known.set(before, this.#world.elapsedMs());
    known.set(terms, Number.POSITIVE_INFINITY);
  }
}
