const AMENDED = /^(.+)-a(\d+)$/;
/** An id of 128 bits (`hex128`): the instance, the sequence of an amend, 0 for the order itself, and the counter. */
const HEX = /^(0x[0-9a-f]{16})([0-9a-f]{6})([0-9a-f]{10})$/;
const HEX_SEQUENCE_DIGITS = 6;
const NO_SEQUENCE = "0".repeat(HEX_SEQUENCE_DIGITS);

/**
 * The client order id of an amend: derived, so that what it made is found again when the answer was lost, in this process
 * or the next. Numbers are never used again, so no two amends of an order share one.
 */
export function amendClientOrderId(clientOrderId: string, sequence: number): string {
  const [, instance, , counter] = HEX.exec(clientOrderId) ?? [];
  if (instance === undefined || counter === undefined) return `${clientOrderId}-a${sequence}`;
  return `${instance}${sequence.toString(16).padStart(HEX_SEQUENCE_DIGITS, "0")}${counter}`;
}

/** The id that the user knows an order by, from the id of one of its amends. */
export function originalClientOrderId(clientOrderId: string): string {
  const [, instance, , counter] = HEX.exec(clientOrderId) ?? [];
  if (instance !== undefined && counter !== undefined) return `${instance}${NO_SEQUENCE}${counter}`;
  return AMENDED.exec(clientOrderId)?.[1] ?? clientOrderId;
}

/** Which amend of an order bears a client order id; undefined where none of that order does. */
export function amendSequence(clientOrderId: string, amended: string | undefined): number | undefined {
  const [, , hexSequence] = HEX.exec(amended ?? "") ?? [];
  if (amended !== undefined && hexSequence !== undefined && hexSequence !== NO_SEQUENCE)
    return originalClientOrderId(amended) === clientOrderId ? Number.parseInt(hexSequence, 16) : undefined;
  const [, original, sequence] = AMENDED.exec(amended ?? "") ?? [];
  return original === clientOrderId ? Number(sequence) : undefined;
}
