import { describe, expect, it } from "vitest";
import { toDoList } from "../../../src/testing/checklist/to-do.ts";
import { paste } from "../../../src/testing/kit/paste.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";
import { okxFixtures } from "../../venues/okx/fixtures.ts";

describe("the list of what is to paste", () => {
  it("is empty where all is pasted, and counts nothing that the venue does not offer", async () => {
    const { pasted, total, waiting } = await toDoList(ftxFixtures);
    expect(waiting).toEqual([]);
    expect(pasted).toBe(total);
    expect(total).toBeGreaterThan(80);
    const withPages = { ...ftxFixtures.notOffered, fillPages: "It lists all of them at once." };
    expect((await toDoList({ ...ftxFixtures, notOffered: withPages })).total).toBe(total - 1);
  });

  it("has each fixture once, in the checklist's order, with where to find it", async () => {
    const { pasted, total, waiting } = await toDoList({
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

  it("has what the venue's files have and its fixtures lack, beyond the checklist too", async () => {
    const { batchCreationRequest: _, cashFlowsMockResponse: __, ...lean } = okxFixtures;
    const { pasted, total, waiting } = await toDoList(lean);
    expect(total).toBe((await toDoList(okxFixtures)).total);
    expect(pasted).toBe(total - 2);
    expect(waiting.map(({ fixture, section, what }) => [fixture, section, what])).toEqual([
      ["batchCreationRequest", "Beyond the checklist", "not there yet, and the derivative has a `placeOrders`"],
      ["cashFlowsMockResponse", "Beyond the checklist", "not there yet, and the derivative has a `fetchCashFlows`"],
    ]);
    for (const { tests } of waiting) expect(tests).toBeGreaterThan(0);
  });

  it("leaves out what `notOffered` gives a reason for, where that is allowed", async () => {
    const { batchCreationRequest: _, ...lean } = okxFixtures;
    const { waiting } = await toDoList({ ...lean, notOffered: { ...lean.notOffered, batchCreationRequest: "No." } });
    expect(waiting).toEqual([]);
  });
});
