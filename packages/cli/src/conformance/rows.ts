import { ConfigError } from "../../../../src/model/error.ts";
import { ACCOUNT_ROWS } from "./account-rows.ts";
import { CLEANUP_ROWS } from "./cleanup.ts";
import { CONNECTION_ROWS } from "./connection-rows.ts";
import { FILL_ROWS } from "./fill-rows.ts";
import { MARKET_ROWS } from "./market-rows.ts";
import { ORDER_ROWS } from "./order-rows.ts";
import { RECOVERY_ROWS } from "./recovery-rows.ts";
import { REFUSAL_ROWS } from "./refusal-rows.ts";
import type { ConformanceRow } from "./row.ts";

/** Every row, in the order in which they run: the first opens the connection, the last prove what is left. */
export const ROWS: readonly ConformanceRow[] = [
  ...CONNECTION_ROWS,
  ...MARKET_ROWS,
  ...REFUSAL_ROWS,
  ...ORDER_ROWS,
  ...FILL_ROWS,
  ...ACCOUNT_ROWS,
  ...RECOVERY_ROWS,
  ...CLEANUP_ROWS,
];

const ALWAYS: ReadonlySet<ConformanceRow> = new Set([...ROWS.slice(0, 1), ...CLEANUP_ROWS]);

/**
 * The rows of these ids (`orders.amend`) or beginnings of ids (`orders`), and those that open and close every run. Throws
 * `ConfigError` for a name that no row has.
 */
export function rowsOf(names: readonly string[]): readonly ConformanceRow[] {
  const isNamed = (row: ConformanceRow, name: string) => row.id === name || row.id.startsWith(`${name}.`);
  const unknown = names.find((name) => !ROWS.some((row) => isNamed(row, name)));
  if (unknown !== undefined) {
    const groups = new Set(ROWS.map(({ id }) => id.slice(0, id.indexOf("."))));
    throw new ConfigError(`there is no row "${unknown}"`, {
      hint: `there are ${[...groups].join(", ")}; --dry-run lists the rows of each`,
    });
  }
  return ROWS.filter((row) => ALWAYS.has(row) || names.some((name) => isNamed(row, name)));
}
