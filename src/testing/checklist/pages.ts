import type { ChecklistDocument } from "./document.ts";
import { renderChecklist, testedHow, withConnectorTable, withVenueRows } from "./markdown.ts";

/**
 * Every file that the checklist is written to, by its path from the top of the repository, with its new text. Pages that
 * are written by hand around their rows are read first; throws `TypeError` where one has no marks for them.
 */
export function checklistPages(
  document: ChecklistDocument,
  read: (path: string) => string,
): ReadonlyMap<string, string> {
  const pathOf = (folder: string): string => `docs/venues/${folder}.md`;
  const venues = Object.entries(document.connectors).map(([name, { folder }]): [string, string] => {
    const path = pathOf(folder);
    return [path, withVenueRows(read(path), document, name)];
  });
  const tested = ({ folder }: { readonly folder: string }): string => testedHow(read(pathOf(folder)));
  return new Map([
    ["docs/checklist.md", renderChecklist(document)],
    ...venues,
    ["README.md", withConnectorTable(read("README.md"), document, tested)],
  ]);
}
