import { PROTOCOL_ROWS } from "./seed-api-rows.ts";
import { BUILD_STEPS } from "./seed-build-steps.ts";
import { EXCHANGE_ITEMS } from "./seed-exchange.ts";
import type { ProtocolRow, SeedItem } from "./seed-symbols.ts";

export type { AbilityName, ItemKind, ProtocolRow, SeedItem, SymbolName } from "./seed-symbols.ts";

/** Everything that the checklist *Perpetual Connector v2.1* names, in its order. The same for every venue. */
export const CHECKLIST_ITEMS: { readonly apiRows: readonly ProtocolRow[]; readonly items: readonly SeedItem[] } = {
  apiRows: PROTOCOL_ROWS,
  items: [...BUILD_STEPS, ...EXCHANGE_ITEMS],
};

/** The names, in words, of the tests that the checklist wants of every venue. */
export function seedTestNames(): readonly string[] {
  return CHECKLIST_ITEMS.items.flatMap(({ kind, tests }) => (kind === "test" ? tests : []));
}
