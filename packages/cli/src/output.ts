import { formatIsoTime } from "../../../src/model/time.ts";
import type { Cli, OutputFlags } from "./cli.ts";
import { plain, recordLines } from "./plain.ts";
import { printable } from "./printable.ts";
import { type Column, fitTable, renderTable } from "./table.ts";

const COLUMNS_OF_A_TERMINAL_WITHOUT_A_SIZE = 80;

/** Output of a command: a table or a line for people, JSON for programs. */
export class Output {
  readonly isJson: boolean;
  readonly #cli: Cli;

  constructor(cli: Cli, flags: OutputFlags) {
    this.#cli = cli;
    this.isJson = flags.json === true;
  }

  /** A line for people; nothing with `--json`. */
  line(text: string): void {
    if (!this.isJson) this.#cli.process.writeOut(printable(`${text}\n`));
  }

  /** A line of JSON for programs; nothing without `--json`. */
  json(value: unknown): void {
    if (this.isJson) this.#cli.process.writeOut(printable(`${JSON.stringify(plain(value))}\n`));
  }

  /** A remark for people, on standard error. */
  note(text: string): void {
    this.#cli.process.writeError(printable(`${text}\n`));
  }

  /**
   * A table, or with `--json` one line with an array of objects. `whenEmpty` is said when there is no row. What has no
   * room on a terminal is left out by name; a file or a pipe gets every column.
   */
  async rows<Row>(columns: readonly Column<Row>[], rows: readonly Row[], whenEmpty: string): Promise<void> {
    if (this.isJson) {
      this.json(rows.map((row) => Object.fromEntries(columns.map(({ name, value }) => [name, value(row)]))));
      return;
    }
    const width = this.#width;
    if (rows.length === 0) this.line(whenEmpty);
    else if (width === undefined) this.line(await renderTable(columns, rows));
    else {
      const { text, leftOut } = await fitTable(columns, rows, width);
      this.line(text);
      if (leftOut.length > 0) this.note(`no room for ${leftOut.join(", ")}: a wider terminal or --json shows all`);
    }
  }

  /** Named facts one below the other, or with `--json` one line with an object. */
  async record(fields: Readonly<Record<string, unknown>>): Promise<void> {
    this.json(fields);
    if (this.isJson) return;
    for (const line of recordLines(fields, this.#width)) this.line(line);
  }

  /** Characters in a line of the terminal; a file or a pipe has no such limit. */
  get #width(): number | undefined {
    const { isTerminal, columns } = this.#cli.process;
    return isTerminal ? columns || COLUMNS_OF_A_TERMINAL_WITHOUT_A_SIZE : undefined;
  }
}

/** ISO text of a time, or undefined where there is none. */
export function isoTime(timestampMs: number | undefined): string | undefined {
  return timestampMs === undefined || !Number.isFinite(timestampMs) ? undefined : formatIsoTime(timestampMs);
}
