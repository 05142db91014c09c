import fc from "fast-check";
import { expect, it } from "vitest";
import type { AccountTrade } from "../../src/account/account-trade.ts";
import { FollowedPositions } from "../../src/account/followed-positions.ts";
import type { ToldPosition } from "../../src/account/position-book.ts";
import { decimal } from "../../src/model/decimal.ts";
import { JsonFields } from "../../src/trading/json-fields.ts";

const PAIR = "BTC-USD";

/** Notes of the account by key, as a journal keeps them. */
class Facts {
  readonly #texts = new Map<string, string>();

  accountFacts<T>(prefix: string, read: (fields: JsonFields, name: string) => T): readonly T[] {
    const own = [...this.#texts].filter(([key]) => key.startsWith(prefix)).sort(([a], [b]) => (a < b ? -1 : 1));
    return own.map(([key, text]) => read(JsonFields.parse(text), key.slice(prefix.length)));
  }

  writeAccountFact(key: string, text: string | undefined): void {
    if (text === undefined) this.#texts.delete(key);
    else this.#texts.set(key, text);
  }

  copy(): Facts {
    const copy = new Facts();
    for (const [key, text] of this.#texts) copy.#texts.set(key, text);
    return copy;
  }
}

interface Step {
  readonly isReport: boolean;
  readonly amount: number;
  readonly price: number;
  readonly lateMs: number;
  readonly isAsked: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  isReport: fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0),
  amount: fc.integer({ min: -5, max: 5 }).filter((amount) => amount !== 0),
  price: fc.integer({ min: 90, max: 110 }),
  // Most come in the venue's order; some of one moment, some late.
  lateMs: fc.constantFrom(0, 0, 0, 0, 10, 25, 90),
  isAsked: fc.boolean(),
});

const shown = (applied: ReturnType<FollowedPositions["apply"]>) => ({
  own: applied.own.toFixed(),
  settled: applied.settled.toFixed(),
  others: applied.others.map(({ trade, before }) => [trade.tradeKey, trade.realized.toFixed(), before.toFixed()]),
});

it("tells of each trade what a process tells that has read all trades before it from the journal", () => {
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 230, size: "max" }), (steps) => {
      const facts = new Facts();
      let reported: ToldPosition | undefined;
      const options = { position: () => reported };
      const positions = new FollowedPositions({ journal: facts, ...options });
      for (const [index, { isReport, amount, price, lateMs, isAsked }] of steps.entries()) {
        const timestampMs = 1_000_000 + index * 10 - lateMs;
        if (isReport) {
          const untilMs = isAsked ? timestampMs + 40 : timestampMs;
          reported = { amount: decimal(String(amount)), entryPrice: decimal(String(price)), timestampMs, untilMs };
          positions.compare();
          continue;
        }
        const trade: AccountTrade = {
          ...{ tradeKey: `t${index}`, sourceId: String(index), tradingPair: PAIR, side: "both" },
          ...{ price: decimal(String(price)), signedAmount: decimal(String(amount)), fee: undefined },
          ...{ realizedPnl: undefined, isAdjustment: false, timestampMs },
        };
        const read = new FollowedPositions({ journal: facts.copy(), ...options });
        expect(shown(positions.apply(trade, false))).toEqual(shown(read.apply(trade, false)));
        expect(positions.areOpen).toBe(read.areOpen);
        expect(positions.held(PAIR, "both").eq(read.held(PAIR, "both"))).toBe(true);
      }
    }),
    { numRuns: 25 },
  );
});
