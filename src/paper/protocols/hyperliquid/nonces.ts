const DAY_MS = 86_400_000;
const OLDEST_MS = 2 * DAY_MS;
const YOUNGEST_MS = DAY_MS;
/** Number of a signer's highest nonces that are stored; a nonce has to be above the least of them (docs, nonces). */
const STORED = 100;
/** Nonces beyond the stored ones that are still told apart as duplicates. */
const REMEMBERED = 1_000;

interface Seen {
  /** Ascending. */
  readonly nonces: number[];
  readonly all: Set<number>;
}

/** Nonces by signer. One that is taken is used up, whatever becomes of its action. */
export class NonceBook {
  readonly #signers = new Map<string, Seen>();

  /** Reason why a nonce is refused; undefined where it was taken. */
  take(signer: string, nonce: number, nowMs: number): string | undefined {
    const seen = this.#signers.get(signer) ?? { nonces: [], all: new Set() };
    this.#signers.set(signer, seen);
    const oldest = Math.floor(nowMs - OLDEST_MS);
    const youngest = Math.floor(nowMs + YOUNGEST_MS);
    if (nonce > youngest) return `Invalid nonce: nonce too high ${nonce} > ${youngest}`;
    if (seen.all.has(nonce)) return `Invalid nonce: duplicate nonce ${nonce}`;
    if (nonce < oldest) return `Invalid nonce: nonce too low ${nonce} < ${oldest}`;
    const least = seen.nonces.length < STORED ? undefined : seen.nonces.at(-STORED);
    if (least !== undefined && nonce < least) return `Invalid nonce: nonce too low ${nonce} < ${least}`;
    insert(seen, nonce);
    return undefined;
  }

  /** An API wallet that is dropped loses its nonces. */
  forget(signer: string): void {
    this.#signers.delete(signer);
  }
}

function insert({ nonces, all }: Seen, nonce: number): void {
  let at = nonces.length;
  while (at > 0 && (nonces[at - 1] ?? 0) > nonce) at -= 1;
  nonces.splice(at, 0, nonce);
  all.add(nonce);
  if (nonces.length <= 2 * REMEMBERED) return;
  for (const old of nonces.splice(0, nonces.length - REMEMBERED)) all.delete(old);
}
