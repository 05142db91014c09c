const AMENDED = /^(.+)-a(\d+)$/;

/** Ids of a length of their own, in hexadecimal: what is before and behind the number of an amend, 0 for the order itself. */
interface FixedForm {
  readonly length: number;
  /** Groups: before, digits of the number, behind. */
  readonly pattern: RegExp;
  readonly digits: number;
  /** Puts the three together. */
  join(before: string, sequence: string, behind: string): string;
}

const FIXED_FORMS: readonly FixedForm[] = [
  // `hex128`: the instance, the number, the counter.
  {
    length: 34,
    pattern: /^(0x[0-9a-f]{16})([0-9a-f]{6})([0-9a-f]{10})$/,
    digits: 6,
    join: (before, sequence, behind) => `${before}${sequence}${behind}`,
  },
  // `uuid`: a dash stands within the number.
  {
    length: 36,
    pattern: /^([0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f])([0-9a-f]{2}-[0-9a-f]{3})([0-9a-f]{9})$/,
    digits: 5,
    join: (before, sequence, behind) => `${before}${sequence.slice(0, 2)}-${sequence.slice(2)}${behind}`,
  },
];

/** Groups of the id of an amend in text: that of its order, and its number. */
function amendedOf(clientOrderId: string): readonly [original: string | undefined, sequence: string | undefined] {
  if (!clientOrderId.includes("-a")) return [undefined, undefined];
  const match = AMENDED.exec(clientOrderId);
  return [match?.[1], match?.[2]];
}

interface Parts {
  readonly form: FixedForm;
  readonly before: string;
  readonly sequence: number;
  readonly behind: string;
}

function partsOf(clientOrderId: string): Parts | undefined {
  for (const form of FIXED_FORMS) {
    if (clientOrderId.length !== form.length) continue;
    const [, before, digits, behind] = form.pattern.exec(clientOrderId) ?? [];
    if (before === undefined || digits === undefined || behind === undefined) continue;
    return { form, before, sequence: Number.parseInt(digits.replace("-", ""), 16), behind };
  }
  return undefined;
}

function withSequence({ form, before, behind }: Parts, sequence: number): string {
  return form.join(before, sequence.toString(16).padStart(form.digits, "0"), behind);
}

/**
 * The client order id of an amend: derived, so that what it made is found again when the answer was lost, in this process
 * or the next. Numbers are never used again, so no two amends of an order share one.
 */
export function amendClientOrderId(clientOrderId: string, sequence: number): string {
  const parts = partsOf(clientOrderId);
  return parts === undefined ? `${clientOrderId}-a${sequence}` : withSequence(parts, sequence);
}

/** The id that the user knows an order by, from the id of one of its amends. */
export function originalClientOrderId(clientOrderId: string): string {
  const parts = partsOf(clientOrderId);
  return parts === undefined ? (amendedOf(clientOrderId)[0] ?? clientOrderId) : withSequence(parts, 0);
}

/** Finds the amend of an order that bears a client order id; undefined where none of that order does. */
export function amendSequence(clientOrderId: string, amended: string | undefined): number | undefined {
  const parts = partsOf(amended ?? "");
  if (parts !== undefined && parts.sequence !== 0)
    return withSequence(parts, 0) === clientOrderId ? parts.sequence : undefined;
  const [original, sequence] = amendedOf(amended ?? "");
  return original === clientOrderId ? Number(sequence) : undefined;
}
