import type { BookWire } from "./book-wire.ts";
import { NO_PATTERN, type TextPattern, textPattern } from "./text-pattern.ts";
import { bytesOf } from "./wire-bytes.ts";

/** Kinds of values that a scanner reads. Those from `null` on may be missing; `absent` ends the reading. */
export const FIELD = {
  text: 0,
  symbol: 1,
  number: 2,
  textNumber: 3,
  seconds: 4,
  bids: 5,
  asks: 6,
  object: 7,
  list: 8,
  anyText: 9,
  null: 10,
  absent: 11,
  ignored: 12,
} as const;

/** Places of the numbers of a message. */
export const NUMBER = { time: 0, updateId: 1, firstUpdateId: 2, previousUpdateId: 3, checksum: 4 } as const;

export interface Field {
  /** The key with its quotes and its colon; empty for an element of a list. */
  readonly key: Uint8Array;
  readonly kind: (typeof FIELD)[keyof typeof FIELD];
  /** Bit of the field among those that were seen. */
  readonly bit: number;
  readonly slot: number;
  readonly pattern: TextPattern;
  readonly fields: readonly Field[];
}

/** The end of a path. */
type Leaf = Pick<Field, "kind" | "slot" | "pattern">;
const MAX_FIELDS = 31;

interface Branch extends Map<string, Leaf | Branch> {}

/** The same message inside of its envelope; undefined where it has none. */
export function enveloped(wire: BookWire): BookWire | undefined {
  const { envelope, texts, snapshot, absent = [], nulls = [], ignored = [], time } = wire;
  if (envelope === undefined) return undefined;
  const inside = (path: string): string => `${envelope.key}.${path}`;
  const named = Object.entries(texts).map(([path, text]) => [inside(path), text] as const);
  const optional = (path: string | undefined) => (path === undefined ? undefined : inside(path));
  return {
    ...wire,
    texts: { ...envelope.texts, ...Object.fromEntries(named) },
    ...{ absent: absent.map(inside), nulls: nulls.map(inside), ignored: ignored.map(inside) },
    ...{ symbol: inside(wire.symbol), time: { ...time, path: inside(time.path) } },
    ...{ updateId: optional(wire.updateId), firstUpdateId: optional(wire.firstUpdateId) },
    ...{ previousUpdateId: optional(wire.previousUpdateId), checksum: optional(wire.checksum) },
    ...{ bids: inside(wire.bids), asks: inside(wire.asks) },
    ...(snapshot !== undefined && { snapshot: { ...snapshot, depth: optional(snapshot.depth) } }),
  };
}

/** The message of the whole book where the stream has one beside the changes; undefined where it has none. */
export function wholeOf(wire: BookWire): BookWire | undefined {
  const { snapshot, texts } = wire;
  return snapshot === undefined ? undefined : { ...wire, kind: "snapshot", texts: { ...texts, ...snapshot.texts } };
}

/** The keys of a venue's messages as a tree. */
export function fieldsOf(wire: BookWire): readonly Field[] {
  const root: Branch = new Map();
  const { texts, snapshot, absent = [], nulls = [], ignored = [], symbol, time, bids, asks } = wire;
  for (const [path, text] of Object.entries(texts)) put(root, path, leafOfText(text, path === snapshot?.depth));
  for (const path of absent) put(root, path, leafOf("absent"));
  for (const path of ignored) put(root, path, leafOf("ignored"));
  for (const path of nulls) put(root, path, leafOf("null"));
  put(root, symbol, leafOf("symbol"));
  const form = time.form === "number" ? "number" : time.form === "text" ? "textNumber" : "seconds";
  put(root, time.path, leafOf(form, NUMBER.time));
  for (const name of ["updateId", "firstUpdateId", "previousUpdateId", "checksum"] as const) {
    const path = wire[name];
    if (path !== undefined) put(root, path, leafOf("number", NUMBER[name]));
  }
  put(root, bids, leafOf("bids"));
  put(root, asks, leafOf("asks"));
  const bits = { next: 1 };
  return [...root].map(([key, child]) => fieldOf(key, child, bits));
}

/** Bits of all fields that every message has. */
export function requiredOf(fields: readonly Field[]): number {
  let bits = 0;
  for (const { kind, bit, fields: inner } of fields) {
    if (kind < FIELD.null) bits |= bit | requiredOf(inner);
  }
  return bits;
}

function leafOfText(text: string, isDepth: boolean): Leaf {
  return text === "*" ? leafOf("anyText") : leafOf("text", 0, textPattern(text, isDepth));
}

function leafOf(kind: keyof typeof FIELD, slot = 0, pattern: TextPattern = NO_PATTERN): Leaf {
  return { kind: FIELD[kind], slot, pattern };
}

function put(root: Branch, path: string, leaf: Leaf): void {
  const keys = path.split(".");
  const last = keys.pop() ?? "";
  let branch = root;
  for (const key of keys) {
    const inner = branch.get(key) ?? new Map();
    if (!(inner instanceof Map)) throw new TypeError(`the path ${path} goes through a value`);
    branch.set(key, inner);
    branch = inner;
  }
  branch.set(last, leaf);
}

/** A step of a path that leads into a list. */
const PLACE = /^\d+$/;

/** The elements of a list in their order, whatever the order in which they were named. */
function inPlaces(key: string, list: Branch): readonly (readonly [string, Leaf | Branch])[] {
  return Array.from({ length: list.size }, (_, place) => {
    const element = list.get(String(place));
    if (element === undefined) throw new TypeError(`place ${place} of ${key} is not named, and one after it is`);
    return [String(place), element];
  });
}

function fieldOf(key: string, child: Leaf | Branch, bits: { next: number }): Field {
  const bit = bits.next;
  // An int32 has 31 of them; one more would be none, and its field would seem to be there always.
  if (bit === 0)
    throw new TypeError(`a bookWire has ${MAX_FIELDS} keys at most, those of its objects and lists among them`);
  bits.next = bit === 1 << (MAX_FIELDS - 1) ? 0 : bit << 1;
  const isPlace = PLACE.test(key);
  const own = { key: bytesOf(isPlace ? "" : `"${key}":`), bit };
  if (!(child instanceof Map))
    return { ...own, kind: child.kind, slot: child.slot, pattern: child.pattern, fields: [] };
  const isList = [...child.keys()].some((name) => PLACE.test(name));
  const inner = isList ? inPlaces(key, child) : [...child];
  const fields = inner.map(([name, value]) => fieldOf(name, value, bits));
  return { ...own, kind: isList ? FIELD.list : FIELD.object, slot: 0, pattern: NO_PATTERN, fields };
}
