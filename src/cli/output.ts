import { Decimal } from "../model/decimal.ts";
import { formatIsoTime } from "../model/time.ts";
import { realWork } from "../runtime/real-work.ts";
import type { Cli, OutputFlags } from "./cli.ts";

/** One column of a table, and the field of the same name in JSON. */
export interface Column<Row> {
  readonly name: string;
  value(row: Row): unknown;
  readonly align?: "left" | "right";
}

/** What a command prints: a table or a line for people, JSON for programs. */
export class Output {
  readonly isJson: boolean;
  readonly #cli: Cli;

  constructor(cli: Cli, flags: OutputFlags) {
    this.#cli = cli;
    this.isJson = flags.json === true;
  }

  /** A line for people; nothing with `--json`. */
  line(text: string): void {
    if (!this.isJson) this.#cli.process.writeOut(`${text}\n`);
  }

  /** A line of JSON for programs; nothing without `--json`. */
  json(value: unknown): void {
    if (this.isJson) this.#cli.process.writeOut(`${JSON.stringify(plain(value))}\n`);
  }

  /** A remark for people, on standard error. */
  note(text: string): void {
    this.#cli.process.writeError(`${text}\n`);
  }

  /** A table, or with `--json` one line with an array of objects. `whenEmpty` is said when there is no row. */
  async rows<Row>(columns: readonly Column<Row>[], rows: readonly Row[], whenEmpty: string): Promise<void> {
    if (this.isJson) {
      this.json(rows.map((row) => Object.fromEntries(columns.map(({ name, value }) => [name, value(row)]))));
    } else if (rows.length === 0) {
      this.line(whenEmpty);
    } else {
      this.line(await renderTable(columns, rows));
    }
  }

  /** Named facts one below the other, or with `--json` one line with an object. */
  async record(fields: Readonly<Record<string, unknown>>): Promise<void> {
    if (this.isJson) {
      this.json(fields);
      return;
    }
    const width = Math.max(...Object.keys(fields).map((name) => name.length));
    for (const [name, value] of Object.entries(fields)) this.line(`${name.padEnd(width)}  ${cell(value)}`);
  }
}

export async function renderTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): Promise<string> {
  const { default: Table } = await realWork(import("cli-table3"));
  const table = new Table({
    head: columns.map(({ name }) => name),
    colAligns: columns.map(({ align }) => align ?? "left"),
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(columns.map(({ value }) => cell(value(row))));
  return table.toString();
}

/** ISO text of a time, or undefined where there is none. */
export function isoTime(timestampMs: number | undefined): string | undefined {
  return timestampMs === undefined || !Number.isFinite(timestampMs) ? undefined : formatIsoTime(timestampMs);
}

function cell(value: unknown): string {
  const shown = plain(value);
  if (shown === null || shown === undefined) return "-";
  if (typeof shown !== "object") return String(shown);
  const entries = Object.entries(shown);
  if (entries.length === 0) return "-";
  return entries.map(([name, inner]) => (Array.isArray(shown) ? cell(inner) : `${name} ${cell(inner)}`)).join(", ");
}

/** What JSON can hold: amounts as plain decimal text, maps as objects; what is undefined becomes null. */
export function plain(value: unknown): unknown {
  if (value === undefined || value === null || Number.isNaN(value)) return null;
  if (value instanceof Decimal) return value.toFixed();
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}
