import { refused } from "./errors.ts";
import type { Parameters } from "./parameters.ts";
import { wireTime } from "./wire.ts";

export interface Times {
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
}

export function timesOf(parameters: Parameters): Times {
  const startTime = parameters.integer("startTime");
  const endTime = parameters.integer("endTime");
  if (startTime !== undefined && endTime !== undefined && startTime > endTime) throw refused(-1023);
  return { startTime, endTime };
}

/** Tells that a time is within a range, both ends included, in whole milliseconds. */
export function isWithin(timeMs: number, startTime: number | undefined, endTime: number | undefined): boolean {
  const time = wireTime(timeMs);
  return (startTime === undefined || time >= startTime) && (endTime === undefined || time <= endTime);
}
