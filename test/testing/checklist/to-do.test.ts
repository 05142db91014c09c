import { describe, expect, it } from "vitest";
import { toDoList } from "../../../src/testing/checklist/to-do.ts";
import { paste } from "../../../src/testing/kit/paste.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";

describe("the list of what is to paste", () => {
  it("is empty where all is pasted, and counts nothing that the venue does not offer", () => {
    const { pasted, total, waiting } = toDoList(ftxFixtures);
    expect(waiting).toEqual([]);
    expect(pasted).toBe(total);
    expect(total).toBeGreaterThan(80);
    const withPages = { ...ftxFixtures.notOffered, fillPages: "It lists all of them at once." };
    expect(toDoList({ ...ftxFixtures, notOffered: withPages }).total).toBe(total - 1);
  });

  it("has each fixture once, in the checklist's order, with where to find it", () => {
    const { pasted, total, waiting } = toDoList({
      ...ftxFixtures,
      errorTable: paste("an answer for every entry [error codes]"),
      fundingPaymentUrl: paste("a path"),
      tradeEvent: { data: [paste("a trade [WebSocket: trades]"), paste("another [WebSocket: trades]")] },
    });
    expect(pasted).toBe(total - 3);
    expect(waiting.map(({ fixture, section, what, where }) => ({ fixture, section, what, where }))).toEqual([
      {
        ...{ fixture: "tradeEvent", section: "Order Book Data Source", what: "a trade; another" },
        where: "WebSocket: trades",
      },
      { fixture: "fundingPaymentUrl", section: "Exchange", what: "a path", where: undefined },
      {
        ...{ fixture: "errorTable", section: "Exchange", what: "an answer for every entry" },
        where: "error codes",
      },
    ]);
    for (const { tests } of waiting) expect(tests).toBeGreaterThan(0);
  });
});
