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

/** What the last run found for one item and one venue. */
export interface ChecklistAnswer {
  readonly status: ChecklistStatus;
  /** Of an API row: what the venue was seen to be asked, or the channel it was seen to tell it on. */
  readonly endpoint?: string | undefined;
  /** Why the venue does not offer it, or what is missing. */
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
  /** In the order of the document's items. */
  readonly answers: readonly ChecklistAnswer[];
}

/** What `npm run docs` writes, `docs/checklist.json` holds and `perpwire checklist` prints. */
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

/** As text, in the shape that the repository's formatter gives to JSON: what fits in a line is one. */
export function stringifyChecklist(document: ChecklistDocument): string {
  return `${jsonText(document, 0, 0)}\n`;
}

const LINE_WIDTH = 120;

/** `used` is what else the line holds: what goes before the value, and the comma after it. */
function jsonText(value: unknown, indent: number, used: number): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const flat = flatText(value);
  if (indent + used + flat.length <= LINE_WIDTH) return flat;
  const isList = Array.isArray(value);
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  const lines = entries.map(([key, each], index) => {
    const before = isList ? "" : `${JSON.stringify(key)}: `;
    const after = index === entries.length - 1 ? "" : ",";
    const text = jsonText(each, indent + 2, before.length + after.length);
    return `${" ".repeat(indent + 2)}${before}${text}${after}`;
  });
  const [open, close] = isList ? "[]" : "{}";
  return `${open}\n${lines.join("\n")}\n${" ".repeat(indent)}${close}`;
}

function flatText(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(flatText).join(", ")}]`;
  const entries = Object.entries(value).filter(([, each]) => each !== undefined);
  if (entries.length === 0) return "{}";
  return `{ ${entries.map(([key, each]) => `${JSON.stringify(key)}: ${flatText(each)}`).join(", ")} }`;
}

/** Throws `ConfigError` when the value is not what `stringifyChecklist` wrote. */
export function asChecklist(value: unknown): ChecklistDocument {
  if (!isChecklist(value)) {
    throw new ConfigError("docs/checklist.json is not a checklist", { hint: "`npm run docs` writes it" });
  }
  return value;
}

function isChecklist(value: unknown): value is ChecklistDocument {
  if (typeof value !== "object" || value === null || !("items" in value) || !("connectors" in value)) return false;
  return Array.isArray(value.items) && typeof value.connectors === "object" && value.connectors !== null;
}
