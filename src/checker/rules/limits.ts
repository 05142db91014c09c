import { absolute, amount, compare } from "../amount.ts";
import type { HeadLine, HistoryLine, VenuePositionLine } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { Owners } from "../owners.ts";
import type { At, Findings, Rule } from "../rule.ts";
import type { VenueOrders } from "../venue-orders.ts";

/**
 * Risk limits hold whatever is in flight: by what is held and what rests at the venue after each of its commands. Orders that
 * close do not count: no limit keeps a position from being closed.
 */
export class LimitsRule implements Rule {
  readonly #head: HeadLine;
  readonly #names: VenueNames;
  readonly #owners: Owners;
  readonly #venue: VenueOrders;
  readonly #findings: Findings;

  constructor(head: HeadLine, names: VenueNames, owners: Owners, venue: VenueOrders, findings: Findings) {
    this.#head = head;
    this.#names = names;
    this.#owners = owners;
    this.#venue = venue;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    const limits = this.#head.riskLimits;
    if (limits === undefined) return;
    if (line.kind !== "venue") return;
    // A process knows what the others of its account trade when the venue has told it, and not before.
    const isAlone = !this.#head.hasHand && this.#owners.hosts.size === 1;
    if (line.type === "position" && isAlone) this.#onPosition(line, limits.maxPosition, at);
    if (line.type === "order" && line.what === "opened") this.#onOpened(limits.maxOpenOrders, at);
  }

  #onPosition({ market, side, size }: VenuePositionLine, most: Readonly<Record<string, string>>, at: At): void {
    const pair = this.#names.pairOf(market);
    const allowed = most[pair];
    if (allowed === undefined) return;
    this.#findings.count("positions held against limits");
    if (compare(absolute(amount(size)), amount(allowed)) <= 0) return;
    this.#findings.breach("risk limits hold", `${size} ${pair} ${side} is held, allowed is ${allowed}`, at);
  }

  #onOpened(most: number, at: At): void {
    for (const host of this.#owners.hosts) {
      this.#findings.count("open orders held against limits");
      const count = this.#venue.openCount((id) => this.#owners.hostOf(id) === host && !this.#owners.isClosing(id));
      if (count <= most) continue;
      this.#findings.breach("risk limits hold", `${host} has ${count} open orders, allowed are ${most}`, at);
    }
  }
}
