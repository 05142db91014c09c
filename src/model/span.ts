/** All whole numbers from the first to the last, up or down: runs of error codes in a venue's table. */
export function span(first: number, last: number): readonly number[] {
  const step = Math.sign(last - first);
  return Array.from({ length: Math.abs(last - first) + 1 }, (_, index) => first + index * step);
}
