/** Counters by name, added up. */
export function summed(tables: Iterable<Readonly<Record<string, number>>>): Record<string, number> {
  const totals: Record<string, number> = {};
  for (const table of tables) {
    for (const [name, count] of Object.entries(table)) totals[name] = (totals[name] ?? 0) + count;
  }
  return totals;
}
