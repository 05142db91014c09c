import { describe, expect, test } from "vitest";
import type { PerpetualVenue } from "../../src/connector/perpetual-venue.ts";
import { Decimal } from "../../src/model/decimal.ts";
import type { PublicTrade } from "../../src/model/market.ts";
import { fuzzParsers } from "../support/fuzz/parser-fuzz.ts";
import { parserNames } from "../support/fuzz/parser-names.ts";
import { FUZZ_VENUES } from "../support/fuzz/venues.ts";

/** Of each venue; `npm run fuzz` reads 200,000. */
const PAYLOADS = 2_000;

describe("mutated payloads", () => {
  test.each(FUZZ_VENUES)(
    "of $venue.manifest.name fail as the project's own errors only, tell no figure that was not sent, and reach every parser",
    async (one) => {
      const { faults, taken, refused, unreadableRows, reached } = await fuzzParsers(one, 1, PAYLOADS);
      expect(faults).toEqual([]);
      expect(Math.min(taken, refused, unreadableRows)).toBeGreaterThan(100);
      expect(parserNames(one.venue).filter((name) => !reached.has(name))).toEqual([]);
    },
    60_000,
  );
});

type Change = (venue: PerpetualVenue) => Partial<PerpetualVenue>;
const trades =
  (change: (trade: PublicTrade) => PublicTrade): Change =>
  ({ orderBookDataSource }) => ({
    orderBookDataSource: {
      ...orderBookDataSource,
      parseTradeMessage: (...args) => orderBookDataSource.parseTradeMessage(...args).map(change),
    },
  });
const updates =
  (change: (update: object) => object): Change =>
  ({ userStreamDataSource }) => ({
    userStreamDataSource: {
      ...userStreamDataSource,
      parseUserStreamMessage: (...args) => userStreamDataSource.parseUserStreamMessage(...args).map(change) as never,
    },
  });
const ofTrades = (change: (update: Pick<PublicTrade, "price" | "amount">) => object) =>
  updates((update) => ("price" in update && "amount" in update ? { ...update, ...change(update as never) } : update));

const BUGS: Readonly<Record<string, Change>> = {
  "figures that go through a double": (venue) => ({
    ...trades(throughDoubles)(venue),
    ...updates(throughDoubles)(venue),
  }),
  "price and amount that change places": trades((trade) => ({ ...trade, price: trade.amount, amount: trade.price })),
  "the wrong side": trades((trade) => ({ ...trade, side: trade.side === "buy" ? "sell" : "buy" })),
  "a time in seconds": trades((trade) => ({ ...trade, timestampMs: trade.timestampMs / 1_000 })),
  "a fill of other contracts": ofTrades(({ amount }) => ({ amount: amount.times("0.5") })),
  "a fill at its amount": ofTrades(({ amount }) => ({ price: amount })),
  "bids that are asks": ({ orderBookDataSource: books }) => ({
    orderBookDataSource: {
      ...books,
      // A venue that has no changes tells whole books.
      parseOrderBookDiffMessage: (markets, message, frame) =>
        books.parseOrderBookDiffMessage(markets, message, new Proxy<typeof frame>(frame, { get: otherSide })),
      parseOrderBookSnapshotMessage: (markets, message, frame) =>
        books.parseOrderBookSnapshotMessage(markets, message, new Proxy<typeof frame>(frame, { get: otherSide })),
    },
  }),
  "a field that is read although it may be null": ({ userStreamDataSource }) => ({
    userStreamDataSource: {
      ...userStreamDataSource,
      channelOf(message) {
        for (const field of Object.values(Object(message)) as string[]) field.toString();
        return userStreamDataSource.channelOf?.(message);
      },
    },
  }),
};

function throughDoubles<T extends object>(fact: T): T {
  const told = Object.entries(fact).map(([name, value]) => [
    name,
    value instanceof Decimal ? new Decimal(Number.parseFloat(value.toFixed())) : value,
  ]);
  return Object.fromEntries(told) as T;
}

function otherSide<T extends object>(frame: T, name: string | symbol): unknown {
  return Reflect.get(frame, name === "bids" ? "asks" : name === "asks" ? "bids" : name);
}

describe("a bug that is planted in a parser", () => {
  test.each(
    FUZZ_VENUES.flatMap((one) =>
      Object.entries(BUGS).map(([bug, change]) => ({ one, bug, change, name: one.venue.manifest.name })),
    ),
  )(
    "of $name is found: $bug",
    async ({ one, change }) => {
      const { venue } = one;
      const broken = { ...venue, ...change(venue) };
      const { faults } = await fuzzParsers({ ...one, venue: broken }, 1, PAYLOADS * 5, [], 1);
      expect(faults).not.toEqual([]);
    },
    60_000,
  );
});
