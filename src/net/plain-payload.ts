/** Answer of a plain reader that leaves a value to the schema: it is unusual, or wrong. */
export const ODD: unique symbol = Symbol("odd");

/**
 * Reads a value as a schema reads it, and many times as fast; `ODD` for whatever it is not sure of. The schema alone
 * refuses.
 */
export type PlainReader = (value: unknown) => unknown;

/** Parts of zod's schemas that are looked at. */
interface SchemaParts {
  readonly def: Readonly<Record<string, unknown>> & { readonly type: string };
  readonly optin?: string | undefined;
  readonly optout?: string | undefined;
}

interface CheckedText {
  safeParse(value: string): { readonly success: boolean; readonly data?: string | undefined };
}

const readers = new WeakMap<object, PlainReader | undefined>();

/** Gives a schema of our own the reader of its plain values; returns the schema. */
export function readPlainly<Schema extends object>(schema: Schema, reader: PlainReader): Schema {
  readers.set(schema, reader);
  return schema;
}

/** Finds the reader of a schema's plain values; undefined where some part of it is not known. */
export function plainReaderOf(schema: object): PlainReader | undefined {
  const known = readers.get(schema);
  if (known !== undefined || readers.has(schema)) return known;
  const parts = partsOf(schema);
  const made = parts && MAKERS[parts.def.type]?.(parts.def, schema);
  readers.set(schema, made);
  return made;
}

function partsOf(schema: unknown): SchemaParts | undefined {
  if (typeof schema !== "object" || schema === null || !("_zod" in schema)) return undefined;
  const { _zod: parts } = schema;
  const hasDefinition = typeof parts === "object" && parts !== null && "def" in parts;
  return hasDefinition ? (parts as SchemaParts) : undefined;
}

type Definition = SchemaParts["def"];
type Maker = (definition: Definition, schema: object) => PlainReader | undefined;

/** Other settings of a schema change what it reads. */
function hasOnly(definition: Definition, ...names: readonly string[]): boolean {
  const isMeant = (name: string) => name === "type" || names.includes(name) || definition[name] === undefined;
  return Object.keys(definition).every((name) => isMeant(name) || (name === "checks" && isEmpty(definition[name])));
}

const isEmpty = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

const text: PlainReader = (value) => (typeof value === "string" ? value : ODD);
const flag: PlainReader = (value) => (typeof value === "boolean" ? value : ODD);
const number: PlainReader = (value) => (typeof value === "number" && Number.isFinite(value) ? value : ODD);
const anything: PlainReader = (value) => value;

const MAKERS: Readonly<Record<string, Maker | undefined>> = {
  string: (definition, schema) => (hasOnly(definition) ? text : checkedText(definition, schema)),
  boolean: (definition) => (hasOnly(definition) ? flag : undefined),
  number: (definition) => (hasOnly(definition) ? number : undefined),
  unknown: (definition) => (hasOnly(definition) ? anything : undefined),
  enum: (definition) => {
    const { entries } = definition;
    if (!hasOnly(definition, "entries") || typeof entries !== "object" || entries === null) return undefined;
    return oneOf(Object.values(entries));
  },
  literal: (definition) => {
    const { values } = definition;
    return hasOnly(definition, "values") && Array.isArray(values) ? oneOf(values) : undefined;
  },
  optional: (definition) => orElse(definition, undefined),
  nullable: (definition) => orElse(definition, null),
  union: (definition) => {
    const { options } = definition;
    if (!hasOnly(definition, "options") || !Array.isArray(options) || options.length === 0) return undefined;
    // A literal refuses exactly what it does not read, so that the next option has its turn.
    const others = options.slice(options.findIndex((option) => !isLiteral(option)));
    const first = options.filter((option) => !others.includes(option)).flatMap((option) => plainReaderOf(option) ?? []);
    const last = others.length === 1 ? plainReaderOf(others[0]) : undefined;
    if (first.length === 0 && last === undefined) return undefined;
    return (value) => {
      for (const read of first) {
        // A word may be turned into nothing, which is an answer: the next option would read the word itself.
        const word = read(value);
        if (word !== ODD) return word;
      }
      return last === undefined ? ODD : last(value);
    };
  },
  pipe: (definition) => {
    const { in: from, out: to } = definition;
    if (!hasOnly(definition, "in", "out") || typeof from !== "object" || typeof to !== "object") return undefined;
    const [read, further] = [plainReaderOf(from ?? {}), furtherOf(to ?? {})];
    if (read === undefined || further === undefined) return undefined;
    return (value) => {
      const first = read(value);
      return first === ODD ? ODD : further(first);
    };
  },
  array: (definition) => {
    const { element } = definition;
    if (!hasOnly(definition, "element") || typeof element !== "object" || element === null) return undefined;
    const read = plainReaderOf(element);
    return read && ((value) => (Array.isArray(value) ? listOf(value, read) : ODD));
  },
  object: (definition) => {
    const { shape } = definition;
    if (!hasOnly(definition, "shape") || typeof shape !== "object" || shape === null) return undefined;
    return objectReader(Object.entries(shape));
  },
};

/** A literal, or what it is turned into. */
function isLiteral(option: unknown): boolean {
  const definition = partsOf(option)?.def;
  if (definition?.type === "pipe") return isLiteral(definition.in) && plainReaderOf(option as object) !== undefined;
  return definition?.type === "literal" && hasOnly(definition, "values");
}

/** Reader of the second half of a pipe: a transform that takes a second parameter may refuse the value, and is not run. */
function furtherOf(schema: object): PlainReader | undefined {
  const definition = partsOf(schema)?.def;
  if (definition?.type !== "transform") return plainReaderOf(schema);
  const { transform } = definition;
  if (!hasOnly(definition, "transform") || typeof transform !== "function" || transform.length > 1) return undefined;
  return (value) => transform(value);
}

/** A text's own checks are asked: they cannot do anything but refuse it or change it. */
function checkedText(definition: Definition, schema: object): PlainReader | undefined {
  if (!hasOnly(definition, "checks")) return undefined;
  const { safeParse } = schema as CheckedText;
  return (value) => {
    const result = typeof value === "string" ? safeParse(value) : undefined;
    return result?.success === true ? result.data : ODD;
  };
}

function oneOf(words: readonly unknown[]): PlainReader {
  return (value) => (words.includes(value) ? value : ODD);
}

function orElse(definition: Definition, nothing: null | undefined): PlainReader | undefined {
  const { innerType } = definition;
  if (!hasOnly(definition, "innerType") || typeof innerType !== "object" || innerType === null) return undefined;
  const read = plainReaderOf(innerType);
  return read && ((value) => (value === nothing ? nothing : read(value)));
}

function listOf(values: readonly unknown[], read: PlainReader): unknown {
  const list: unknown[] = [];
  for (const value of values) {
    const item = read(value);
    if (item === ODD) return ODD;
    list.push(item);
  }
  return list;
}

function objectReader(shape: readonly (readonly [name: string, schema: object])[]): PlainReader | undefined {
  const fields: { readonly name: string; readonly read: PlainReader; readonly mayBeAbsent: boolean }[] = [];
  for (const [name, schema] of shape) {
    const [read, parts] = [plainReaderOf(schema), partsOf(schema)];
    if (read === undefined || parts === undefined) return undefined;
    fields.push({ name, read, mayBeAbsent: parts.optin === "optional" && parts.optout === "optional" });
  }
  return (payload) => {
    if (typeof payload !== "object" || payload === null || Array.isArray(payload)) return ODD;
    const row: Record<string, unknown> = {};
    for (const { name, read, mayBeAbsent } of fields) {
      const given = (payload as Readonly<Record<string, unknown>>)[name];
      if (given === undefined && !(name in payload)) {
        if (mayBeAbsent) continue;
        return ODD;
      }
      const value = read(given);
      if (value === ODD) return ODD;
      row[name] = value;
    }
    return row;
  };
}
