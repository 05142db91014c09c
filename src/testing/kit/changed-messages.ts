/** A message with one thing in it changed, and which. */
export interface ChangedMessage {
  readonly how: string;
  readonly message: unknown;
}

type Change = readonly [how: string, value: unknown];
/** Value of a key that is left out. */
const NOTHING = Symbol("nothing");

/**
 * A message once for everything in it: with it left out, without a value, with another value, with one in another form,
 * and with more beside it.
 */
export function* changedMessages(message: unknown, path = ""): Generator<ChangedMessage> {
  for (const [how, value] of changesOf(message)) yield { how: `${path || "the message"} ${how}`, message: value };
  if (typeof message !== "object" || message === null) return;
  for (const [key, inner] of Object.entries(message)) {
    const place = path === "" ? key : `${path}.${key}`;
    if (!Array.isArray(message)) yield { how: `${place} left out`, message: withValue(message, key, NOTHING) };
    for (const { how, message: changed } of changedMessages(inner, place)) {
      yield { how, message: withValue(message, key, changed) };
    }
  }
}

function withValue(holder: object, key: string, value: unknown): unknown {
  if (Array.isArray(holder)) return holder.with(Number(key), value);
  const entries = Object.entries(holder).map(([name, old]) => [name, name === key ? value : old] as const);
  return Object.fromEntries(entries.filter(([, each]) => each !== NOTHING));
}

function changesOf(value: unknown): readonly Change[] {
  const gone: Change = ["without a value", null];
  if (Array.isArray(value)) {
    const more: Change[] = [
      ["without elements", []],
      ["without its first element", value.slice(1)],
      ["with a null more", [...value, null]],
      ["with a number more", [...value, 1]],
    ];
    return [gone, ["that is no list", {}], ...more];
  }
  if (typeof value === "object" && value !== null) {
    const turned = Object.fromEntries(Object.entries(value).reverse());
    return [
      gone,
      ["that is no object", []],
      ["with its keys the other way round", turned],
      ["with a key more", { ...value, "of the kit": 1 }],
      ["with an object more", { ...value, "of the kit": {} }],
    ];
  }
  if (typeof value === "number") return [gone, ...numbersOf(value), ["as a text", String(value)]];
  if (typeof value !== "string") return [gone, ["as a text", "x"]];
  const number = value.trim() === "" ? Number.NaN : Number(value);
  const others: Change[] = [
    ["with another text", `${value}x`],
    ["empty", ""],
    ["that is no text", {}],
  ];
  if (Number.isNaN(number)) return [gone, ...others];
  const numbers = numbersOf(number).map(([how, each]): Change => [how, String(each)]);
  return [gone, ...others, ...numbers, ["as a number", number]];
}

function numbersOf(value: number): readonly (readonly [how: string, value: number])[] {
  return [
    ["with a number that is one more", value + 1],
    ["with its negative number", -value - 1],
    ["with a number that has a fraction", value + 0.5],
    ["with nought", 0],
  ];
}
