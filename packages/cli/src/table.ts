import { realWork } from "../../../src/runtime/real-work.ts";
import { cell, recordLines } from "./plain.ts";

/** One column of a table, and the field of the same name in JSON. */
export interface Column<Row> {
  readonly name: string;
  value(row: Row): unknown;
  readonly align?: "left" | "right";
  /**
   * True where a table can do without the column: such columns are left out, the widest first, where the terminal is
   * too narrow.
   */
  readonly isDetail?: boolean;
}

interface FittedTable {
  readonly text: string;
  /** Names of the columns for which there was no room. */
  readonly leftOut: readonly string[];
}

/** Renders a table in a frame. */
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

/**
 * A table of at most `width` characters a line: framed where that fits, else without a frame and with as many of the
 * details as there is room for, else one record below the other. No cell is ever cut.
 */
export async function fitTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  width: number,
): Promise<FittedTable> {
  const texts = columns.map((column) => ({ column, width: widthOf(column, rows) }));
  const total = (of: readonly { readonly width: number }[], frame: number) =>
    of.reduce((sum, each) => sum + each.width + frame, 0);
  if (total(texts, FRAME_WIDTH) + 1 <= width) return { text: await renderTable(columns, rows), leftOut: [] };
  let kept = texts;
  while (total(kept, GAP.length) - GAP.length > width) {
    const widest = kept.filter(({ column }) => column.isDetail).toSorted((a, b) => b.width - a.width)[0];
    if (widest === undefined) return { text: blocks(columns, rows, width), leftOut: [] };
    kept = kept.filter((each) => each !== widest);
  }
  const lines = [undefined, ...rows].map((row) =>
    kept
      .map(({ column, width: cellWidth }) => {
        const text = row === undefined ? column.name : cell(column.value(row));
        return column.align === "right" ? text.padStart(cellWidth) : text.padEnd(cellWidth);
      })
      .join(GAP)
      .trimEnd(),
  );
  const leftOut = texts.filter((each) => !kept.includes(each)).map(({ column }) => column.name);
  return { text: lines.join("\n"), leftOut };
}

const GAP = "  ";
/** Width of the frame around a cell: `│ ` before it and a blank after it. */
const FRAME_WIDTH = 3;

function widthOf<Row>({ name, value }: Column<Row>, rows: readonly Row[]): number {
  return rows.reduce((most, row) => Math.max(most, cell(value(row)).length), name.length);
}

function blocks<Row>(columns: readonly Column<Row>[], rows: readonly Row[], width: number): string {
  const record = (row: Row) => Object.fromEntries(columns.map(({ name, value }) => [name, value(row)]));
  return rows.map((row) => recordLines(record(row), width).join("\n")).join("\n\n");
}
