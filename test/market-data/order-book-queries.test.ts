import fc from "fast-check";
import { expect, test } from "vitest";
import { type BookLevel, OrderBook } from "../../src/market-data/order-book.ts";
import { Decimal, ZERO } from "../../src/model/decimal.ts";
import { snapshotOf } from "./frames.ts";

/** Levels a tick apart, best first, and what to ask for; amounts of one wide book have more than 15 digits. */
const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 9_999_999 }), fc.constant(1_000_000_000)), {
  minLength: 1,
  maxLength: 12,
});
const wanted = fc.tuple(fc.integer({ min: -5, max: 12_000_000_000 }), fc.nat(12)).map(([value, scale]) => {
  return new Decimal(value).div(new Decimal(10).pow(scale));
});

function bookOf(amounts: readonly number[], isWide: boolean): OrderBook {
  const book = new OrderBook("BTC-USD");
  const tail = isWide ? "00000000000000000001" : "";
  const amountOf = (amount: number): string => `${(amount / 1_000).toFixed(3)}${tail}`;
  const bids = amounts.map((amount, rank) => [(200 - rank / 4).toFixed(2), amountOf(amount)] as [string, string]);
  const asks = amounts.map((amount, rank) => [(200.25 + rank / 4).toFixed(2), amountOf(amount)] as [string, string]);
  expect(book.apply(snapshotOf(bids, asks, { updateId: 1, timestampMs: 1 }), 1)).toBeUndefined();
  expect(book.isWide).toBe(isWide);
  return book;
}

/** Answers of the queries, worked out in Decimals level by level. */
function expected(levels: readonly BookLevel[], isBuy: boolean, query: Decimal) {
  let [base, quote, all, worth] = [ZERO, ZERO, ZERO, ZERO];
  let [within, worthWithin] = [ZERO, ZERO];
  let reached: Decimal | undefined;
  let reachedQuote: Decimal | undefined;
  let worst: Decimal | undefined;
  for (const { price, amount } of levels) {
    const part = Decimal.max(0, Decimal.min(amount, query.minus(base)));
    base = base.plus(part);
    quote = quote.plus(part.mul(price));
    all = all.plus(amount);
    worth = worth.plus(amount.mul(price));
    if (query.lte(all)) reached ??= price;
    if (query.lte(worth)) reachedQuote ??= price;
    if (isBuy ? price.gt(query) : price.lt(query)) continue;
    worst = price;
    within = within.plus(amount);
    worthWithin = worthWithin.plus(amount.mul(price));
  }
  const vwap = query.gt(0) && base.eq(query) ? quote.div(base) : undefined;
  const texts = [reached, reachedQuote, vwap, base, quote, worst, within, worst, worthWithin];
  return texts.map((value) => value?.toFixed());
}

test("what the queries answer is what the levels add up to, in narrow and in wide books", () => {
  fc.assert(
    fc.property(sizes, wanted, fc.boolean(), fc.boolean(), (amounts, query, isBuy, isWide) => {
      const book = bookOf(amounts, isWide);
      const vwap = book.getVwapForVolume(isBuy, query);
      const inside = book.getVolumeForPrice(isBuy, query);
      const worthInside = book.getQuoteVolumeForPrice(isBuy, query);
      const answers = [
        book.getPriceForVolume(isBuy, query).resultPrice,
        book.getPriceForQuoteVolume(isBuy, query).resultPrice,
        vwap.resultPrice,
        vwap.resultVolume,
        book.getQuoteVolumeForBaseAmount(isBuy, query).resultVolume,
        inside.resultPrice,
        inside.resultVolume,
        worthInside.resultPrice,
        worthInside.resultVolume,
      ];
      const levels = isBuy ? book.asks() : book.bids();
      expect(answers.map((value) => value?.toFixed())).toEqual(expected(levels, isBuy, query));
    }),
    {
      numRuns: 500,
      examples: [
        [[1_000], new Decimal(1), true, false],
        [[1_000], new Decimal("200.25"), true, false],
      ],
    },
  );
});
