/** A time of a message inside the process, which is some microseconds. */
export function microsText(valueMs: number): string {
  return Number.isFinite(valueMs) ? `${(valueMs * 1_000).toFixed(1)} us` : "-";
}
