import { ConfigError } from "../model/error.ts";

/** Checks of arguments that the types forbid and a program without types may pass; each throws `ConfigError`. */

export function assertClientOrderId(value: unknown): asserts value is string {
  if (typeof value === "string") return;
  const hint = "give order.clientOrderId, as order is what buy() and sell() return";
  throw new ConfigError(`a client order id is text, not ${kindOf(value)}`, { hint });
}

export function assertClientOrderIds(values: unknown): asserts values is readonly string[] {
  assertList(values, "client order ids", "[order.clientOrderId]");
  for (const value of values) assertClientOrderId(value);
}

export function assertList(value: unknown, what: string, example: string): asserts value is readonly unknown[] {
  if (Array.isArray(value)) return;
  throw new ConfigError(`${what} are a list, not ${kindOf(value)}`, { hint: `for example ${example}` });
}

export function assertOptions(value: unknown, what: string, example: string): asserts value is object {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return;
  throw new ConfigError(`${what} needs an object, not ${kindOf(value)}`, { hint: `for example ${example}` });
}

/** A wait of NaN milliseconds is over at once and, in a loop, never. */
export function assertWaitMs(value: unknown, name: string): void {
  if (typeof value === "number" && value >= 0) return;
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value);
  throw new ConfigError(`${name} is ${shown}`, { hint: "it is milliseconds, a number from 0 up" });
}

export function assertListener(value: unknown, event: string): void {
  if (typeof value === "function") return;
  throw new ConfigError(`the listener of "${event}" is no function but ${kindOf(value)}`);
}

function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "a list";
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
