/** Sends nothing as a subscription begins: a client asks for the snapshot. */
export function begin(): void {
  // <book-begin>
  // </book-begin>
  // <book-snapshot>
  // </book-snapshot>
}
