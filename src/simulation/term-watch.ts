import type { PerpetualConnector } from "../connector/perpetual-connector.ts";
import { type Decimal, decimal, larger, sum, ZERO } from "../model/decimal.ts";
import { formatAmount } from "../paper/index.ts";
import type { InFlightOrder } from "../trading/in-flight-order.ts";
import type { AmendWatch } from "./amend-watch.ts";
import type { Findings } from "./findings.ts";
import { wholeClientId } from "./whole-client-id.ts";
import type { World } from "./world.ts";

const SHOWN: ReadonlySet<string> = new Set(["open", "partiallyFilled"]);

/** Terms that the venue had an order at. */
interface Terms {
  readonly size: Decimal;
  readonly price: Decimal;
  /** Executed amount of the orders that amends have replaced by this one. */
  readonly before: Decimal;
  /** Infinite for those of now, or of its end. */
  untilMs: number;
}

/** Terms of one order of the connector, by their text, and the executed amount of each of the venue's that it has been. */
interface Known {
  readonly terms: Map<string, Terms>;
  readonly executed: Map<number, Decimal>;
}

const textOf = ({ size, price, before }: Terms): string => `${size.plus(before).toFixed()} at ${price.toFixed()}`;

/**
 * Terms that are shown of an open order are terms that the venue had it at, however late they are shown. Where an amend
 * makes another order, its amount is added to what those before it executed, as far as that is heard. Not on FTX: there
 * an amend is answered before the engine has looked.
 */
export class TermWatch {
  readonly #world: World;
  readonly #findings: Findings;
  /** By the client id of the whole order. */
  readonly #known = new Map<string, Known>();

  constructor(world: World, findings: Findings) {
    this.#world = world;
    this.#findings = findings;
    const { accountId } = world.venue;
    world.venue.observe((events) => {
      for (const event of events) {
        if (!("order" in event) || event.order.accountId !== accountId) continue;
        const { clientId, orderId, price, size, filled } = event.order;
        if (clientId === null || price === null) continue;
        const id = world.protocol.amendsReplace ? wholeClientId(clientId) : clientId;
        // An order that takes the place of another may be refused: it has terms once it rests or trades.
        const isRefused = filled === 0n && (event.type === "orderAccepted" || event.type === "orderClosed");
        if (id !== clientId && isRefused) continue;
        const amounts = { size: decimal(formatAmount(size)), price: decimal(formatAmount(price)) };
        this.#note(id, orderId, { ...amounts, filled: decimal(formatAmount(filled)) });
      }
    });
  }

  check(host: string, connector: PerpetualConnector): void {
    if (this.#world.protocol.answersAmendsEarly === true) return;
    for (const [id, order] of connector.inFlightOrders) {
      const { state, price, amount, executedAmount } = order;
      // Fills may show that an amend was done before its row does: the amount is then no less than they are.
      if (executedAmount.gte(amount)) continue;
      const known = this.#known.get(id);
      if (known === undefined || price === undefined || !SHOWN.has(state)) continue;
      const all = [...known.terms.values()];
      if (all.some((terms) => isAt(terms, order))) continue;
      const shown = `${amount.toFixed()} at ${price.toFixed()}`;
      this.#findings.add(
        "terms are the venue's",
        `${host} shows ${id} at ${shown}; the venue had it at ${all.map(textOf)}`,
      );
    }
  }

  /** Each amend that was taken was done, after it was asked for, or is told as one that was not. */
  checkAmends(host: string, amends: AmendWatch): void {
    if (this.#world.protocol.answersAmendsEarly === true) return;
    for (const [id, price, askedMs] of amends.taken()) {
      const known = [...(this.#known.get(id)?.terms.values() ?? [])].filter(({ untilMs }) => untilMs >= askedMs);
      if (known.some((terms) => terms.price.eq(price))) continue;
      this.#findings.add(
        "an amend that was not done is told",
        `${host} was told nothing of that of ${id} to ${price.toFixed()}; since then the venue had it at ${known.map(textOf)}`,
      );
    }
  }

  #note(id: string, orderId: number, { filled, ...terms }: Pick<Terms, "size" | "price"> & { filled: Decimal }): void {
    const known = this.#known.get(id) ?? { terms: new Map<string, Terms>(), executed: new Map<number, Decimal>() };
    this.#known.set(id, known);
    known.executed.set(orderId, filled);
    const before = sum([...known.executed].map(([other, executed]) => (other === orderId ? ZERO : executed)));
    for (const each of known.terms.values())
      if (each.untilMs === Number.POSITIVE_INFINITY) each.untilMs = this.#world.elapsedMs();
    const now = { ...terms, before, untilMs: Number.POSITIVE_INFINITY };
    known.terms.set(`${orderId} ${textOf(now)}`, now);
  }
}

type Shown = Pick<InFlightOrder, "price" | "amount" | "executedAmount" | "venueExecutedAmount">;

function isAt({ size, price, before }: Terms, shown: Shown): boolean {
  if (shown.price?.eq(price) !== true) return false;
  const heard = shown.amount.minus(size);
  // Rows tell what was executed before its fills come.
  return heard.gte(0) && heard.lte(before) && heard.lte(larger(shown.executedAmount, shown.venueExecutedAmount));
}
