import { formatIsoTime } from "../../../../../src/model/time.ts";

// <time>
/** ISO 8601 with milliseconds. */
export const timestampOf = (nowMs: number): string => formatIsoTime(Math.floor(nowMs));
// </time>
