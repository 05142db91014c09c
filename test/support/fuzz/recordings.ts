import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Payloads } from "./seeds.ts";

/** Recorded markets are all read as the one that the fuzz knows. */
const TOKEN_OF_SYMBOL = /\b[A-Z0-9]{2,10}(?=-?USDT\b)/g;
const ANY_PATH = "";

/**
 * Answers and frames of a venue out of a folder: of each file whose path names the venue every line, where it ends with
 * `.ndjson`, and every value, where it ends with `.json`. A line is one of a recording, or a frame; of a value nobody
 * knows what it is: it is taken as a frame and as an answer.
 */
export function recordedPayloads(folder: string, venue: string, basePath: string): Payloads {
  const answers: [path: string, body: unknown][] = [];
  const frames: unknown[] = [];
  const take = (value: unknown): void => {
    frames.push(value);
    answers.push([ANY_PATH, value]);
  };
  const [exchange = ""] = venue.split("_");
  for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted()) {
    const isRead = name.includes(exchange) && /\.(?:nd)?json$/.test(name);
    const text = isRead ? readFileSync(join(folder, name), "utf8").replaceAll(TOKEN_OF_SYMBOL, "BTC") : "";
    if (name.endsWith(".json")) for (const value of text === "" ? [] : within(JSON.parse(text))) take(value);
    else {
      for (const line of text.split("\n").filter((each) => each !== "")) {
        const value: unknown = JSON.parse(line);
        if (!isRecorded(value)) take(value);
        else if (value.dir !== "in") continue;
        else if (value.kind === "ws") frames.push(payloadOf(value.text));
        else answers.push([new URL(value.url).pathname.slice(basePath.length), payloadOf(value.text)]);
      }
    }
  }
  return { answers, frames };
}

function isRecorded(value: unknown): value is Readonly<Record<"kind" | "dir" | "url" | "text", string>> {
  return typeof value === "object" && value !== null && "kind" in value && "dir" in value && "url" in value;
}

const payloadOf = (text: string): unknown => (text === "pong" ? text : JSON.parse(text));

/** A value and everything in it that is an object or a list. */
function within(value: unknown): readonly unknown[] {
  if (typeof value !== "object" || value === null) return [];
  return [value, ...Object.values(value).flatMap(within)];
}
