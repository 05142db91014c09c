import type { OrderToPlace } from "../model/order.ts";
import type { JournalView } from "../runtime/runtime.ts";
import { JsonFields } from "./json-fields.ts";
import { decodeRow, type OrderChange } from "./order-change-codec.ts";
import { decodeProcess, type JournalProcess, orderDayKey, orderOfChange, processKey } from "./order-change-rows.ts";
import { decodeOrder } from "./order-codec.ts";
import { originalClientOrderId } from "./order-ids.ts";

/** All that a journal knows of how an order came to be what it is. */
export interface OrderStory {
  readonly connectorName: string;
  readonly order: OrderToPlace;
  /** Creation time by the venue's clock, as far as it was known, epoch milliseconds. */
  readonly createdAtMs: number;
  /** Oldest first; empty where a version wrote it that kept no history. */
  readonly changes: readonly OrderChange[];
  /** Processes that wrote the changes, and each that has opened the journal since, by number. */
  readonly processes: ReadonlyMap<number, JournalProcess>;
}

/** Sorts after every id. */
const LAST = "\u{10ffff}";
const ROWS_AT_A_TIME = 100;

/** The story of an order, by its client order id or that of one of its amends. Throws `TypeError` for a broken row. */
export function readOrderStory(journal: JournalView, clientOrderId: string): OrderStory | undefined {
  for (const account of accountsOf(journal)) {
    for (const id of new Set([clientOrderId, originalClientOrderId(clientOrderId)])) {
      const story = storyOf(journal, account, id);
      if (story !== undefined) return story;
    }
  }
  return undefined;
}

/** Ids of orders that the journal has something of, those of the latest days first. */
export function* knownOrderIds(journal: JournalView): Generator<string> {
  for (const account of accountsOf(journal)) {
    let after = "";
    for (;;) {
      const page = journal.page(`${account}.orders`, after, ROWS_AT_A_TIME);
      for (const [key] of page) yield key;
      if (page.length < ROWS_AT_A_TIME) break;
      after = page.at(-1)?.[0] ?? "";
    }
    const table = `${account}.orderChanges`;
    for (const day of daysOf(journal, table).toReversed()) {
      let from = `${day}|`;
      for (;;) {
        const found = orderOfChange(journal.page(table, from, 1)[0]?.[0] ?? "");
        if (found === undefined || found.day !== day) break;
        yield found.clientOrderId;
        from = `${orderDayKey(day, found.clientOrderId)}${LAST}`;
      }
    }
  }
}

/** `connector.account` of the tables of a journal. */
function accountsOf(journal: JournalView): readonly string[] {
  const orders = journal.tables().filter((name) => /\.(orders|orderChanges)$/.test(name));
  return [...new Set(orders.map((name) => name.slice(0, name.lastIndexOf("."))))];
}

function storyOf(journal: JournalView, account: string, clientOrderId: string): OrderStory | undefined {
  const blocks = blocksOf(journal, `${account}.orderChanges`, clientOrderId).map((text) => JsonFields.parse(text));
  const kept = journal.get(`${account}.orders`, clientOrderId);
  const record = kept === undefined ? undefined : JsonFields.parse(kept);
  const first = blocks[0] ?? record;
  if (first === undefined) return undefined;
  const createdAtMs = first.number("createdAtMs");
  const recent = record?.has("recentChanges") === true ? record.list("recentChanges") : [];
  const rows = [...blocks.flatMap((block) => block.list("changes")), ...recent];
  const changes = rows.map((row) => decodeRow(row, createdAtMs)).toSorted((a, b) => a.number - b.number);
  const connectorName = account.slice(0, account.lastIndexOf("."));
  const processes = processesOf(journal, `${account}.processes`, changes[0]?.process ?? 0);
  return { connectorName, order: decodeOrder(first.object("order")), createdAtMs, changes, processes };
}

function processesOf(journal: JournalView, table: string, first: number): ReadonlyMap<number, JournalProcess> {
  const processes = new Map<number, JournalProcess>();
  for (let after = processKey(Math.max(0, first - 1)); ; ) {
    const page = journal.page(table, after, ROWS_AT_A_TIME);
    for (const [key, text] of page) processes.set(Number(key), decodeProcess(key, JsonFields.parse(text)));
    if (page.length < ROWS_AT_A_TIME) return processes;
    after = page.at(-1)?.[0] ?? "";
  }
}

/** Rows of the history of one order, those of earlier days first. */
function blocksOf(journal: JournalView, table: string, clientOrderId: string): readonly string[] {
  const texts: string[] = [];
  for (const day of daysOf(journal, table)) {
    const prefix = orderDayKey(day, clientOrderId);
    for (let after = prefix; ; ) {
      const page = journal.page(table, after, ROWS_AT_A_TIME);
      const own = page.filter(([key]) => key.startsWith(prefix));
      texts.push(...own.map(([, text]) => text));
      if (own.length < ROWS_AT_A_TIME) break;
      after = own.at(-1)?.[0] ?? "";
    }
  }
  return texts;
}

function daysOf(journal: JournalView, table: string): readonly string[] {
  const days: string[] = [];
  for (let after = ""; ; ) {
    const day = orderOfChange(journal.page(table, after, 1)[0]?.[0] ?? "")?.day;
    if (day === undefined) return days;
    days.push(day);
    after = `${day}|${LAST}`;
  }
}
