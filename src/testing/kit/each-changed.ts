/** Returns a payload with each field of an object, or each element of a list, changed; any other value as it is. */
export function eachChanged(value: unknown, change: (value: unknown, name?: string) => unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => change(each));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, change(each, name)]));
}
