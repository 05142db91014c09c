import { describe, expect, it } from "vitest";
import type { VenueModule } from "../../../src/connector/perpetual-venue.ts";
import type { BookWire } from "../../../src/market-data/book-wire.ts";
import { changedMessages } from "../../../src/testing/kit/changed-messages.ts";
import { describePerpetualConnector, runInProcess } from "../../../src/testing/kit/index.ts";
import { bybitFixtures } from "../../venues/bybit/fixtures.ts";
import { okxFixtures } from "../../venues/okx/fixtures.ts";

type Fixtures = typeof bybitFixtures;

/** The fixtures of a venue that declares another `bookWire`. */
function withBookWire(fixtures: Fixtures, changed: (wire: BookWire) => BookWire | undefined): Fixtures {
  const { venueModule } = fixtures;
  const createVenue: VenueModule["createVenue"] = (options) => {
    const venue = venueModule.createVenue(options);
    const { bookWire } = venue.orderBookDataSource;
    if (bookWire === undefined) throw new Error("the venue has no bookWire");
    return { ...venue, orderBookDataSource: { ...venue.orderBookDataSource, bookWire: changed(bookWire) } };
  };
  return { ...fixtures, venueModule: { ...venueModule, createVenue } };
}

async function failuresOf(fixtures: Fixtures, changed: (wire: BookWire) => BookWire | undefined) {
  const given = withBookWire(fixtures, changed);
  const results = await runInProcess((runner) => describePerpetualConnector(given, runner), {
    only: (path) => path.includes("order book from bytes"),
  });
  return {
    ran: results.length,
    failures: results.flatMap(({ error }) => (error === undefined ? [] : [String(error)])),
  };
}

describe("the kit, of a venue whose books are read from their bytes,", () => {
  it.each([bybitFixtures, okxFixtures])("passes one that says how its messages are written", async (fixtures) => {
    expect(await failuresOf(fixtures, (wire) => wire)).toEqual({ ran: 3, failures: [] });
  });

  it("asks for nothing where there is no bookWire", async () => {
    expect(await failuresOf(bybitFixtures, () => undefined)).toEqual({ ran: 0, failures: [] });
  });

  it("names what differs, in which message", async () => {
    const { failures } = await failuresOf(bybitFixtures, (wire) => ({ ...wire, bids: wire.asks, asks: wire.bids }));
    expect(failures[0]).toContain("bids of orderBookDiffEvents[0] from its bytes, and by the parser: came");
    expect(failures[0]).toContain("probably wrong: the bookWire of order-book-data-source.ts");
  });

  it("names contracts that are taken for base units", async () => {
    const { failures } = await failuresOf(okxFixtures, (wire) => ({ ...wire, isInContracts: false }));
    expect(failures[0]).toMatch(
      /asks of orderBookDiffEvents\[0\] .* came \[\["60000.2","700"\]\], expected \[\["60000.2","7"\]\]/,
    );
  });

  it("finds a bookWire that fits no message, and says why", async () => {
    const unnamed = await failuresOf(bybitFixtures, (wire) => ({ ...wire, time: { path: "time", form: "number" } }));
    expect(unnamed.failures).toHaveLength(1);
    expect(unnamed.failures[0]).toContain("bookWire fits no message, so that none is read from its bytes");
    expect(unnamed.failures[0]).toContain("orderBookDiffEvents[0] has no time: {");
    const other = await failuresOf(bybitFixtures, (wire) => ({ ...wire, texts: { type: "deltas" } }));
    expect(other.failures[0]).toContain("a text differs, or something is nested that bookWire does not name");
  });

  it("finds a message of another kind that is read as one of the book's", async () => {
    const { failures } = await failuresOf(bybitFixtures, (wire) => ({ ...wire, texts: { topic: "orderbook.#.$" } }));
    expect(failures.some((text) => text.includes("kind of orderBookDiffEvents") || text.includes("takes it for"))).toBe(
      true,
    );
  });

  it("finds the other kind of message than the one that keeps the book", async () => {
    const { failures } = await failuresOf(bybitFixtures, (wire) => ({ ...wire, kind: "snapshot" }));
    expect(failures[0]).toContain(
      'the kind of bookWire, by the continuity rule of the manifest: came "snapshot", expected "diff"',
    );
  });
});

describe("a message that is changed", () => {
  const message = { kind: "book", data: { id: 7, bids: [["1.5", "2"]] } };

  it("is changed in one place at a time, and everywhere", () => {
    const changed = [...changedMessages(message)];
    const texts = changed.map(({ message: each }) => JSON.stringify(each));
    expect(texts).not.toContain(JSON.stringify(message));
    expect(new Set(changed.map(({ how }) => how)).size).toBe(changed.length);
    for (const expected of [
      { ...message, kind: "bookx" },
      { kind: "book" },
      { ...message, data: { ...message.data, id: 8 } },
      { ...message, data: { ...message.data, id: "7" } },
      { ...message, data: { id: 7, bids: [[1.5, "2"]] } },
      { ...message, data: { id: 7, bids: [["1.5", "3"]] } },
      { ...message, data: { id: 7, bids: [] } },
    ])
      expect(texts).toContain(JSON.stringify(expected));
  });

  it("is left as it was", () => {
    const before = JSON.stringify(message);
    for (const { how } of changedMessages(message)) expect(how).not.toBe("");
    expect(JSON.stringify(message)).toBe(before);
  });
});
