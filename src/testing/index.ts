export { renderChecklist } from "./checklist.ts";
export {
  type ApiRow,
  CHECKLIST_VENUES,
  type ChecklistVenue,
  SEED_ITEMS,
  type SeedAnswer,
  type SeedItem,
  type SymbolName,
  seedTestNames,
} from "./seed-items.ts";
