import { InvalidArgumentError } from "commander";
import { parseIsoTime } from "../model/time.ts";

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

/** Parses a number of seconds to milliseconds. */
export function secondsToMs(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value) || value < 0.001) {
    throw new InvalidArgumentError("It is a number of seconds, at least 0.001.");
  }
  return value * 1_000;
}

/** A moment: so long before now, or a time. */
export type Since = { readonly agoMs: number } | { readonly atMs: number };

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Parses `90s`, `30m`, `24h`, `7d` or an ISO time. */
export function since(text: string): Since {
  const [, count, unit = ""] = /^(\d+)([smhd])$/.exec(text) ?? [];
  if (count !== undefined) return { agoMs: Number(count) * (UNITS_MS[unit] ?? 0) };
  try {
    return { atMs: parseIsoTime(text) };
  } catch {
    throw new InvalidArgumentError("It is like 30m, 24h or 7d, or an ISO time.");
  }
}

export function sinceMs(moment: Since, nowMs: number): number {
  return "agoMs" in moment ? nowMs - moment.agoMs : moment.atMs;
}
