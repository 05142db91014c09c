import { InvalidArgumentError } from "commander";

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
