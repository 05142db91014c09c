import type { Cli } from "../cli.ts";
import { createScreen } from "../screen.ts";
import type { ConformanceRow, RowResult } from "./row.ts";

/** Shows how far a run is; nothing where nobody looks. */
export interface Progress {
  show(row: ConformanceRow, done: readonly RowResult[], total: number): void;
  end(): void;
}

const BAR_COLUMNS = 24;

export async function createProgress(cli: Cli, isJson: boolean): Promise<Progress> {
  if (!cli.process.isTerminal || isJson) return { show: () => undefined, end: () => undefined };
  const screen = await createScreen(cli.process);
  return {
    show: (row, done, total) => screen.show(progressText(row, done, total, cli.process.columns || 80)),
    end: () => {
      screen.show("");
      screen.end();
    },
  };
}

/** One line, never wider than `columns`. */
function progressText(
  row: Pick<ConformanceRow, "name">,
  done: readonly Pick<RowResult, "status">[],
  total: number,
  columns: number,
): string {
  const filled = Math.round((BAR_COLUMNS * done.length) / total);
  const failed = done.filter(({ status }) => status === "failed").length;
  const bar = `${"█".repeat(filled)}${"░".repeat(BAR_COLUMNS - filled)}`;
  const text = `${bar} ${done.length}/${total}${failed === 0 ? "" : `, ${failed} failed`}  ${row.name}`;
  return text.length <= columns ? text : `${text.slice(0, Math.max(0, columns - 1))}…`;
}
