import { type Amount, amount, compare, minus, plus, sum, text, ZERO } from "../amount.ts";
import type { EventLine, HeadLine, HistoryLine, TruthLine, VenueFillLine } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { Owners } from "../owners.ts";
import type { At, Findings, Rule } from "../rule.ts";
import type { VenueOrders } from "../venue-orders.ts";
import { signedSum } from "./account.ts";

/**
 * Rule: each process tells once of each change that the venue made by itself: liquidations, auto-deleveraging,
 * settlements of delisted markets and funding. Where nobody else trades, positions are the fills and these adjustments,
 * and nothing else.
 */
export class FlowsRule implements Rule {
  readonly #head: HeadLine;
  readonly #names: VenueNames;
  readonly #owners: Owners;
  readonly #venue: VenueOrders;
  readonly #findings: Findings;
  readonly #forced: VenueFillLine[] = [];
  /** Adjustments of positions, and payments, of each host by id. */
  readonly #adjustments = new Map<string, Map<string, { readonly pair: string; readonly amount: Amount }>>();
  readonly #payments = new Map<string, Map<string, string>>();
  readonly #fills = new Map<string, { readonly pair: string; readonly amount: Amount }>();
  /** Flows that each process has told. */
  readonly #told = new Map<string, At>();

  constructor(head: HeadLine, names: VenueNames, owners: Owners, venue: VenueOrders, findings: Findings) {
    this.#head = head;
    this.#names = names;
    this.#owners = owners;
    this.#venue = venue;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    if (line.kind === "venue" && line.type === "fill" && line.forced !== undefined) this.#forced.push(line);
    else if (line.kind === "event") this.#onEvent(line, at);
    else if (line.kind === "truth") this.#compare(line, at);
  }

  #onEvent(line: EventLine, at: At): void {
    const { name, host, data } = line;
    if (name === "positionAdjustment") {
      this.#onceIn(line, `adjustment ${data.adjustmentId}`, at);
      const adjustments = this.#adjustments.get(host) ?? new Map();
      this.#adjustments.set(host, adjustments);
      const moved = { pair: String(data.tradingPair), amount: amount(String(data.amount)) };
      adjustments.set(String(data.adjustmentId), moved);
    } else if (name === "fundingPayment") {
      this.#onceIn(line, `payment ${data.paymentId}`, at);
      const payments = this.#payments.get(host) ?? new Map();
      this.#payments.set(host, payments);
      payments.set(String(data.paymentId), text(amount(String(data.amount))));
    } else if (name === "fundingPaymentCorrected") {
      const { paymentId, amount: corrected } = data.payment as { readonly paymentId: string; readonly amount: string };
      this.#payments.get(host)?.set(paymentId, text(amount(corrected)));
    } else if (name === "orderFilled") {
      const size = String(data.amount);
      const moved = { pair: String(data.tradingPair), amount: amount(data.side === "buy" ? size : `-${size}`) };
      this.#fills.set(`${data.tradingPair} ${data.exchangeOrderId} ${data.fillId}`, moved);
    }
  }

  #onceIn({ host, life }: EventLine, what: string, at: At): void {
    const key = `${host} ${life} ${what}`;
    const earlier = this.#told.get(key);
    if (earlier !== undefined) {
      this.#findings.breach("what the venue did is told once", `${host} tells ${what} twice`, earlier, at);
    }
    this.#told.set(key, at);
  }

  #compare(truth: TruthLine, at: At): void {
    for (const host of this.#owners.hosts) {
      // Trades of the venue itself are told only by the engine's lines.
      if (this.#venue.isKnown) this.#compareAdjustments(host, truth, at);
      this.#comparePayments(host, truth, at);
    }
    this.#comparePositions(truth, at);
  }

  #compareAdjustments(host: string, { when }: TruthLine, at: At): void {
    const told = [...(this.#adjustments.get(host)?.values() ?? [])];
    const forced = this.#forced.filter(({ forced: by }) => by === "liquidation" || this.#names.tellsDeleveraging);
    const pairOf = ({ market }: VenueFillLine) => this.#names.pairOf(market);
    for (const pair of new Set([...told.map((row) => row.pair), ...forced.map(pairOf)])) {
      this.#findings.count("adjustments compared");
      const ours = sum(told.filter((row) => row.pair === pair).map((row) => row.amount));
      const theirs = signedSum(forced.filter((fill) => pairOf(fill) === pair));
      if (compare(ours, theirs) === 0) continue;
      const what = `${when}: ${host} was told of ${text(ours)} ${pair}; the venue traded ${text(theirs)} by itself`;
      this.#findings.breach("liquidations and auto-deleveraging are told", what, at);
    }
  }

  #comparePayments(host: string, { fundingPayments, when }: TruthLine, at: At): void {
    const told = new Map(this.#payments.get(host));
    for (const payment of fundingPayments) {
      const id = this.#names.paymentId(payment, this.#names.pairOf(payment.market));
      this.#findings.count("payments told");
      const ours = told.get(id) ?? "nothing";
      told.delete(id);
      if (ours === text(amount(payment.amount))) continue;
      const what = `${when}: ${host} was told ${ours} for payment ${id}, which is ${payment.amount}`;
      this.#findings.breach("funding is told", what, at);
    }
    for (const id of told.keys()) {
      this.#findings.breach("funding is told", `${when}: ${host} was told of payment ${id}, which there is not`, at);
    }
  }

  #comparePositions({ positions, when }: TruthLine, at: At): void {
    const isUntold = !this.#names.tellsDeleveraging && this.#forced.some(({ forced }) => forced !== "liquidation");
    // Trades of others are skipped, and so are those that the venue does not tell apart from them.
    if (this.#head.hasHand || isUntold) return;
    const adjustments = new Map([...this.#adjustments.values()].flatMap((rows) => [...rows]));
    const moves = [...this.#fills.values(), ...adjustments.values()];
    const markets = Map.groupBy(positions, ({ market }) => this.#names.pairOf(market));
    for (const pair of new Set([...markets.keys(), ...moves.map((move) => move.pair)])) {
      this.#findings.count("positions added up");
      const held = sum((markets.get(pair) ?? []).map(({ size }) => amount(size)));
      const moved = moves.filter((move) => move.pair === pair).reduce((total, move) => plus(total, move.amount), ZERO);
      if (compare(held, moved) === 0) continue;
      const what = `${when}: ${text(moved)} ${pair} by fills and adjustments, ${text(held)} at the venue`;
      this.#findings.breach("a position is its fills and adjustments", `${what}: ${text(minus(held, moved))} more`, at);
    }
  }
}
