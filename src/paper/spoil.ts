import { parseIsoTime } from "../model/time.ts";
import type { Random } from "../runtime/runtime.ts";
import { parseExact, rawNumber } from "./exact-json.ts";
import { isObject } from "./protocols/json-fields.ts";

type Row = Record<string, unknown>;

/** Names under which the protocols have ids and prices of rows. */
const ID = /^([aict]|\w*id)$/i;
const PRICE = /^(p|ap|L|sp|\w*px|\w*price)$/i;
const ISO = /^\d{4}-\d\d-\d\dT/;
const DEEPEST = 4;

/** Spoils one row of a message: of one of its lists, or what it tells as one row. Text without rows stays as it is. */
export function withUnreadableRow(text: string, random: Random): string {
  const message = parsed(text);
  const lists = listsIn(message);
  const list = lists[random.integer(Math.max(1, lists.length))];
  if (list !== undefined) {
    const at = random.integer(list.length);
    list[at] = spoiled(list[at], random);
    return JSON.stringify(message);
  }
  if (!isObject(message)) return text;
  const holder: Row = isObject(message.data) ? message.data : message;
  const row = isObject(holder.o) ? holder.o : holder;
  return withoutSense(row, random) ? JSON.stringify(message) : text;
}

/** Fields with the creation time of an order, a fill or a payment, in the protocols' names. */
const BORN = ["createdAt", "createdTime", "cTime", "execTime", "fillTime", "create_time", "time", "timestamp"];
/** Times below this are seconds, which Gate tells. */
const MIN_MS = 1e11;

/** Takes the rows out that came to be after a time. `isNothing` where none is left, or the one that is told is younger. */
export function withoutYoungRows(
  text: string,
  sinceMs: number,
): { readonly text: string; readonly isNothing: boolean } {
  const message = parsed(text);
  const single = isObject(message) ? ([message.result, message.order].find(isObject) ?? message) : message;
  if (isObject(single) && isYoung(single, sinceMs)) return { text, isNothing: true };
  let [taken, left] = [0, 0];
  for (const list of listsIn(message)) {
    const old = list.filter((row) => !isObject(row) || !isYoung(row, sinceMs));
    taken += list.length - old.length;
    left += old.length;
    list.splice(0, list.length, ...old);
  }
  return taken === 0 ? { text, isNothing: false } : { text: JSON.stringify(message), isNothing: left === 0 };
}

/** Tells that a row is younger than `sinceMs`; an order's row with its result inside counts by the order. */
function isYoung(told: Readonly<Row>, sinceMs: number): boolean {
  const row = isObject(told.order) ? told.order : told;
  const name = BORN.find((known) => row[known] !== undefined);
  const value = name === undefined ? undefined : row[name];
  const born = typeof value === "string" && ISO.test(value) ? parseIsoTime(value) : Number(value);
  return (born < MIN_MS ? born * 1_000 : born) > sinceMs;
}

function parsed(text: string): unknown {
  try {
    return parseExact(text, rawNumber);
  } catch {
    return undefined;
  }
}

/** Depths that venues have a snapshot in (Binance docs, Order-Book). */
const DEPTHS = [5, 10, 20, 50, 100, 500] as const;

/**
 * Cuts a book's snapshot as if a lesser depth had been requested. The depth is one that venues have: any other would be
 * taken for the whole book, without a sign of the fault. A book of five levels a side or fewer stays as it is.
 */
export function withFewerLevels(text: string, random: Random): string {
  const message = parsed(text);
  if (message === undefined) return text;
  const sides = listsIn(message).flatMap(sidesOf);
  const longest = Math.max(0, ...sides.map(({ length }) => length));
  const lesser = DEPTHS.filter((depth) => depth < longest);
  const depth = lesser[random.integer(Math.max(1, lesser.length))];
  if (depth === undefined) return text;
  for (const side of sides) side.length = Math.min(side.length, depth);
  return JSON.stringify(message);
}

/** The list itself where it is of levels; both sides where it is of two lists of objects (Hyperliquid). */
function sidesOf(list: unknown[]): readonly unknown[][] {
  const lists = list.filter((each) => Array.isArray(each));
  if (lists.some(([first]) => isObject(first))) return lists;
  return isLevel(list[0]) ? [list] : [];
}

/** Levels are lists of a price and a size, or objects with both (Gate). */
function isLevel(row: unknown): boolean {
  return Array.isArray(row) || (isObject(row) && row.p !== undefined && row.s !== undefined);
}

/** Lists of objects and of levels. */
function listsIn(value: unknown, depth = 0): unknown[][] {
  if (depth > DEEPEST || typeof value !== "object" || value === null) return [];
  if (!Array.isArray(value)) return Object.values(value).flatMap((inner) => listsIn(inner, depth + 1));
  if (value.length === 0 || typeof value[0] !== "object" || value[0] === null) return [];
  return [value, ...(Array.isArray(value[0]) ? [] : value.flatMap((inner) => listsIn(inner, depth + 1)))];
}

function spoiled(row: unknown, random: Random): unknown {
  if (random.integer(3) === 0) return "?";
  if (Array.isArray(row)) return ["?", ...row.slice(1)];
  return isObject(row) && withoutSense(row, random) ? row : "?";
}

/** Takes the id out of a row, or makes its price nonsense; false when it has neither. */
function withoutSense(row: Row, random: Random): boolean {
  const ids = Object.keys(row).filter((name) => ID.test(name));
  const prices = Object.keys(row).filter((name) => PRICE.test(name));
  const names = ids.length === 0 || (prices.length > 0 && random.integer(2) === 0) ? prices : ids;
  const name = names[random.integer(Math.max(1, names.length))];
  if (name === undefined) return false;
  if (names === ids) delete row[name];
  else row[name] = "?";
  return true;
}
