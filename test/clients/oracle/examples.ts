import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { parseJson } from "../../../src/net/json.ts";

const FOLDER = resolve(import.meta.dirname, "../../../../shared/data/examples");

/** The venues' documented example payloads are kept beside the project, or are not there at all. */
export const examplesAreHere = existsSync(FOLDER);

// biome-ignore lint/suspicious/noExplicitAny: the shapes are what the parsers under test are to find out
export type Payload = any;

/** The examples of one page, read as the connector reads what comes from the wire. */
export function examplesOf(venue: "bybit-v5" | "binance-usdm", page: string): Payload[] {
  return parseJson(readFileSync(resolve(FOLDER, venue, `${page}.json`), "utf8")) as Payload[];
}

/** A payload with other values for some keys, wherever they are in it. */
export function withValues(payload: Payload, change: (key: string, value: Payload) => Payload): Payload {
  return JSON.parse(JSON.stringify(payload), change);
}
