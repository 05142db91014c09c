/** A side's levels, best first, in base units. */
export type Levels = readonly (readonly [price: number, amount: number])[];

export interface BookState {
  readonly bids: Levels;
  readonly asks: Levels;
}

type Row = readonly [number | string, number | string];

interface BookMessage {
  readonly type: string;
  readonly data: {
    readonly bids?: readonly Row[];
    readonly asks?: readonly Row[];
    readonly b?: readonly Row[];
    readonly a?: readonly Row[];
  };
}

/** Books of a recording, slow and simple: all contenders have to end with the same. */
export class ReferenceBooks {
  readonly #sides: ReadonlyMap<string, { readonly bids: Map<number, number>; readonly asks: Map<number, number> }>;

  constructor(symbols: readonly string[]) {
    this.#sides = new Map(symbols.map((symbol) => [symbol, { bids: new Map(), asks: new Map() }]));
  }

  apply(symbol: string, text: string): void {
    const { type, data } = JSON.parse(text) as BookMessage;
    const sides = this.#sides.get(symbol);
    if (sides === undefined) throw new Error(`no book of ${symbol}`);
    const isSnapshot = type === "partial" || type === "snapshot";
    for (const [side, rows = []] of [
      [sides.bids, data.bids ?? data.b],
      [sides.asks, data.asks ?? data.a],
    ] as const) {
      if (isSnapshot) side.clear();
      for (const [price, amount] of rows) {
        if (Number(amount) === 0) side.delete(Number(price));
        else side.set(Number(price), Number(amount));
      }
    }
  }

  states(): readonly BookState[] {
    return [...this.#sides.values()].map(({ bids, asks }) => ({
      bids: [...bids].sort(([a], [b]) => b - a),
      asks: [...asks].sort(([a], [b]) => a - b),
    }));
  }
}

/** The first difference of a contender's books from the true ones; undefined where there is none. */
export function differenceOf(own: readonly BookState[], right: readonly BookState[]): string | undefined {
  for (const [market, { bids, asks }] of right.entries()) {
    const found = own[market] ?? { bids: [], asks: [] };
    const difference = sideDifference("bid", found.bids, bids) ?? sideDifference("ask", found.asks, asks);
    if (difference !== undefined) return `market ${market}: ${difference}`;
  }
  return undefined;
}

function sideDifference(side: string, own: Levels, right: Levels): string | undefined {
  if (own.length !== right.length) return `${own.length} ${side}s instead of ${right.length}`;
  const at = right.findIndex(([price, amount], level) => {
    const [ownPrice, ownAmount] = own[level] ?? [Number.NaN, Number.NaN];
    return !(isSame(ownPrice, price) && isSame(ownAmount, amount));
  });
  return at < 0 ? undefined : `${side} ${at + 1} is ${own[at]?.join(" x ")} instead of ${right[at]?.join(" x ")}`;
}

/** Equal but for the last digits of a JavaScript number, which peers compute with. */
const isSame = (own: number, right: number): boolean => Math.abs(own - right) <= Math.abs(right) * 1e-12;
