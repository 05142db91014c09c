import { describe, expect, it } from "vitest";
import { withFewerLevels, withoutYoungRows, withUnreadableRow } from "../../src/paper/spoil.ts";
import { SeededRandom } from "../../src/runtime/simulated-random.ts";

const LONG = "45949729863572161";
const random = new SeededRandom(1, "spoil");

describe("a message that a fault changes", () => {
  it("keeps the digits of all ids that no double holds", () => {
    const rows = `[{"id":${LONG},"price":"1"},{"id":${LONG},"price":"2"},{"id":${LONG},"price":"3"}]`;
    for (let count = 0; count < 20; count += 1) {
      const spoilt = withUnreadableRow(rows, random);
      expect(spoilt).not.toBe(rows);
      expect(spoilt.split(LONG).length).toBeGreaterThanOrEqual(3);
    }
  });

  it("loses the rows that are young where times are seconds", () => {
    const rows = `[{"id":${LONG},"create_time":1790000000.5},{"id":2,"create_time":1790000002.5}]`;
    const { text, isNothing } = withoutYoungRows(rows, 1_790_000_001_000);
    expect([text, isNothing]).toEqual([`[{"id":${LONG},"create_time":1790000000.5}]`, false]);
    expect(withoutYoungRows('{"id":1,"create_time":1790000002}', 1_790_000_001_000).isNothing).toBe(true);
  });

  it("has fewer levels where they are objects as well", () => {
    const level = (index: number) => ({ p: String(index), s: 1 });
    const book = { id: 1, asks: [], bids: Array.from({ length: 8 }, (_, index) => level(index)) };
    expect(JSON.parse(withFewerLevels(JSON.stringify(book), random)).bids).toHaveLength(5);
  });
});
