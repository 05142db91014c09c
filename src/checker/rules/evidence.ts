import type { AnswerLine, EventLine, HistoryLine, RequestLine, StateLine } from "../history.ts";
import type { VenueNames } from "../names.ts";
import type { At, Findings, Rule } from "../rule.ts";

/** What was received of an order since its fate was unknown. */
interface Doubt {
  readonly ids: Set<string>;
  readonly since: At;
  /** Something that names it. */
  named: boolean;
  /** An answer to a question about it, or a list of all open orders that does not name it. */
  answered: boolean;
}

const EXISTS: ReadonlySet<string> = new Set([
  "orderCreated",
  "orderFilled",
  "orderCompleted",
  "orderCanceled",
  "orderExpired",
]);
const SHOWN: ReadonlySet<string> = new Set([
  "open",
  "partiallyFilled",
  "filled",
  "canceled",
  "expired",
  "awaitingFills",
]);

/**
 * No order leaves `unknown` without the venue's word. That it is open, traded or ended takes something that the process
 * received and that names it, or a request taken that changes it; that it failed takes an answer to a question about it.
 */
export class EvidenceRule implements Rule {
  readonly #names: VenueNames;
  readonly #findings: Findings;
  /** By host and client order id. */
  readonly #doubts = new Map<string, Map<string, Doubt>>();
  readonly #exchangeIds = new Map<string, Set<string>>();
  readonly #requests = new Map<string, RequestLine>();

  constructor(names: VenueNames, findings: Findings) {
    this.#names = names;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    if (line.kind === "request") this.#requests.set(`${line.host} ${line.life} ${line.id}`, line);
    else if (line.kind === "answer") this.#onAnswer(line);
    else if (line.kind === "frame" && line.dir === "in") this.#onText(line.host, line.text);
    else if (line.kind === "event") this.#onEvent(line, at);
    else if (line.kind === "state") this.#onState(line, at);
  }

  #onAnswer(line: AnswerLine): void {
    const key = `${line.host} ${line.life} ${line.id}`;
    const request = this.#requests.get(key);
    this.#requests.delete(key);
    const { status = 0, text = "" } = line;
    if (line.lost !== undefined || request === undefined) return;
    // Too busy, too many or broken: that says nothing about any order.
    if (status >= 500 || status === 429 || status === 418) return;
    this.#onText(line.host, text);
    const asked = `${request.url} ${request.body ?? ""}`;
    const isList = this.#names.isListOfOpen(request);
    for (const doubt of this.#doubtsOf(line.host).values()) {
      if (names(asked, doubt.ids)) {
        doubt.answered = true;
        // A look-up that finds nothing is answered with 200 by Bybit; what was done to an order need not be repeated.
        const isDone = request.method !== "GET" && status < 400 && !this.#names.isRefusal(text);
        if (isDone) doubt.named = true;
      } else if (isList && !names(text, doubt.ids)) doubt.answered = true;
    }
  }

  #onText(host: string, text: string): void {
    for (const doubt of this.#doubtsOf(host).values()) if (!doubt.named && names(text, doubt.ids)) doubt.named = true;
  }

  #onEvent({ host, name, data }: EventLine, at: At): void {
    const id = data.clientOrderId;
    if (typeof id !== "string" || !name.startsWith("order")) return;
    if (name === "orderUnknown") this.#doubt(host, id, at);
    else if (EXISTS.has(name)) this.#settle(host, id, "named", name, at);
    else if (name === "orderFailed") this.#settle(host, id, "answered", name, at);
    if (typeof data.exchangeOrderId === "string") this.#idsOf(host, id).add(data.exchangeOrderId);
  }

  #onState({ host, orders }: StateLine, at: At): void {
    for (const { id, state, exchangeId } of orders) {
      if (state === "unknown") this.#doubt(host, id, at);
      else if (SHOWN.has(state)) this.#settle(host, id, "named", state, at);
      else if (state === "failed") this.#settle(host, id, "answered", state, at);
      if (exchangeId !== null) this.#idsOf(host, id).add(exchangeId);
    }
  }

  #doubt(host: string, id: string, at: At): void {
    const doubts = this.#doubtsOf(host);
    if (doubts.has(id)) return;
    this.#findings.count("orders in doubt");
    doubts.set(id, { ids: this.#idsOf(host, id), since: at, named: false, answered: false });
  }

  #settle(host: string, id: string, by: "named" | "answered", what: string, at: At): void {
    const doubts = this.#doubtsOf(host);
    const doubt = doubts.get(id);
    if (doubt === undefined) return;
    doubts.delete(id);
    if (doubt[by] || doubt.named) return;
    const text = `${host}: ${id} was unknown and became ${what}, and nothing that was received between says so`;
    this.#findings.breach("no order leaves unknown without evidence", text, doubt.since, at);
  }

  #doubtsOf(host: string): Map<string, Doubt> {
    const doubts = this.#doubts.get(host) ?? new Map<string, Doubt>();
    this.#doubts.set(host, doubts);
    return doubts;
  }

  /** Names that the venue may call it by. */
  #idsOf(host: string, id: string): Set<string> {
    const key = `${host} ${id}`;
    const ids = this.#exchangeIds.get(key) ?? new Set([id]);
    this.#exchangeIds.set(key, ids);
    return ids;
  }
}

/** Whether one of the ids stands in a text, and not as a part of a longer one. */
function names(text: string, ids: ReadonlySet<string>): boolean {
  for (const id of ids) {
    for (let found = text.indexOf(id); found >= 0; found = text.indexOf(id, found + 1)) {
      const next = text[found + id.length];
      if (next === undefined || !/[\w]/.test(next)) return true;
    }
  }
  return false;
}
