const AMENDED = /^(.+)-a(\d+)$/;

/**
 * The client order id of an amend: derived, so that what it made is found again when the answer was lost, in this process
 * or the next. Numbers are never used again, so no two amends of an order share one.
 */
export function amendClientOrderId(clientOrderId: string, sequence: number): string {
  return `${clientOrderId}-a${sequence}`;
}

/** The id that the user knows an order by, from the id of one of its amends. */
export function originalClientOrderId(clientOrderId: string): string {
  return AMENDED.exec(clientOrderId)?.[1] ?? clientOrderId;
}

/** Which amend of an order bears a client order id; undefined where none of that order does. */
export function amendSequence(clientOrderId: string, amended: string | undefined): number | undefined {
  const [, original, sequence] = AMENDED.exec(amended ?? "") ?? [];
  return original === clientOrderId ? Number(sequence) : undefined;
}
