import "../runtime/node-version.ts";

export {
  type ChecklistAnswer,
  type ChecklistDocument,
  type ChecklistItem,
  type ChecklistRow,
  type ChecklistStatus,
  type ConnectorChecklist,
  checklistRows,
} from "./checklist/document.ts";
export { runChecklist } from "./checklist/run.ts";
export { type ToDo, type ToDoList, toDoList } from "./checklist/to-do.ts";
export type { VenueSource } from "./checklist/venue-facts.ts";
export * from "./kit/index.ts";
export {
  CHECKLIST_ITEMS,
  type ItemKind,
  type ProtocolRow,
  type SeedItem,
  type SymbolName,
  seedTestNames,
} from "./seed-items.ts";
