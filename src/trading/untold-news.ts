import type { Fill } from "../model/fill.ts";
import type { JsonFields } from "./json-fields.ts";
import { decodeFill, fillText } from "./order-codec.ts";
import type { OrderJournal } from "./order-journal.ts";

/** News that a crash must not swallow, as the journal keeps it until it was told. */
export type News =
  | { readonly kind: "fill"; readonly fill: Fill }
  | { readonly kind: "end"; readonly clientOrderId: string }
  | { readonly kind: "funding"; readonly paymentId: string };

type UntoldJournal = Pick<OrderJournal, "writeUntold" | "settleUntold" | "untold">;

interface Held {
  readonly key: string;
  /** The order whose end it is. */
  readonly ended: string | undefined;
  readonly tell: () => void;
}

/**
 * News that is owed to the listeners: written to the journal in the unit that makes it true, struck off after it was
 * told, with the next write. A process that dies in between leaves it to the next one, so that it is told at least
 * once. Until `open` news waits, in order, for listeners that the program has not attached yet.
 */
export class UntoldNews {
  readonly #journal: UntoldJournal;
  #held: Held[] = [];
  #isOpen = false;
  #earlier: readonly { readonly key: string; readonly news: News }[];
  #next: number;
  /** Orders whose end is to be told. */
  readonly #endsOwed: Set<string>;

  /** Throws `JournalError` that names a broken record. */
  constructor(journal: UntoldJournal) {
    this.#journal = journal;
    this.#earlier = journal.untold((fields, key) => ({ key: checkedKey(key), news: decode(fields) }));
    this.#endsOwed = new Set(this.#earlier.map(({ news }) => endedIn(news)).filter((id) => id !== undefined));
    this.#next = 1 + Number(this.#earlier.at(-1)?.key ?? 0);
  }

  /** News that nobody waits for listeners with. Throws as the constructor does. */
  static opened(journal: UntoldJournal): UntoldNews {
    const untold = new UntoldNews(journal);
    untold.open();
    return untold;
  }

  /** Notes it in the unit that is under way; what is returned tells it, once the unit is on disk. */
  owe(news: News, tell: () => void): () => void {
    const key = String(this.#next).padStart(KEY_DIGITS, "0");
    this.#next += 1;
    this.#journal.writeUntold(key, encode(news));
    const ended = endedIn(news);
    if (ended !== undefined) this.#endsOwed.add(ended);
    return () => this.#deliver({ key, ended, tell });
  }

  /** Tells that the end of an order has not been told: the next process may have to tell it, from the journal. */
  owesEnd(clientOrderId: string): boolean {
    return this.#endsOwed.has(clientOrderId);
  }

  /** Takes up what earlier processes could not tell; `tellerOf` is undefined for what is no longer true. */
  restore(tellerOf: (news: News) => (() => void) | undefined): void {
    const earlier = this.#earlier.flatMap(({ key, news }) => {
      const tell = tellerOf(news);
      const ended = endedIn(news);
      if (tell !== undefined) return [{ key, ended, tell }];
      this.#settle({ key, ended });
      return [];
    });
    this.#earlier = [];
    this.#held = [...earlier, ...this.#held];
  }

  /** Listeners are there: tells what waits, and from now on everything at once. */
  open(): void {
    // A listener may cause more news, which follows what waits.
    for (let next = this.#held.shift(); next !== undefined; next = this.#held.shift()) this.#tell(next);
    this.#isOpen = true;
  }

  #deliver(news: Held): void {
    if (this.#isOpen) this.#tell(news);
    else this.#held.push(news);
  }

  #tell(news: Held): void {
    news.tell();
    this.#settle(news);
  }

  #settle({ key, ended }: Omit<Held, "tell">): void {
    this.#journal.settleUntold(key);
    if (ended !== undefined) this.#endsOwed.delete(ended);
  }
}

function endedIn(news: News): string | undefined {
  return news.kind === "end" ? news.clientOrderId : undefined;
}

const KEY_DIGITS = 15;

function encode(news: News): string {
  return news.kind === "fill" ? `{"kind":"fill","fill":${fillText(news.fill)}}` : JSON.stringify(news);
}

/** Keys are numbers in order of time, all of one length. */
function checkedKey(key: string): string {
  if (!/^\d+$/.test(key)) throw new TypeError("its key is not a number");
  return key;
}

function decode(fields: JsonFields): News {
  switch (fields.oneOf("kind", ["fill", "end", "funding"])) {
    case "fill":
      return { kind: "fill", fill: decodeFill(fields.object("fill")) };
    case "end":
      return { kind: "end", clientOrderId: fields.text("clientOrderId") };
    case "funding":
      return { kind: "funding", paymentId: fields.text("paymentId") };
  }
}
