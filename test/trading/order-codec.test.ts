import fc from "fast-check";
import { expect, it } from "vitest";
import { Decimal, ZERO } from "../../src/model/decimal.ts";
import type { Fill } from "../../src/model/fill.ts";
import { JsonFields } from "../../src/trading/json-fields.ts";
import { decodeFill, encodeOrderRecord, fillText, orderRecordText } from "../../src/trading/order-codec.ts";
import { newLeg, newOrderRecord, type OrderRecord } from "../../src/trading/order-record.ts";
import { limitBuy } from "./scene.ts";

const amount = fc.oneof(
  fc.constant(ZERO),
  fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: 0, max: 18 }))
    .map(([digits, places]) => new Decimal(digits.toString()).div(new Decimal(10).pow(places))),
);
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined });
const id = fc.oneof(fc.constantFrom("", "e1", "0x1f-a2", "91000001"), fc.string({ unit: "grapheme", maxLength: 12 }));
const timeMs = fc.oneof(
  fc.integer({ min: 0, max: 4e12 }),
  fc.double({ min: 0, max: 4e12, noNaN: true }),
  fc.constant(Number.NaN),
);
const word = <T extends string>(...words: readonly T[]) => fc.constantFrom(...words);

const ending = fc.record({
  state: word("filled", "canceled", "expired", "failed"),
  reason: maybe(word("user", "margin", "venue")),
  timestampMs: timeMs,
});
const leg = fc
  .record({
    exchangeOrderId: id,
    madeBy: maybe(fc.nat()),
    ...{ price: maybe(amount), amount: maybe(amount), asked: maybe(amount), executed: amount, filled: amount },
    ...{ ending: maybe(ending), updatedAtMs: maybe(timeMs) },
  })
  .map((facts) => ({ ...newLeg(""), ...facts }));
const amend = fc.record({
  ...{ sequence: fc.nat(), clientOrderId: id, price: maybe(amount), amount: maybe(amount), replaces: fc.boolean() },
  ...{ progress: word("queued", "sent", "acknowledged", "unconfirmed"), afterMs: maybe(timeMs), sinceMs: timeMs },
});
const facts: fc.Arbitrary<Partial<OrderRecord>> = fc.record({
  ...{ createdAtMs: timeMs, legs: fc.array(leg, { maxLength: 4 }), amends: fc.array(amend, { maxLength: 3 }) },
  ...{ foldedExecuted: amount, amendCount: fc.nat(), largestAmount: maybe(amount), exists: fc.boolean() },
  ...{ amendsDone: fc.record({ price: fc.nat(), amount: fc.nat() }), doubt: maybe(word("unknown", "lost")) },
  refusal: maybe(fc.record({ code: id, message: fc.string(), timestampMs: timeMs })),
  ...{ cancel: word("none", "requested", "sent", "unconfirmed"), ended: fc.boolean(), endedAtMs: maybe(timeMs) },
  ...{ missingAmount: amount, venueAveragePrice: maybe(amount), lastUpdateMs: maybe(timeMs), changes: fc.nat() },
  recentChanges: fc
    .nat(2)
    .map((rows) => ({ rows, text: Array.from({ length: rows }, () => '[1,2,3,["created"]]').join() })),
});

const terms = fc.record(
  {
    ...{ tradingPair: word("BTC-USD", "1000PEPE-USDT", 'A"B-USDT'), side: word("buy", "sell"), amount },
    ...{ type: word("limit", "limitMaker", "market"), price: maybe(amount), timeInForce: word("GTC", "IOC", "FOK") },
    ...{ reduceOnly: fc.boolean(), positionAction: word("open", "close"), positionMode: word("oneWay", "hedge") },
    ...{ marginMode: maybe(word("cross", "isolated")), leverage: maybe(amount), referencePrice: maybe(amount) },
  },
  { requiredKeys: [] },
);

it("writes an order's record as JSON would write it", () => {
  fc.assert(
    fc.property(facts, id, terms, (changes, clientOrderId, ordered) => {
      const totals = { amount: ZERO, cost: ZERO, fees: new Map<string, Decimal>() };
      const record = { ...newOrderRecord(limitBuy(clientOrderId, ordered), 0, totals), ...changes };
      const written: unknown = JSON.parse(orderRecordText(record, 4));
      const encoded = {
        v: 4,
        ...encodeOrderRecord(record),
        recentChanges: JSON.parse(`[${record.recentChanges.text}]`),
      };
      expect(written).toEqual(JSON.parse(JSON.stringify(encoded)));
    }),
  );
});

const feeToken = fc.record({ token: id, amount });
const fill: fc.Arbitrary<Fill> = fc.record({
  ...{ fillId: id, clientOrderId: id, exchangeOrderId: id, tradingPair: id, side: word("buy", "sell") },
  ...{
    positionAction: word("open", "close"),
    price: amount,
    amount,
    realizedPnl: maybe(amount),
    isMaker: fc.boolean(),
  },
  fee: fc.record({
    kind: word("addedToCost", "deductedFromReturns"),
    ...{ percent: amount, percentToken: maybe(id), flatFees: fc.array(feeToken, { maxLength: 3 }) },
  }),
  timestampMs: fc.oneof(fc.integer({ min: 0, max: 4e12 }), fc.double({ min: 0, max: 4e12, noNaN: true })),
});

it("a fill is read back as it was written, and as versions of before its list wrote it", () => {
  fc.assert(
    fc.property(fill, (each) => {
      const plain = JSON.parse(JSON.stringify(each));
      expect(JSON.parse(JSON.stringify(decodeFill(JsonFields.parse(fillText(each)))))).toEqual(plain);
      expect(JSON.parse(JSON.stringify(decodeFill(new JsonFields(plain))))).toEqual(plain);
    }),
    { numRuns: 500 },
  );
});
