import { ConfigError } from "../model/error.ts";
import { nearestName } from "../model/names.ts";

/** Requires a seed: without one two runs would be the same by accident, and a reader would not know by which seed. */
export function assertSeed(seed: unknown, example: string): void {
  if (typeof seed === "string" || (typeof seed === "number" && !Number.isNaN(seed))) return;
  throw new ConfigError(`the seed of a simulated world is ${String(seed)}`, { hint: `for example ${example}` });
}

/** Checks a duration: time must be a number, for another value would never be reached, and it must not go back. */
export function assertTime(what: string, ms: unknown): void {
  if (typeof ms === "number" && Number.isFinite(ms) && ms >= 0) return;
  throw new ConfigError(`${what} is ${shown(ms)}`, { hint: "it is milliseconds, a number from 0 up" });
}

/** A limit, which may be infinite. */
export function assertLimit(what: string, ms: unknown): void {
  if (ms !== Number.POSITIVE_INFINITY) assertTime(what, ms);
}

/** A shift of a clock or a rate of its drift. */
export function assertFinite(what: string, value: unknown, unit: string): void {
  if (typeof value === "number" && Number.isFinite(value)) return;
  throw new ConfigError(`${what} is ${shown(value)}`, { hint: `it is ${unit}, a finite number` });
}

/** Writes that still succeed; infinitely many is the same as no fault. */
export function assertWrites(writes: unknown): void {
  if (writes === Number.POSITIVE_INFINITY || (Number.isSafeInteger(writes) && Number(writes) >= 0)) return;
  throw new ConfigError(`the number of writes is ${shown(writes)}`, { hint: "it is a whole number from 0 up" });
}

export function assertOneOf(what: string, value: unknown, allowed: readonly string[]): void {
  if (typeof value === "string" && allowed.includes(value)) return;
  const hint = `it is ${allowed.map((word) => `"${word}"`).join(" or ")}`;
  throw new ConfigError(`${what} is ${shown(value)}`, { hint });
}

export function assertLatency(latency: unknown): void {
  const { minMs, maxMs }: Readonly<Record<string, unknown>> =
    typeof latency === "object" && latency !== null ? { ...latency } : {};
  const isRange = typeof minMs === "number" && typeof maxMs === "number" && minMs >= 0 && minMs <= maxMs;
  if (isRange && Number.isFinite(maxMs)) return;
  const hint = "it is milliseconds from 0 up, the least before the most: { minMs: 5, maxMs: 50 }";
  throw new ConfigError(`a latency is { minMs: ${shown(minMs)}, maxMs: ${shown(maxMs)} }`, { hint });
}

/** A misspelt host would have no fault, and a test that passes would have shown nothing. */
export function noSuchHost(name: unknown, hosts: readonly string[]): ConfigError {
  const nearest = typeof name === "string" ? nearestName(name, hosts) : undefined;
  const known = hosts.length === 0 ? "there are none yet" : `there are ${hosts.join(", ")}`;
  const hint = nearest === undefined ? `${known}; runtime(name) makes one` : `did you mean "${nearest}"?`;
  return new ConfigError(`no host named "${String(name)}" in this world`, { hint });
}

/** A value as a program would write it; of an object nothing is shown. */
function shown(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  return typeof value === "object" && value !== null ? "an object" : String(value);
}
