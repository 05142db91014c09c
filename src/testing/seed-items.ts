import { API_ROWS } from "./seed-api-rows.ts";
import { BUILD_STEPS } from "./seed-build-steps.ts";
import { EXCHANGE_ITEMS } from "./seed-exchange.ts";
import type { ApiRow, ChecklistVenue, SeedItem } from "./seed-symbols.ts";

export type {
  ApiAnswer,
  ApiRow,
  ChecklistVenue,
  SeedAnswer,
  SeedItem,
  SymbolName,
  VenueSymbolName,
} from "./seed-symbols.ts";

/** Everything that the checklist *Perpetual Connector v2.1* names, in its order. */
export const SEED_ITEMS: { readonly apiRows: readonly ApiRow[]; readonly items: readonly SeedItem[] } = {
  apiRows: API_ROWS,
  items: [...BUILD_STEPS, ...EXCHANGE_ITEMS],
};

/** The connectors that the checklist is answered for, and the names of their folders. */
export const CHECKLIST_VENUES: Readonly<Record<ChecklistVenue, string>> = {
  ftx_perpetual: "ftx",
  bybit_perpetual: "bybit",
  binance_perpetual: "binance",
};

/** The names, in words, of the tests that the checklist wants of every venue. */
export function seedTestNames(): readonly string[] {
  return SEED_ITEMS.items.flatMap(({ ours }) => ("test" in ours ? [ours.test] : []));
}
