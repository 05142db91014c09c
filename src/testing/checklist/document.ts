import { ConfigError } from "../../model/error.ts";
import type { ItemKind } from "../seed-symbols.ts";

export type ChecklistStatus = "yes" | "no" | "not-offered";

/** An item as every venue has it. `{venue}` in a symbol is the venue's folder. */
export interface ChecklistItem {
  readonly section: string;
  readonly item: string;
  readonly kind: ItemKind;
  readonly symbol: string;
  /** Names of the kit's tests that prove it. */
  readonly tests: readonly string[];
}

/** Finding of the last run for one item and one venue. */
export interface ChecklistAnswer {
  readonly status: ChecklistStatus;
  /** Endpoint of an API row: the request that the venue was seen to get, or the channel that it was seen to use. */
  readonly endpoint?: string | undefined;
  /** Reason why the venue does not offer it, or what is missing. */
  readonly reason?: string | undefined;
}

/** One connector in the last run. */
export interface ConnectorChecklist {
  readonly displayName: string;
  readonly folder: string;
  /** Date of the documents that it was checked against. */
  readonly documentsDate?: string | undefined;
  /** Every connector name that stands for this venue. */
  readonly domains: readonly string[];
  /**
   * The kit's tests by what became of them. A test that is about something not offered is in none of the lists; one that
   * passed on an ability which the kit gave the venue is `invented`, and not among those that passed.
   */
  readonly tests: Readonly<Record<"passed" | "invented" | "failed" | "todo", readonly string[]>>;
  /** Answers in the order of the document's items. */
  readonly answers: readonly ChecklistAnswer[];
}

/**
 * Findings of a run of the kit for every venue: the documents are written of it, and `perpwire checklist` prints it.
 */
export interface ChecklistDocument {
  readonly items: readonly ChecklistItem[];
  readonly connectors: Readonly<Record<string, ConnectorChecklist>>;
}

/** One row of the checklist for one connector. */
export interface ChecklistRow extends ChecklistAnswer {
  readonly section: string;
  readonly item: string;
  readonly kind: ItemKind;
  readonly symbol: string;
  readonly tests: readonly string[];
}

/** The rows of one connector, in the checklist's order; undefined where the last run had no such connector. */
export function checklistRows(document: ChecklistDocument, connector: string): readonly ChecklistRow[] | undefined {
  const found = connectorOf(document, connector);
  return found?.answers.flatMap(({ status, endpoint, reason }, index) => {
    const item = document.items[index];
    if (item === undefined) return [];
    const symbol = item.symbol.replaceAll("{venue}", found.folder);
    return [
      { section: item.section, item: item.item, kind: item.kind, status, symbol, endpoint, reason, tests: item.tests },
    ];
  });
}

export function connectorOf(document: ChecklistDocument, connector: string): ConnectorChecklist | undefined {
  return Object.hasOwn(document.connectors, connector) ? document.connectors[connector] : undefined;
}

export function countOf(rows: readonly ChecklistAnswer[], status: ChecklistStatus): number {
  return rows.filter((row) => row.status === status).length;
}

const SHOWN_TESTS = 4;

/** The tests of an item in a line for people: a payload that half of the kit stands on is not followed by all of it. */
export function testsText(tests: readonly string[]): string {
  const others = tests.length - SHOWN_TESTS;
  return [...tests.slice(0, SHOWN_TESTS), ...(others > 0 ? [`${others} more`] : [])].join("; ");
}

/** Throws `ConfigError` when the value is no checklist. */
export function asChecklist(value: unknown): ChecklistDocument {
  if (!isChecklist(value)) {
    throw new ConfigError("the checklist cannot be read", { hint: "`npm run docs` writes it in a clone" });
  }
  return value;
}

function isChecklist(value: unknown): value is ChecklistDocument {
  if (typeof value !== "object" || value === null || !("items" in value) || !("connectors" in value)) return false;
  return Array.isArray(value.items) && typeof value.connectors === "object" && value.connectors !== null;
}
