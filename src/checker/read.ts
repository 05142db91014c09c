import type { HistoryLine } from "./history.ts";

const KINDS: ReadonlySet<string> = new Set([
  "history",
  "request",
  "answer",
  "frame",
  "socket",
  "event",
  "process",
  "asked",
  "state",
  "venue",
  "truth",
]);

/** Reads a line of a history. Throws `TypeError` for what is none. */
export function readHistoryLine(text: string): HistoryLine {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw new TypeError("not JSON");
  }
  const kind = typeof line === "object" && line !== null && "kind" in line ? line.kind : undefined;
  if (typeof kind !== "string" || !KINDS.has(kind)) {
    const told = typeof kind === "string" ? `"${kind}" is no kind of line` : "not an object with a kind of line";
    throw new TypeError(`${told}; there are ${[...KINDS].join(", ")}`);
  }
  return line as HistoryLine;
}
