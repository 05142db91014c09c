import { ConfigError } from "../../../src/model/error.ts";
import type { Files } from "../../../src/runtime/runtime.ts";

/** One line of a recording: `{"t": ms, "kind": "ws"|"http", "dir": "in"|"out"|"open", "url": "...", "text": "..."}`. */
export interface RecordedMessage {
  /** Counted from 1. */
  readonly line: number;
  readonly timestampMs: number;
  readonly kind: "ws" | "http";
  readonly direction: "in" | "out" | "open";
  readonly url: string;
  /** The raw frame or body; empty where the line carries none. */
  readonly text: string;
}

/** Reads a recording line by line. Throws `ConfigError` that names the line which is not one of a recording. */
export async function* readRecording(files: Files, path: string): AsyncGenerator<RecordedMessage> {
  let number = 0;
  for await (const line of files.lines(path)) {
    number += 1;
    if (line.trim() === "") continue;
    yield { line: number, ...parseLine(line, `${path} line ${number}`) };
  }
}

const SHAPE_HINT = 'a line is {"t": milliseconds, "kind": "ws" or "http", "dir": "in", "out" or "open", "url", "text"}';

function parseLine(line: string, where: string): Omit<RecordedMessage, "line"> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw wrong(`${where} is not JSON`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong(`${where} is not an object`);
  const { t, kind, dir, url, text }: Readonly<Record<string, unknown>> = { ...value };
  if (typeof t !== "number") throw wrong(`${where}: "t" is not a number`);
  if (kind !== "ws" && kind !== "http") throw wrong(`${where}: "kind" is not "ws" or "http"`);
  if (dir !== "in" && dir !== "out" && dir !== "open") throw wrong(`${where}: "dir" is not "in", "out" or "open"`);
  if (text !== undefined && typeof text !== "string") throw wrong(`${where}: "text" is not text`);
  if (text === undefined && dir === "in") throw wrong(`${where}: "text" is missing`);
  return { timestampMs: t, kind, direction: dir, url: typeof url === "string" ? url : "", text: text ?? "" };
}

function wrong(message: string): ConfigError {
  return new ConfigError(message, { code: "RECORDING", hint: SHAPE_HINT });
}
