import { type Amount, amount, compare, plus, text, ZERO } from "../amount.ts";
import type { EventLine, HistoryLine, StateLine } from "../history.ts";
import type { At, Findings, Rule } from "../rule.ts";
import type { VenueOrders } from "../venue-orders.ts";

const ENDS: ReadonlySet<string> = new Set(["orderCompleted", "orderCanceled", "orderExpired", "orderFailed"]);

/** Reports of one process on one order. */
interface Told {
  created: At | undefined;
  ended: At | undefined;
}

/** Reports of all processes of a host on one order. */
interface Story {
  readonly fills: Map<string, Amount>;
  executed: Amount;
  executedAt: At | undefined;
  /** The process that told `executed`. */
  executedIn: string;
}

/**
 * Rule for the events of an order: it is created once and ends once in the life of a process, only a late fill may
 * follow its end, and it does not rest when its end is told. Its executed amount is the sum of the fills that were told
 * and never falls. One exception: after a process was killed with a full disk, the next one may tell the fills anew
 * that could not be written down. A process that is gone tells nothing.
 */
export class OrderEventsRule implements Rule {
  readonly #venue: VenueOrders;
  readonly #findings: Findings;
  readonly #told = new Map<string, Told>();
  readonly #stories = new Map<string, Story>();
  readonly #gone = new Map<string, At>();
  readonly #killed = new Set<string>();

  constructor(venue: VenueOrders, findings: Findings) {
    this.#venue = venue;
    this.#findings = findings;
  }

  line(line: HistoryLine, at: At): void {
    if (line.kind === "process" && line.what !== "started") {
      this.#gone.set(`${line.host} ${line.life}`, at);
      if (line.what === "killed") this.#killed.add(`${line.host} ${line.life}`);
    } else if (line.kind === "event") this.#onEvent(line, at);
    else if (line.kind === "state") this.#onState(line, at);
  }

  #onEvent(line: EventLine, at: At): void {
    const { host, life, name, data } = line;
    this.#findings.count("events");
    const gone = this.#gone.get(`${host} ${life}`);
    if (gone !== undefined) this.#breach(`${host} tells ${name} after its process is gone`, gone, at);
    const id = data.clientOrderId;
    if (!name.startsWith("order") || typeof id !== "string") return;
    this.#findings.count("events of orders");
    const told = this.#toldOf(`${host} ${life} ${id}`);
    if (told.ended !== undefined && name !== "orderFilled") {
      this.#breach(`${host}: ${name} of ${id} after its end`, told.ended, at);
    }
    if (name === "orderCreated") {
      if (told.created !== undefined) this.#breach(`${host}: ${id} is created twice`, told.created, at);
      told.created = at;
    }
    if (name === "orderFilled") {
      const fillId = `${data.exchangeOrderId} ${data.fillId}`;
      this.#storyOf(host, id).fills.set(fillId, amount(String(data.amount)));
      return;
    }
    this.#onExecuted(line, id, String(data.executedAmount), at);
    if (ENDS.has(name)) this.#onEnd(line, id, told, at);
  }

  #onEnd({ host, name, data }: EventLine, id: string, told: Told, at: At): void {
    told.ended ??= at;
    this.#findings.count("ends of orders");
    const filled = [...this.#storyOf(host, id).fills.values()].reduce(plus, ZERO);
    const executed = amount(String(data.executedAmount));
    if (compare(filled, executed) !== 0) {
      const figures = `${text(executed)} executed and ${text(filled)} in the fills that were told`;
      this.#breach(`${host}: ${name} of ${id} with ${figures}`, at);
    }
    if (name === "orderCompleted" && compare(executed, amount(String(data.amount))) < 0 && !hasMissing(data)) {
      this.#breach(`${host}: ${id} is completed with ${text(executed)} of ${data.amount}`, at);
    }
    const open = this.#venue.find(id)?.open;
    if (open !== undefined && open.size > 0) {
      const ids = [...open].join(", ");
      this.#findings.breach("an ended order is not open", `${host}: ${name} of ${id}, which rests as ${ids}`, at);
    }
  }

  #onState(line: StateLine, at: At): void {
    for (const { id, executed } of line.orders) this.#onExecuted(line, id, executed, at);
  }

  #onExecuted({ host, life }: EventLine | StateLine, id: string, executedText: string, at: At): void {
    const story = this.#storyOf(host, id);
    const executed = amount(executedText);
    const process = `${host} ${life}`;
    const isAnew = story.executedIn !== process && this.#killed.has(story.executedIn);
    if (compare(executed, story.executed) < 0 && !isAnew) {
      this.#breach(`${host}: executed of ${id} falls to ${executedText}`, story.executedAt, at);
    }
    story.executed = executed;
    story.executedAt = at;
    story.executedIn = process;
  }

  #breach(what: string, ...lines: readonly (At | undefined)[]): void {
    this.#findings.breach("an order's events are in a lawful order", what, ...lines);
  }

  #toldOf(key: string): Told {
    const told = this.#told.get(key) ?? { created: undefined, ended: undefined };
    this.#told.set(key, told);
    return told;
  }

  #storyOf(host: string, id: string): Story {
    const key = `${host} ${id}`;
    const story = this.#stories.get(key) ?? { fills: new Map(), executed: ZERO, executedAt: undefined, executedIn: "" };
    this.#stories.set(key, story);
    return story;
  }
}

function hasMissing({ missingAmount }: EventLine["data"]): boolean {
  return typeof missingAmount === "string" && missingAmount !== "0";
}
