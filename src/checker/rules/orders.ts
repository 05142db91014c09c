import { amount, canonical, compare, text } from "../amount.ts";
import type { EventLine, HistoryLine, OrderShown, StateLine, TruthLine } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { Owners } from "../owners.ts";
import type { At, Findings, Rule } from "../rule.ts";
import type { VenueOrders } from "../venue-orders.ts";
import { averageText, type WholeOrder, wholeOrders } from "../whole-orders.ts";

const OPEN: ReadonlySet<string> = new Set(["open", "partiallyFilled", "pendingCancel"]);
const ENDED: ReadonlySet<string> = new Set(["filled", "canceled", "expired", "failed"]);
const END_EVENTS: Readonly<Record<string, string>> = {
  orderCompleted: "filled",
  orderCanceled: "canceled",
  orderExpired: "expired",
  orderFailed: "failed",
};

/**
 * Rule: an order that rests at the venue is at each moment in flight, lost or external for its process, never ended or
 * absent. Once everything had the time to become known, every order equals the venue's: ids, terms, state, executed
 * amount, average price and fees.
 */
export class OrdersRule implements Rule {
  readonly #token: string;
  readonly #names: VenueNames;
  readonly #owners: Owners;
  readonly #venue: VenueOrders;
  readonly #findings: Findings;
  /** States that are to agree with the truth that follows, by host. */
  readonly #final = new Map<string, { readonly state: StateLine; readonly at: At }>();
  /** Ends that were told, by host and id, as states are called. */
  readonly #ends = new Map<string, { readonly state: string; readonly executed: string; readonly at: At }>();

  constructor(token: string, names: VenueNames, owners: Owners, venue: VenueOrders, findings: Findings) {
    this.#token = token;
    this.#names = names;
    this.#owners = owners;
    this.#venue = venue;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    if (line.kind === "event") this.#onEvent(line, at);
    else if (line.kind === "state" && line.when === "look") this.#onLook(line, at);
    else if (line.kind === "state" && line.when === "final") this.#final.set(line.host, { state: line, at });
    else if (line.kind === "truth") {
      for (const { state, at: shownAt } of this.#final.values()) this.#compare(state, line, shownAt, at);
      this.#assertAskedFor(line, at);
      this.#final.clear();
    }
  }

  #onEvent({ host, name, data }: EventLine, at: At): void {
    const state = END_EVENTS[name];
    const id = data.clientOrderId;
    if (state === undefined || typeof id !== "string") return;
    this.#ends.set(`${host} ${id}`, { state, executed: String(data.executedAmount), at });
  }

  #onLook({ host, orders }: StateLine, at: At): void {
    const shown = new Map(orders.map((order) => [order.id, order]));
    for (const id of this.#venue.openIds()) {
      if (this.#owners.hostOf(id) !== host) continue;
      this.#findings.count("open orders looked at");
      const state = shown.get(id)?.state;
      if (state !== undefined && !ENDED.has(state)) continue;
      const text = `${host} shows ${id}, which rests at the venue, as ${state ?? "nothing"}`;
      this.#findings.breach("what rests is in flight, lost or external", text, at);
    }
  }

  #compare(state: StateLine, truth: TruthLine, shownAt: At, at: At): void {
    const { host } = state;
    const theirs = wholeOrders(truth, this.#names);
    const ours = new Map(state.orders.map((order) => [order.id, order]));
    const breach = (what: string, ...lines: readonly At[]) =>
      this.#findings.breach("orders are the venue's", `${truth.when}: ${host}: ${what}`, ...lines, at);
    for (const order of theirs.values()) {
      if (this.#owners.hostOf(order.id) !== host) continue;
      this.#findings.count("orders compared");
      const shown = ours.get(order.id);
      if (shown !== undefined) {
        for (const difference of this.#differences(shown, order)) breach(`${order.id}: ${difference}`, shownAt);
        continue;
      }
      const end = this.#ends.get(`${host} ${order.id}`);
      if (order.isOpen || end === undefined) breach(`${order.id} is not known`, shownAt);
      else if (compare(amount(end.executed), order.filled) !== 0) {
        breach(`${order.id} ended with ${end.executed} and not ${text(order.filled)}`, end.at);
      }
    }
    for (const { id, state: shown, exchangeId } of state.orders) {
      if (theirs.has(id)) continue;
      const mayBeNowhere = shown === "failed" || (shown === "canceled" && exchangeId === null);
      if (!mayBeNowhere) breach(`${id} is shown as ${shown} and was never at the venue`, shownAt);
    }
    this.#compareOpen(state, truth, theirs, breach, shownAt);
    this.#assertEndsTold(state, truth, breach, shownAt);
  }

  #differences(shown: OrderShown, order: WholeOrder): readonly string[] {
    const { last, terms } = order;
    const isFilled = terms === undefined ? shown.state === "filled" : text(order.filled) === terms.amount;
    const states = order.isOpen
      ? [...OPEN]
      : isFilled
        ? ["filled"]
        : this.#names.endStates(last, this.#wasTaken(order.id));
    const isNamed = order.legs.some(({ orderId }) => String(orderId) === shown.exchangeId);
    const isBound = this.#names.boundsMarketOrders && shown.price === null;
    const rows: readonly (readonly [string, string, string])[] = [
      ["executed", canonical(shown.executed), text(order.filled)],
      ["average price", averageText(shown.average), order.average],
      ["fees", canonical(shown.fees[this.#token] ?? "0"), text(order.fees)],
      ["market", shown.pair, this.#names.pairOf(last.market)],
      ["side", shown.side, last.side],
      ...(terms === undefined
        ? []
        : [
            ["price", isBound ? terms.price : canonical(shown.price), terms.price] as const,
            ["amount", canonical(shown.amount), terms.amount] as const,
          ]),
    ];
    return [
      ...rows.flatMap(([name, ours, theirs]) => (ours === theirs ? [] : [`${name} is ${ours} and not ${theirs}`])),
      ...(states.includes(shown.state) ? [] : [`is ${shown.state} and not ${states.join(" or ")} (${last.reason})`]),
      ...(isNamed || (shown.exchangeId === null && shown.state === "failed")
        ? []
        : [`its exchange id is ${shown.exchangeId}, the venue's ${last.orderId}`]),
    ];
  }

  /** Tells that the matching engine had the order; undefined where the history does not tell. */
  #wasTaken(id: string): boolean | undefined {
    return this.#venue.isKnown ? this.#venue.find(id) !== undefined : undefined;
  }

  /** Compares open orders: those in flight are open, and those that are open are in flight or external. */
  #compareOpen(
    { host, orders, external }: StateLine,
    truth: TruthLine,
    theirs: ReadonlyMap<string, WholeOrder>,
    breach: (what: string, ...lines: readonly At[]) => void,
    shownAt: At,
  ): void {
    for (const { id, state } of orders) {
      if (ENDED.has(state)) continue;
      this.#findings.count("orders in flight compared");
      if (!OPEN.has(state)) breach(`${id} is still ${state}`, shownAt);
      else if (theirs.get(id)?.isOpen !== true) breach(`${id} is shown as ${state} and does not rest`, shownAt);
    }
    const shown = new Set(external.map(({ exchangeId }) => exchangeId));
    for (const { clientId, orderId, status } of truth.orders) {
      const isOurs = clientId !== null && this.#owners.hostOf(this.#names.wholeId(clientId)) === host;
      if (isOurs || status === "closed") continue;
      this.#findings.count("orders of others compared");
      if (!shown.has(String(orderId))) breach(`the open order ${orderId} of somebody else is not shown`, shownAt);
    }
    const open = new Set(
      truth.orders.filter(({ status }) => status !== "closed").map(({ orderId }) => String(orderId)),
    );
    for (const id of shown)
      if (!open.has(id)) breach(`${id} is shown as open and somebody else's, and is not`, shownAt);
  }

  /** Checks that each order that was asked for is open, or its end was told. */
  #assertEndsTold(
    { host, orders }: StateLine,
    { when }: TruthLine,
    breach: (what: string, ...lines: readonly At[]) => void,
    shownAt: At,
  ): void {
    const inFlight = new Set(orders.filter(({ state }) => !ENDED.has(state)).map(({ id }) => id));
    const shown = new Map(orders.map((order) => [order.id, order]));
    for (const id of this.#owners.idsOf(host)) {
      if (inFlight.has(id)) continue;
      this.#findings.count(`ends compared ${when}`);
      const end = this.#ends.get(`${host} ${id}`);
      const state = shown.get(id)?.state;
      if (end === undefined) breach(`the end of ${id} was not told; it is ${state ?? "not known"}`, shownAt);
      else if (state !== undefined && state !== end.state) {
        breach(`${id} was told as ${end.state} and is shown as ${state}`, end.at, shownAt);
      }
    }
  }

  #assertAskedFor({ orders, when }: TruthLine, at: At): void {
    const seen = new Set<string>();
    for (const { clientId, orderId } of orders) {
      if (clientId === null) continue;
      if (this.#owners.hostOf(this.#names.wholeId(clientId)) === undefined) {
        const what = `${when}: order ${orderId} has the id ${clientId}`;
        this.#findings.breach("every order at the venue was asked for", what, at);
      }
      if (seen.has(clientId)) {
        const what = `${when}: the venue has two orders with the id ${clientId}`;
        this.#findings.breach("no order is sent twice", what, at);
      }
      seen.add(clientId);
    }
  }
}
