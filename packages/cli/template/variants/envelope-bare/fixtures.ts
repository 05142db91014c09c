// <ok>
export const ok = (payload: unknown): unknown => payload;
// </ok>
