export { renderChecklist, withVenueRows } from "./checklist.ts";
export {
  type ApiAnswer,
  type ApiRow,
  CHECKLIST_VENUES,
  type ChecklistVenue,
  SEED_ITEMS,
  type SeedAnswer,
  type SeedItem,
  type SymbolName,
  seedTestNames,
  type VenueSymbolName,
} from "./seed-items.ts";
