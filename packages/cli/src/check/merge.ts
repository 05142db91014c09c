import type { HeadLine } from "../../../../src/checker/history.ts";
import { readHistoryLine } from "../../../../src/checker/read.ts";
import { ConfigError } from "../../../../src/model/error.ts";
import type { Files } from "../../../../src/runtime/runtime.ts";

export interface Place {
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
}

export interface PlacedLine {
  readonly text: string;
  readonly place: Place;
  readonly t: number;
}

/** Files by the run that their first lines name, in the order given. Throws `ConfigError` for what is no history. */
export async function runsOf(files: Files, paths: readonly string[]): Promise<readonly (readonly string[])[]> {
  const runs = new Map<string, { readonly head: HeadLine; readonly paths: string[] }>();
  const real = new Set<string>();
  for (const path of paths) {
    const realPath = await files.realPath(path);
    if (real.has(realPath)) throw new ConfigError(`${path} is named twice`, { code: "HISTORY" });
    real.add(realPath);
    const head = await headOf(files, path);
    const run = runs.get(head.run) ?? { head, paths: [] };
    const different = SAME_IN_A_RUN.find((field) => head[field] !== run.head[field]);
    if (different !== undefined) {
      throw new ConfigError(`${path} and ${run.paths[0]} are not of one run: their ${different} differs`, {
        code: "HISTORY",
        hint: "files whose first lines name the same run are checked together; check these one at a time",
      });
    }
    run.paths.push(path);
    runs.set(head.run, run);
  }
  return [...runs.values()].map((run) => run.paths);
}

const SAME_IN_A_RUN = ["connector", "seed", "profile", "minutes", "startMs", "token", "startingCash"] as const;

async function headOf(files: Files, path: string): Promise<HeadLine> {
  for await (const text of files.lines(path)) {
    try {
      const line = readHistoryLine(text);
      if (line.kind === "history") return line;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
    break;
  }
  const hint = "its first line says what it is; `perpwire simulate --trace DIR` writes histories";
  throw new ConfigError(`${path} is no history`, { code: "HISTORY", hint });
}

/** The lines of all files by their time, and where that is equal in the order of the files. */
export async function* placedLines(files: Files, paths: readonly string[]): AsyncGenerator<PlacedLine> {
  const readers = paths.map((path) => linesOf(files, path));
  try {
    const heads = await Promise.all(readers.map(next));
    for (;;) {
      let first: number | undefined;
      for (const [index, head] of heads.entries()) {
        if (head === undefined) continue;
        const best = first === undefined ? undefined : heads[first];
        if (best === undefined || head.t < best.t) first = index;
      }
      const [line, reader] = [heads[first ?? -1], readers[first ?? -1]];
      if (first === undefined || line === undefined || reader === undefined) return;
      yield line;
      heads[first] = await next(reader);
    }
  } finally {
    // A line that is none ends the reading in the middle, and the files would stay open.
    await Promise.all(readers.map((reader) => reader.return(undefined)));
  }
}

async function next(reader: AsyncGenerator<PlacedLine>): Promise<PlacedLine | undefined> {
  const { value, done } = await reader.next();
  return done === true ? undefined : value;
}

async function* linesOf(files: Files, path: string): AsyncGenerator<PlacedLine> {
  let line = 0;
  let last: PlacedLine | undefined;
  for await (const text of files.lines(path)) {
    line += 1;
    if (text.trim() === "") continue;
    if (last !== undefined) yield last;
    const t = Number(/^\{"t":([\d.]+)/.exec(text)?.[1] ?? Number.NEGATIVE_INFINITY);
    last = { text, place: { path, line }, t };
  }
  if (last !== undefined && isWhole(last.text)) yield last;
}

/** The last line of a process that was killed may be cut off, at a bracket too. */
function isWhole(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
