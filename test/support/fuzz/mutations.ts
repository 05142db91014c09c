import type { Random } from "../../../src/runtime/runtime.ts";

const LONG = 100_000;
const RUNS = ["0", "1", "9", ".", "-", "+", "e", " ", "\n", "/", "a", "\u0000", "é"];

/** Texts that a number of a venue has no business to be, next to good ones of many forms. */
const NUMBERS = [
  ...["0", "-0", "1", "-1", "0.00000001", "123456789.123456789", "1e40", "1e-40", "1E5", "+3", ".5", "5.", "00012.500"],
  ...["1e41", "1e-41", "1e400", "1e-400", "1e3000000000", "-1e100000000", "1e+308", "5e-324", "0e999999999"],
  ...["0.12345678901234567890123456789", "12345678901234567890.5", "9007199254740993", "99999999999999999999999999"],
  ...["", " ", "NaN", "Infinity", "-Infinity", "0x10", "1_000", "1,5", "1.2.3", "--1", "1e", "١٢", "null", "true"],
];

/** JSON text of something that takes the place of a value. */
const SHAPES = [
  ...["null", "true", "false", "{}", "[]", '""', '"constructor"', '"__proto__"', '"toString"', "[[]]", '[null,"1"]'],
  ...['{"toString":1}', '{"valueOf":null,"toString":null}', '{"__proto__":null}', '{"length":4000000000}'],
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
  const kind = random.integer(200);
  if (kind === 0) return JSON.stringify(pick(random, RUNS).repeat(LONG));
  if (kind === 1) return JSON.stringify(`0.${pick(random, RUNS).repeat(LONG)}1`);
  if (kind === 2) return `${"[".repeat(5_000)}${"]".repeat(5_000)}`;
  if (kind === 3) return `1${"0".repeat(LONG)}`;
  if (kind < 60) return JSON.stringify(pick(random, NUMBERS));
  if (kind < 110) return JSON.stringify(decimalText(random));
  if (kind < 140) return decimalText(random);
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

/** JSON text of a payload with some of its values replaced, left out or doubled. */
export function mutated(random: Random, payload: unknown): string {
  const copy: unknown = structuredClone(payload);
  const places = placesOf(copy);
  if (places.length === 0) return replacement(random);
  const marks = new Map<string, string>();
  for (let left = random.integer(4); left > 0; left -= 1) {
    const [holder, name] = pick(random, places);
    if (random.integer(6) === 0) {
      if (Array.isArray(holder)) holder.push(Reflect.get(holder, name));
      else Reflect.deleteProperty(holder, name);
      continue;
    }
    const mark = `mark-${marks.size}-of-the-fuzz`;
    marks.set(mark, replacement(random));
    Reflect.set(holder, name, mark);
  }
  let text = JSON.stringify(copy) ?? "null";
  for (const [mark, value] of marks) text = text.replace(`"${mark}"`, () => value);
  // A frame that was cut short, or has something else in its middle.
  return random.integer(50) === 0 ? text.slice(0, random.integer(text.length + 1)) : text;
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
