import { amount, canonical, compare, minus, ZERO } from "../amount.ts";
import type { HistoryLine, OrderShown } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { Findings, Rule } from "../rule.ts";
import { termsText, type VenueOrders, type VenueTerms } from "../venue-orders.ts";

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
    if (line.kind !== "state" || this.#names.answersAmendsEarly) return;
    for (const order of line.orders) if (CONFIRMED.has(order.state)) this.#check(line.host, order, at);
  }

  #check(host: string, { id, price, amount: size, executed }: OrderShown, at: number): void {
    const terms = this.#venue.find(id)?.terms;
    // Fills may show that an amend was done before its row does: the amount is then no less than they are.
    if (terms === undefined || price === null || compare(amount(executed), amount(size)) >= 0) return;
    this.#findings.count("terms");
    const all = [...terms.values()];
    const [shownPrice, shownSize] = [canonical(price), amount(size)];
    // Where amends make new orders, what those before executed is added as far as it is heard, of rows or of fills.
    const isAt = ({ price: at, size: own, before }: VenueTerms) => {
      const heard = minus(shownSize, own);
      const isInRange = compare(heard, ZERO) >= 0 && compare(heard, before) <= 0;
      return at === shownPrice && isInRange;
    };
    if (all.some(isAt)) return;
    const text = `${host} shows ${id} at ${canonical(size)} at ${shownPrice}; the venue had it at ${all.map(termsText).join(", ")}`;
    this.#findings.breach("terms that are shown are the venue's", text, at);
  }
}
