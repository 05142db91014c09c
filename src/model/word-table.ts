/** A table of the wire's words. It has no prototype: a word such as "constructor" finds nothing in it. */
export function wordTable<Value>(words: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.assign<Record<string, Value>, Readonly<Record<string, Value>>>(Object.create(null), words);
}
