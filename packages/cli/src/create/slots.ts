/** A marked region of a template: lines between `// <name>` and `// </name>`. Regions may hold others. */
const OPEN = /^\s*\/\/ <([a-z0-9-]+)>$/;
const CLOSE = /^\s*\/\/ <\/([a-z0-9-]+)>$/;

const nameIn = (line: string, mark: RegExp): string | undefined => mark.exec(line)?.[1];

/** Content of every region by its name, with the indentation taken off; those within others as well. */
export function slotsOf(text: string): ReadonlyMap<string, string> {
  const slots = new Map<string, string>();
  const open: { readonly name: string; readonly indent: number; readonly lines: string[] }[] = [];
  for (const line of text.split("\n")) {
    const closed = nameIn(line, CLOSE);
    if (closed !== undefined) {
      const slot = open.pop();
      if (slot?.name !== closed) throw new TypeError(`region ${closed} ends where ${slot?.name ?? "none"} is open`);
      slots.set(slot.name, slot.lines.map((each) => unindented(each, slot.indent)).join("\n"));
    }
    for (const slot of open) slot.lines.push(line);
    const name = nameIn(line, OPEN);
    if (name !== undefined) open.push({ name, indent: line.search(/\S/), lines: [] });
  }
  if (open.length > 0) throw new TypeError(`region ${open.at(-1)?.name} has no end`);
  return slots;
}

/** The text with other content in those of its regions that `contents` names. Their marks stay. */
export function withSlots(text: string, contents: ReadonlyMap<string, string>): string {
  const lines: string[] = [];
  let replaced: string | undefined;
  for (const line of text.split("\n")) {
    if (replaced !== undefined && nameIn(line, CLOSE) !== replaced) continue;
    replaced = undefined;
    lines.push(line);
    const name = nameIn(line, OPEN);
    const content = name === undefined ? undefined : contents.get(name);
    if (content === undefined) continue;
    replaced = name;
    const indent = " ".repeat(line.search(/\S/));
    if (content !== "") lines.push(...content.split("\n").map((each) => (each === "" ? "" : `${indent}${each}`)));
  }
  return lines.join("\n");
}

/** The text without marks, and without the blank lines that empty regions leave. */
export function withoutMarks(text: string): string {
  return text
    .split("\n")
    .filter((line) => nameIn(line, OPEN) === undefined && nameIn(line, CLOSE) === undefined)
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/([{[(])\n\n/g, "$1\n")
    .replace(/\n\n(\s*[}\])])/g, "\n$1");
}

function unindented(line: string, indent: number): string {
  return line.slice(0, indent).trim() === "" ? line.slice(indent) : line;
}
