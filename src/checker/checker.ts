import { type HeadLine, HISTORY_VERSION, type HistoryLine } from "./history.ts";
import { namesOf } from "./names.ts";
import { Owners } from "./owners.ts";
import { type Breach, Findings, type Rule } from "./rule.ts";
import { AccountRule } from "./rules/account.ts";
import { BooksRule } from "./rules/books.ts";
import { EvidenceRule } from "./rules/evidence.ts";
import { FillsRule } from "./rules/fills.ts";
import { FlowsRule } from "./rules/flows.ts";
import { LimitsRule } from "./rules/limits.ts";
import { OrderEventsRule } from "./rules/order-events.ts";
import { OrdersRule } from "./rules/orders.ts";
import { SendingRule } from "./rules/sending.ts";
import { TermsRule } from "./rules/terms.ts";
import { VenueOrders } from "./venue-orders.ts";

export interface CheckReport {
  readonly head: HeadLine;
  readonly lines: number;
  /**
   * True where the exchange's record at the end of the run is present: without it many of the promises cannot be
   * checked.
   */
  readonly isWhole: boolean;
  /** Number of things of each kind that were held against a rule. */
  readonly counts: Readonly<Record<string, number>>;
  readonly breaches: readonly Breach[];
  /** Breaches beyond those that are listed. */
  readonly moreBreaches: number;
}

/** Takes a history line by line, the head first, and says which promises it breaks. Keeps little of it. */
export class Checker {
  readonly #findings = new Findings();
  #head: HeadLine | undefined;
  #rules: readonly Rule[] = [];
  #owners = new Owners();
  #venue: VenueOrders | undefined;
  #lines = 0;
  #isWhole = false;

  /**
   * Throws `TypeError` where the head is missing, of another run than the first, or of a version or a connector that is
   * not known, and for a line that lacks what its kind has.
   */
  line(line: HistoryLine): void {
    this.#lines += 1;
    if (line.kind === "history") {
      if (this.#head === undefined) this.#begin(line);
      else if (line.run !== this.#head.run) throw new TypeError(`here begins another run, "${line.run}"`);
      return;
    }
    if (this.#head === undefined) throw new TypeError("a history begins with what it is");
    if ("t" in line) this.#findings.t = line.t;
    if (line.kind === "truth") this.#isWhole = true;
    // Stopping is all that a run does after the last comparison.
    if (line.kind === "asked" && line.step === "called" && line.call !== "stop") this.#isWhole = false;
    try {
      this.#owners.line(line);
      this.#venue?.line(line);
      for (const rule of this.#rules) rule.line(line, this.#lines);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      throw new TypeError(`a line of kind "${line.kind}" without what it needs (${error.message})`, { cause: error });
    }
  }

  report(): CheckReport {
    if (this.#head === undefined) throw new TypeError("a history begins with what it is");
    const { counts, breaches, left } = this.#findings;
    return {
      head: this.#head,
      lines: this.#lines,
      isWhole: this.#isWhole,
      counts: Object.fromEntries(counts),
      breaches,
      moreBreaches: left,
    };
  }

  #begin(head: HeadLine): void {
    if (head.version !== HISTORY_VERSION) {
      throw new TypeError(`a history of version ${head.version}; version ${HISTORY_VERSION} is known`);
    }
    const names = namesOf(head.connector, head.token);
    const findings = this.#findings;
    const owners = this.#owners;
    const venue = new VenueOrders(names);
    this.#head = head;
    this.#venue = venue;
    this.#rules = [
      new EvidenceRule(names, findings),
      new OrderEventsRule(venue, findings),
      new SendingRule(names, findings),
      new FillsRule(head.token, names, owners, findings),
      new OrdersRule(head.token, names, owners, venue, findings),
      new TermsRule(names, venue, findings),
      new FlowsRule(head, names, owners, venue, findings),
      new AccountRule(head, names, findings),
      new BooksRule(head, names, findings),
      new LimitsRule(head, names, owners, venue, findings),
    ];
  }
}
