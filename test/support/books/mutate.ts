import type { SeededRandom } from "./random.ts";

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const SIGNS = [...'{}[]",:.0123456789-+eE \\\n\tnultrfas\u0000é'];

/** Other spellings of a number, some of the same one. */
function respelled(text: string, random: SeededRandom): string {
  const hasPoint = text.includes(".");
  return random.pick([
    () => (hasPoint ? `${text}0` : `${text}.0`),
    () => (hasPoint ? `${text}000000000000000000` : `${text}.`),
    () => `0${text}`,
    () => `${text}e0`,
    () => `${text}E-2`,
    () => `-${text}`,
    () => `${text}${random.integer(10)}`,
    () => `${hasPoint ? text : `${text}.`}${random.integer(1e9)}`,
    () => `${hasPoint ? text : `${text}.`}${random.integer(1e9)}${random.integer(1e9)}`,
    () => `${random.integer(1e9)}${text}`,
    () => `"${text}"`,
    () => text.replace(/^\d+/, ""),
    () => String(random.integer(1e6) / 10 ** random.integer(9)),
    () => "0",
    () => "null",
    () => "9007199254740993",
  ])();
}

function inNumber(text: string, random: SeededRandom): string {
  const numbers = [...text.matchAll(NUMBER)];
  const chosen = random.pick(numbers);
  if (chosen === undefined) return text;
  const [number] = chosen;
  return `${text.slice(0, chosen.index)}${respelled(number, random)}${text.slice(chosen.index + number.length)}`;
}

function inBytes(text: string, random: SeededRandom): string {
  const at = random.integer(text.length);
  const sign = random.pick(SIGNS);
  const removed = random.integer(3);
  return random.chance(0.5)
    ? text.slice(0, at) + sign + text.slice(at + removed)
    : text.slice(0, at) + text.slice(at + 1);
}

/** Words of a message: keys, texts, numbers, signs. */
const WORD = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\],:]|\s+|[a-z]+/g;

function inWords(text: string, random: SeededRandom): string {
  const words = text.match(WORD) ?? [];
  const at = random.integer(words.length);
  const other = random.integer(words.length);
  const word = words[at] ?? "";
  const changed = [...words];
  random.pick([
    () => changed.splice(at, 1),
    () => changed.splice(at, 0, random.pick(words)),
    () => changed.splice(at, 1, random.pick(words)),
    () => changed.splice(Math.min(at, other), Math.abs(at - other)),
    () => changed.splice(at, 1, word.startsWith('"') ? word.slice(1, -1) : `"${word}"`),
    () =>
      changed.splice(
        at,
        1,
        word.replace(/[a-z]/, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`),
      ),
    () => changed.splice(at, 0, " "),
  ])();
  return changed.join("");
}

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** Keys in another order, more of them, one twice, one less. */
function inKeys(text: string, random: SeededRandom): string {
  const write = (value: Json): string => {
    if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    const entries = Object.entries(value).map(([key, inner]) => `${JSON.stringify(key)}:${write(inner)}`);
    if (random.chance(0.3)) entries.splice(random.integer(entries.length + 1), 0, random.pick(MORE));
    if (random.chance(0.2)) entries.splice(random.integer(entries.length + 1), 0, random.pick(entries));
    if (random.chance(0.1)) entries.splice(random.integer(entries.length), 1);
    if (random.chance(0.3)) entries.reverse();
    return `{${entries.join(random.chance(0.2) ? ", " : ",")}}`;
  };
  try {
    return write(JSON.parse(text) as Json);
  } catch {
    return text;
  }
}

const MORE = [
  ...['"x":1', '"x":"y"', '"x":null', '"x":[1,2]', '"x":{"y":"z"}', '"x":01', '"x":1.', '"x":tru', '"event":"error"'],
  ...[
    '"full":true',
    '"error":null',
    '"error":{"code":2}',
    '"stream":"s"',
    '"u":5',
    '"data":{}',
    '"x":1e400',
    '"x":"\\n"',
  ],
  ...['"__proto__":1', '"b":[]', '"ts":1', '"checksum":7', '"op":"subscribe"', '"success":false', '"code":1', '"n":1'],
];

export function mutated(text: string, random: SeededRandom): string {
  const mutate = random.pick([inNumber, inNumber, inBytes, inWords, inKeys]);
  const once = mutate(text, random);
  return random.chance(0.2) ? mutated(once, random) : once;
}
