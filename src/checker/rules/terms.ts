import { amount, canonical, compare } from "../amount.ts";
import type { HistoryLine, OrderShown } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { Findings, Rule } from "../rule.ts";
import type { VenueOrders } from "../venue-orders.ts";

const CONFIRMED: ReadonlySet<string> = new Set(["open", "partiallyFilled"]);

/**
 * Terms that are shown of an open order are terms that the venue had it at, however late they are shown. Not on FTX, which
 * answers an amend with the order that is to take the place of the old one before its engine has looked.
 */
export class TermsRule implements Rule {
  readonly #names: VenueNames;
  readonly #venue: VenueOrders;
  readonly #findings: Findings;

  constructor(names: VenueNames, venue: VenueOrders, findings: Findings) {
    this.#names = names;
    this.#venue = venue;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: number): void {
    if (line.kind !== "state" || this.#names.hasLegs) return;
    for (const order of line.orders) if (CONFIRMED.has(order.state)) this.#check(line.host, order, at);
  }

  #check(host: string, { id, price, amount: size, executed }: OrderShown, at: number): void {
    const terms = this.#venue.find(id)?.terms;
    // Fills may show that an amend was done before its row does: the amount is then no less than they are.
    if (terms === undefined || price === null || compare(amount(executed), amount(size)) >= 0) return;
    this.#findings.count("terms");
    const shown = `${canonical(size)} at ${canonical(price)}`;
    if (terms.has(shown)) return;
    const text = `${host} shows ${id} at ${shown}; the venue had it at ${[...terms].join(", ")}`;
    this.#findings.breach("terms that are shown are the venue's", text, at);
  }
}
