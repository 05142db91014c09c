import { expect, test } from "vitest";
import { Slots, shardOf, slotInMarkets, socketOfShard } from "../../src/market-data/shards.ts";
import { createVenueMarkets } from "../../src/model/venue-markets.ts";
import { orderBookDataSource as binance } from "../../src/venues/binance/order-book-data-source.ts";
import { orderBookDataSource as bybit } from "../../src/venues/bybit/order-book-data-source.ts";
import { orderBookDataSource as okx } from "../../src/venues/okx/order-book-data-source.ts";
import { sessionOf } from "./captures.ts";

test("markets fill one connection after the other, and the first has the socket's own name", () => {
  expect([0, 1, 2, 3, 4].map((slot) => shardOf("public", slot, 2))).toEqual([
    "public",
    "public",
    "public#2",
    "public#2",
    "public#3",
  ]);
  expect([socketOfShard("public"), socketOfShard("public#3")]).toEqual(["public", "public"]);
});

test("a market keeps its slot, and one that was let go is given to the next", () => {
  const slots = new Slots();
  for (const pair of ["a", "b", "c", "b"]) slots.take(pair);
  slots.release("a");
  slots.release("a");
  slots.take("d");
  slots.take("e");
  expect(["a", "b", "c", "d", "e"].map((pair) => slots.slotOf(pair))).toEqual([undefined, 1, 2, 0, 3]);
});

test("without a slot a market has its place in the markets", () => {
  const markets = sessionOf(["BTC", "ETH"]);
  expect([slotInMarkets(markets, "ETH-USD"), slotInMarkets(markets, "DOGE-USD")]).toEqual([1, 0]);
});

/** The longest symbols that the venues have. */
const [template] = sessionOf(["BTC"]).byPair.values();
const BASES = Array.from({ length: 550 }, (_, index) => `1000000COINNAMES${String(index).padStart(3, "0")}`);
const venues = [
  { name: "binance", source: binance, symbolOf: (base: string) => `${base}USDT`, mostStreams: 1_024, perRequest: 100 },
  { name: "bybit", source: bybit, symbolOf: (base: string) => `${base}USDT`, mostCharacters: 21_000, perRequest: 150 },
  { name: "okx", source: okx, symbolOf: (base: string) => `${base}-USDT-SWAP`, mostBooks: 30, perRequest: 150 },
];

test.each(venues)("550 markets of $name are dealt out so that no connection carries more than it may", (venue) => {
  const { source, symbolOf, perRequest, mostStreams = Number.POSITIVE_INFINITY } = venue;
  const listed = BASES.flatMap((base) =>
    template === undefined ? [] : { ...template, tradingPair: `${base}-USDT`, symbol: symbolOf(base) },
  );
  const markets = createVenueMarkets("x", "x", listed);
  const channels = listed.flatMap(({ tradingPair }, slot) => [...source.channels(markets, tradingPair, slot)]);
  const connections = Map.groupBy(channels, ({ socket }) => socket);
  for (const own of connections.values()) {
    expect(own.length).toBeLessThanOrEqual(mostStreams);
    expect(own.filter(({ name }) => name === "orderBook").length).toBeLessThanOrEqual(venue.mostBooks ?? 550);
    const text = JSON.stringify(source.subscribeChannels(markets, own));
    expect(text.length).toBeLessThanOrEqual(venue.mostCharacters ?? Number.POSITIVE_INFINITY);
    const [request] = source.subscribeChannels(markets, own.slice(0, perRequest));
    expect(JSON.stringify(request).length).toBeLessThanOrEqual(venue.name === "binance" ? 4_088 : 65_536);
  }
  // A few markets share one connection a socket, whatever their place in the venue's list.
  const few = ["1000000COINNAMES003", "1000000COINNAMES549"].flatMap((base, slot) => [
    ...source.channels(markets, `${base}-USDT`, slot),
  ]);
  expect(few.every(({ socket }) => !socket.includes("#"))).toBe(true);
});
