// <ok>
export const ok = (payload: unknown): unknown => ({ success: true, result: payload });
// </ok>
