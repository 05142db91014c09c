import type { AnswerLine, EventLine, HistoryLine, RequestLine, StateLine } from "../history.ts";
import type { VenueNames } from "../names.ts";
import { saidOf } from "../order-rows.ts";
import type { At, Findings, Rule } from "../rule.ts";

/** Evidence that was received of an order since its fate was unknown. */
interface Doubt {
  readonly ids: Set<string>;
  readonly since: At;
  /** True when its existence was reported, but not its end. */
  isFound: boolean;
  /** Something that names it. */
  isNamed: boolean;
  /** A row that says that it is filled or tells a fill of it, that it was canceled or expired, or that it was rejected. */
  isTraded: boolean;
  isEnded: boolean;
  isRejected: boolean;
  /** An answer that refuses to make it. */
  isRefused: boolean;
  /** True after an answer about the order that says not found, or a list of all open orders that does not name it. */
  isMissing: boolean;
}

type Evidence = (doubt: Doubt) => boolean;

const isNamed: Evidence = (doubt) => doubt.isNamed;
const isTraded: Evidence = (doubt) => doubt.isTraded;
const isEnded: Evidence = (doubt) => doubt.isEnded || doubt.isMissing;
const isNone: Evidence = (doubt) => doubt.isRefused || doubt.isMissing || doubt.isRejected;

/** Evidence needed before an unknown order may be said to exist, by event and by state. */
const EXISTS: ReadonlyMap<string, Evidence> = new Map([
  ["orderCreated", isNamed],
  ["orderFilled", isNamed],
  ["open", isNamed],
  ["partiallyFilled", isNamed],
  ["awaitingFills", isNamed],
]);
/** Evidence needed to tell how it ended; the amount filled is held against its fills elsewhere. */
const ENDS: ReadonlyMap<string, Evidence> = new Map([
  ["orderCompleted", isTraded],
  ["filled", isTraded],
  ["orderCanceled", isEnded],
  ["canceled", isEnded],
  ["orderExpired", isEnded],
  ["expired", isEnded],
  ["orderFailed", isNone],
  ["failed", isNone],
]);

/** Texts that are looked at for what was told of an order just before it was in doubt. */
const MAX_RECEIVED = 100;

/**
 * Rule: an order leaves `unknown`, or ends after it, only with the venue's word. To exist, it needs a message that
 * names it, or an accepted request that changes it. To have traded or ended, it needs a row that says so. To be
 * canceled or failed, an answer "not found" is enough.
 */
export class EvidenceRule implements Rule {
  readonly #names: VenueNames;
  readonly #findings: Findings;
  /** Doubts by host and client order id. */
  readonly #doubts = new Map<string, Map<string, Doubt>>();
  readonly #exchangeIds = new Map<string, Set<string>>();
  readonly #requests = new Map<string, RequestLine>();
  /** Newest texts that each host received. */
  readonly #received = new Map<string, string[]>();

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
    const { status = 0 } = line;
    const text = this.#names.withWholeIds(line.text ?? "");
    if (line.lost !== undefined || request === undefined) return;
    // Too busy, too many or broken: that says nothing about any order.
    if (status >= 500 || status === 429 || status === 418) return;
    this.#onText(line.host, text);
    const asked = this.#names.withWholeIds(`${request.url} ${request.body ?? ""}`);
    const isList = this.#names.isListOfOpen(request);
    for (const doubt of this.#doubtsOf(line.host).values()) {
      if (names(asked, doubt.ids)) this.#onAnswerAbout(doubt, request, status, text);
      else if (isList && status < 400 && !this.#names.isRefusal(text) && !names(text, doubt.ids))
        doubt.isMissing = true;
    }
  }

  /** An answer to a request that names an order. */
  #onAnswerAbout(doubt: Doubt, request: RequestLine, status: number, text: string): void {
    if (this.#names.isQuestion(request)) {
      if (this.#names.isNotFound(status, text) && !names(text, doubt.ids)) doubt.isMissing = true;
    } else {
      // Changes of an order need not be repeated in the answer.
      if (status < 400 && !this.#names.isRefusal(text)) doubt.isNamed = true;
      if (this.#names.isCreate(request) && this.#names.refusesOrder(status, text)) doubt.isRefused = true;
    }
  }

  #onText(host: string, told: string): void {
    const text = this.#names.withWholeIds(told);
    const received = this.#received.get(host) ?? [];
    this.#received.set(host, received);
    received.push(text);
    if (received.length > MAX_RECEIVED) received.shift();
    for (const doubt of this.#doubtsOf(host).values()) {
      if (!names(text, doubt.ids)) continue;
      const said = saidOf(text, doubt.ids, this.#names);
      doubt.isNamed = true;
      // The missing part of a truncated text may have said anything.
      doubt.isTraded ||= said?.isTraded ?? true;
      doubt.isEnded ||= said?.isEnded ?? true;
      doubt.isRejected ||= said?.isRejected ?? true;
    }
  }

  #onEvent({ host, name, data }: EventLine, at: At): void {
    const id = data.clientOrderId;
    if (typeof id !== "string" || !name.startsWith("order")) return;
    if (name === "orderUnknown") this.#doubt(host, id, at);
    else this.#settle(host, id, name, at);
    if (typeof data.exchangeOrderId === "string") this.#idsOf(host, id).add(data.exchangeOrderId);
  }

  #onState({ host, orders }: StateLine, at: At): void {
    for (const { id, state, exchangeId } of orders) {
      if (state === "unknown") this.#doubt(host, id, at);
      else this.#settle(host, id, state, at);
      if (exchangeId !== null) this.#idsOf(host, id).add(exchangeId);
    }
  }

  #doubt(host: string, id: string, at: At): void {
    const doubts = this.#doubtsOf(host);
    if (doubts.get(id)?.isFound === false) return;
    this.#findings.count("orders in doubt");
    const ids = this.#idsOf(host, id);
    doubts.set(id, {
      ...{ ids, since: at, isFound: false, isRefused: false, isMissing: false },
      ...this.#toldBefore(host, ids),
    });
  }

  /**
   * A list that came before its order was in doubt names it all the same where nothing had told of it until then: a
   * connector that asks for two lists takes the first when it has the second. An end that a row told before the doubt is the
   * venue's word as well: while an amend is under way it is not believed, and the loss of another answer leaves the order in
   * doubt until the amend is refused.
   */
  #toldBefore(host: string, ids: Set<string>): Pick<Doubt, "isNamed" | "isTraded" | "isEnded" | "isRejected"> {
    const told = { isNamed: false, isTraded: false, isEnded: false, isRejected: false };
    const isKnown = ids.size > 1;
    for (const text of this.#received.get(host) ?? []) {
      if (!names(text, ids)) continue;
      const said = saidOf(text, ids, this.#names);
      told.isNamed ||= !isKnown && said?.isRejected !== true;
      told.isTraded ||= said?.isTraded === true;
      told.isEnded ||= said?.isEnded === true;
      told.isRejected ||= said?.isRejected === true;
    }
    return told;
  }

  #settle(host: string, id: string, what: string, at: At): void {
    const doubts = this.#doubtsOf(host);
    const doubt = doubts.get(id);
    const evidence = ENDS.get(what) ?? EXISTS.get(what);
    if (doubt === undefined || evidence === undefined || (doubt.isFound && !ENDS.has(what))) return;
    if (ENDS.has(what)) doubts.delete(id);
    doubt.isFound = true;
    if (evidence(doubt)) return;
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

/**
 * Finds one of the ids in a text, as a whole word: order 17 is not named by the price 20017 or 0.17, nor by a time. On
 * FTX an amendment has the id of its order and what follows a dash.
 */
function names(text: string, ids: ReadonlySet<string>): boolean {
  for (const id of ids) {
    for (let found = text.indexOf(id); found >= 0; found = text.indexOf(id, found + 1)) {
      const [before = " ", after = " "] = [text[found - 1], text[found + id.length]];
      if (!/[\w.-]/.test(before) && !/[\w.:+]/.test(after)) return true;
    }
  }
  return false;
}
