import { type Decimal, plus, ZERO } from "../model/decimal.ts";

/** Amounts added up by token; a token that comes to zero is not kept. */
export class TokenSums {
  readonly #sums = new Map<string, Decimal>();
  #changes = 0;

  constructor(sums: Iterable<readonly [token: string, amount: Decimal]> = []) {
    for (const [token, amount] of sums) this.add(token, amount);
  }

  add(token: string, amount: Decimal): void {
    this.#changes += 1;
    const sum = plus(this.#sums.get(token) ?? ZERO, amount);
    if (sum.isZero()) this.#sums.delete(token);
    else this.#sums.set(token, sum);
  }

  clear(): void {
    this.#changes += 1;
    this.#sums.clear();
  }

  /** Adds another one and returns both together. */
  with(other: TokenSums): TokenSums {
    const both = new TokenSums(this.#sums);
    for (const [token, amount] of other.#sums) both.add(token, amount);
    return both;
  }

  /** Grows with each change. */
  get changes(): number {
    return this.#changes;
  }

  get isEmpty(): boolean {
    return this.#sums.size === 0;
  }

  get entries(): readonly (readonly [token: string, amount: Decimal])[] {
    return [...this.#sums];
  }

  toJSON(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.entries.map(([token, amount]) => [token, amount.toFixed()]));
  }
}
