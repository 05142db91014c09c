import type { Random } from "../../../src/runtime/runtime.ts";

const LONG = 100_000;
const MANY_ROWS = 1_000;
/** Rows that a list has when there is a next page. */
const A_PAGE = 100;
const RUNS = ["0", "1", "9", ".", "-", "+", "e", " ", "\n", "/", "a", "\u0000", "é"];

/** Texts that a number of a venue has no business to be, next to good ones of many forms. */
const NUMBERS = [
  ...["0", "-0", "1", "-1", "0.00000001", "123456789.123456789", "1e40", "1e-40", "1E5", "+3", ".5", "5.", "00012.500"],
  ...["1e41", "1e-41", "1e400", "1e-400", "1e3000000000", "-1e100000000", "1e+308", "5e-324", "0e999999999"],
  ...["0.12345678901234567890123456789", "12345678901234567890.5", "9007199254740993", "99999999999999999999999999"],
  ...[
    "",
    " ",
    " 1 ",
    "NaN",
    "Infinity",
    "-Infinity",
    "0x10",
    "1_000",
    "1,5",
    "1.2.3",
    "--1",
    "1e",
    "١٢",
    "null",
    "true",
  ],
  ...["1234567890123456789012345678901234567890", "-60000.5", "0.0", "-0.00", "1n", "1e5_", "\u00a01", "１２"],
];

/** Names of the prototype of every object, and fields that programs look for. */
const NAMES = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "then",
  "length",
  "0",
  "",
];

/** Ids that no venue gives, and one that is in use. */
const IDS = ["", " ", "0", "-1", "pw-1", "91000001", "9007199254740993", "x".repeat(200), "\ud800", "a\u0000b", "null"];

const NOW_S = Date.UTC(2026, 8, 20, 16) / 1_000;
/** Times that cannot be, and the present one in seconds, milliseconds and microseconds. */
const TIMES = [
  ...[0, -1, NOW_S, NOW_S * 1_000, NOW_S * 1_000_000, 8.64e15, 8.65e15, 253_402_300_800_000, 1.5, -62_135_596_800_000],
  ...["1970-01-01T00:00:00Z", "2026-13-45T99:99:99Z", "2026-09-20T16:00:00.123456789+23:59", "9999999-01-01T00:00:00Z"],
];

/** JSON text of something that takes the place of a value. */
const SHAPES = [
  ...["null", "true", "false", "{}", "[]", '""', '"constructor"', '"__proto__"', '"toString"', "[[]]", '[null,"1"]'],
  ...['{"toString":1}', '{"valueOf":null,"toString":null}', '{"__proto__":null}', '{"length":4000000000}', '"\\ud800"'],
  ...["1e400", "-1e400", "1e-400", "0.1234567890123456789", "12345678901234567890", "-0", "1e41", "8.65e15", "-1"],
];

const pick = <T>(random: Random, values: readonly T[]): T => values[random.integer(values.length)] as T;

/** A decimal text of up to 30 digits, as a venue may print it. */
function decimalText(random: Random): string {
  const digits = Array.from({ length: 1 + random.integer(30) }, () => random.integer(10)).join("");
  const point = random.integer(digits.length + 1);
  const whole = digits.slice(0, point).replace(/^0+(?=\d)/, "") || "0";
  const fraction = digits.slice(point);
  return `${random.integer(8) === 0 ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
}

/** JSON text of what takes the place of a value. Texts of 100 kB are rare: they cost the fuzz, not the parsers. */
function replacement(random: Random): string {
  const kind = random.integer(400);
  if (kind === 0) return JSON.stringify(pick(random, RUNS).repeat(LONG));
  if (kind === 1) return JSON.stringify(`0.${pick(random, RUNS).repeat(LONG)}1`);
  if (kind === 2) return `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
  if (kind === 3) return `1${"0".repeat(LONG)}`;
  if (kind === 4) return `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
  if (kind < 110) return JSON.stringify(pick(random, NUMBERS));
  if (kind < 200) return JSON.stringify(decimalText(random));
  if (kind < 260) return decimalText(random);
  if (kind < 290) return JSON.stringify(pick(random, IDS));
  if (kind < 330)
    return pick(random, [JSON.stringify, (time: unknown) => JSON.stringify(String(time))])(pick(random, TIMES));
  return pick(random, SHAPES);
}

/** A place of a tree: what holds it, and under which name. */
type Place = readonly [holder: object, name: string];

function placesOf(value: unknown, places: Place[] = []): readonly Place[] {
  if (typeof value !== "object" || value === null) return places;
  for (const [name, inner] of Object.entries(value)) {
    places.push([value, name]);
    placesOf(inner, places);
  }
  return places;
}

/** Every list of a tree; one that is in none where there is none. */
function listsOf(places: readonly Place[], tree: unknown): readonly unknown[][] {
  const values = [tree, ...places.map(([holder, name]): unknown => Reflect.get(holder, name))];
  const lists = values.filter((value) => Array.isArray(value));
  return lists.length === 0 ? [[]] : lists;
}

/** Changes the rows of a list: doubled, turned round, taken away, or very many of one. */
function changeRows(random: Random, rows: unknown[]): void {
  if (rows.length === 0) return;
  const kind = random.integer(40);
  if (kind < 3) rows.push(...Array.from({ length: kind === 0 ? MANY_ROWS : A_PAGE }, () => rows[0]));
  else if (kind < 14) rows.push(structuredClone(pick(random, rows)));
  else if (kind < 26) rows.reverse();
  else if (kind < 32) rows.length = 0;
  else rows.splice(random.integer(rows.length + 1), 0, pick<unknown>(random, [null, [], {}, "", 0, [[]]]));
}

/** A payload whose lists have as many rows as when there is a next page. */
export function withFullPages(payload: unknown): unknown {
  const copy: unknown = structuredClone(payload);
  for (const list of listsOf(placesOf(copy), copy)) {
    if (list.length > 0) list.push(...Array.from({ length: A_PAGE }, () => structuredClone(list[0])));
  }
  return copy;
}

/** Gives a field another name, or another field's value. */
function changeName(random: Random, holder: object, name: string): void {
  const value: unknown = Reflect.get(holder, name);
  const names = Object.keys(holder);
  if (random.integer(2) === 0) {
    const other = pick(random, names);
    Reflect.set(holder, name, Reflect.get(holder, other));
    Reflect.set(holder, other, value);
    return;
  }
  Reflect.deleteProperty(holder, name);
  const renamed = random.integer(2) === 0 ? pick(random, NAMES) : `${name}_`;
  Object.defineProperty(holder, renamed, { value, enumerable: true, configurable: true, writable: true });
}

/** Text that is cut, doubled, or has bytes in it that are no UTF-8 (which reach a program as U+FFFD). */
function changeText(random: Random, text: string): string {
  const at = random.integer(text.length + 1);
  switch (random.integer(6)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text + text;
    case 2:
      return `\ufeff${text}`;
    case 3:
      return `${text.slice(0, at)}${pick(random, ["\ufffd", "\ud800", "\u0000", "\\u0000", "\\ud83d", '"', "}", ","])}${text.slice(at)}`;
    case 4: {
      const bytes = Buffer.from(text);
      if (bytes.length > 0) bytes[random.integer(bytes.length)] = random.integer(256);
      return bytes.toString();
    }
    default:
      return text.slice(at);
  }
}

/** JSON text of a payload with some of its values replaced, renamed, left out or doubled, or with its text broken. */
export function mutated(random: Random, payload: unknown): string {
  const copy: unknown = structuredClone(payload);
  const marks = new Map<string, string>();
  for (let left = random.integer(4); left > 0; left -= 1) {
    const places = placesOf(copy);
    if (places.length === 0) return replacement(random);
    const [holder, name] = pick(random, places);
    const kind = random.integer(12);
    if (kind === 0) Reflect.deleteProperty(holder, name);
    else if (kind === 1 && !Array.isArray(holder)) changeName(random, holder, name);
    else if (kind === 2) changeRows(random, pick(random, listsOf(places, copy)));
    else {
      const mark = `mark-${marks.size}-of-the-fuzz`;
      marks.set(mark, replacement(random));
      Reflect.set(holder, name, mark);
    }
  }
  let text = JSON.stringify(copy) ?? "null";
  for (const [mark, value] of marks) text = text.replace(`"${mark}"`, () => value);
  return random.integer(40) === 0 ? changeText(random, text) : text;
}

/** Fields of text, each once by its name. */
export class TextFields {
  readonly #seen = new Set<string>();

  /** JSON texts of a payload, in each of them one field that was not seen before replaced by one of the texts. */
  *replaced(payload: unknown, replacements: readonly string[]): Generator<string> {
    for (const [holder, name] of placesOf(payload)) {
      if (typeof Reflect.get(holder, name) !== "string" || this.#seen.has(name)) continue;
      this.#seen.add(name);
      for (const replacement of replacements)
        yield JSON.stringify(payload, function (this: object, key: string, value: unknown) {
          return this === holder && key === name ? replacement : value;
        });
    }
  }
}
