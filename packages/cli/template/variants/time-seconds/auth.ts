// <time>
/** Epoch seconds. */
export const timestampOf = (nowMs: number): string => String(Math.floor(nowMs / 1_000));
// </time>
