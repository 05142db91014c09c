import { InvalidArgumentError } from "commander";
import { parseIsoTime } from "../../../src/model/time.ts";

/** Parses a whole number of a range. */
export function wholeNumber(least: number, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || value < least || value > most) {
      const upTo = most === Number.MAX_SAFE_INTEGER ? "up" : `to ${most}`;
      throw new InvalidArgumentError(`It is a whole number from ${least} ${upTo}.`);
    }
    return value;
  };
}

const MAX_SEEDS = 1_000_000;

/** Parses `1..1000`, `7` or `1..10,33`. */
export function seedList(text: string): readonly number[] {
  const list = text.split(",").flatMap((part) => {
    const [, first, last = first] = /^(\d+)(?:\.\.(\d+))?$/.exec(part.trim()) ?? [];
    const [from, to] = [Number(first), Number(last)];
    if (first === undefined || to < from || to > Number.MAX_SAFE_INTEGER || to - from >= MAX_SEEDS) {
      throw new InvalidArgumentError(
        `It is like 7, 1..1000 or 1..10,33: numbers up to ${Number.MAX_SAFE_INTEGER}, ${MAX_SEEDS} in a range.`,
      );
    }
    return Array.from({ length: to - from + 1 }, (_, index) => from + index);
  });
  return [...new Set(list)];
}

/** Parses how long is traded in a world, minutes. */
export function worldMinutes(text: string): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0.1 && value <= 1_440)) throw new InvalidArgumentError("It is a number of minutes from 0.1 to 1440.");
  return value;
}

const MAX_SECONDS = 365 * 86_400;

/** Parses a number of seconds, up to a year, to milliseconds. */
export function secondsToMs(text: string): number {
  const value = /^(?:\d+(?:\.\d+)?|\.\d+)$/.test(text) ? Number(text) : Number.NaN;
  if (!(value >= 0.001 && value <= MAX_SECONDS)) {
    throw new InvalidArgumentError("It is a number of seconds from 0.001 to 31536000, a year.");
  }
  return value * 1_000;
}

/** Checks an amount of money or of an asset, and leaves it as text: zero or more, and above zero where `isPositive`. */
export function amountText(isPositive: boolean): (text: string) => string {
  return (text) => {
    const isAmount = text.length <= MAX_AMOUNT && /^\d+(\.\d+)?$/.test(text);
    if (isAmount && (!isPositive || /[1-9]/.test(text))) return text;
    throw new InvalidArgumentError(`It is an amount ${isPositive ? "above zero" : "from zero up"}, like 500 or 0.25.`);
  };
}

const MAX_AMOUNT = 40;
const MAX_DAYS = 36_500;

/** A moment: so long before now, or a time. */
export type Since = { readonly agoMs: number } | { readonly atMs: number };

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `90s`, `30m`, `24h`, `7d` or an ISO time. */
export function since(text: string): Since {
  const [, count, unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) {
    const agoMs = Number(count) * (UNITS_MS[unit] ?? 0);
    if (agoMs <= MAX_DAYS * 86_400_000) return { agoMs };
    throw new InvalidArgumentError("It is at most a hundred years ago.");
  }
  try {
    return { atMs: parseIsoTime(text) };
  } catch {
    throw new InvalidArgumentError("It is like 30m, 24h or 7d, or an ISO time.");
  }
}

export function sinceMs(moment: Since, nowMs: number): number {
  return "agoMs" in moment ? nowMs - moment.agoMs : moment.atMs;
}
