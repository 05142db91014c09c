import { describe, expect, it } from "vitest";
import { NotFoundError, OrderRejectedError } from "../../src/model/error.ts";
import { beginPaperRun, end, PAIR, ready } from "../support/paper-run.ts";

const order = (price: string, amount = "0.01") =>
  ({ tradingPair: PAIR, side: "buy", amount, price, position: "open" }) as const;

async function begin() {
  const run = await beginPaperRun(1, { rateLimits: "off" });
  await ready(run);
  const open = () => run.venue.truth().orders.filter(({ status }) => status === "open");
  return { ...run, open };
}

describe("a batch at a venue that has none", () => {
  it("sends its orders one by one and gives each its handle, in order", async () => {
    const run = await begin();
    const { world, connector, open } = run;
    const handles = connector.batchOrderCreate([order("15000"), order("15001"), order("15002")]);
    expect(handles.map(({ price }) => price?.toFixed())).toEqual(["15000", "15001", "15002"]);
    const accepted = await world.run(Promise.all(handles.map((handle) => handle.accepted)));
    expect(accepted.map(({ ok }) => ok)).toEqual([true, true, true]);
    await world.advance(100);
    // They leave together, and the network may bring them in another order.
    const atVenue = new Map(open().map(({ clientId, price }) => [clientId, Number(price)]));
    expect(handles.map(({ clientOrderId }) => atVenue.get(clientOrderId))).toEqual([15_000, 15_001, 15_002]);
    await end(run);
  });

  it("keeps all of them back when one breaks a rule", async () => {
    const run = await begin();
    const { world, venue, connector } = run;
    expect(() => connector.batchOrderCreate([order("15000"), order("15000.3")])).toThrow(OrderRejectedError);
    await world.advance(1_000);
    expect(venue.truth().orders).toEqual([]);
    expect(connector.inFlightOrders.size).toBe(0);
    await end(run);
  });

  it("tells each handle what became of it, when the venue refuses one", async () => {
    const run = await begin();
    const { world, connector } = run;
    world.network.faults = {
      onHttpRequest: ({ body }) =>
        String(body).includes("15001")
          ? {
              kind: "respond",
              response: { status: 400, headers: {}, text: '{"success":false,"error":"Size too small"}' },
            }
          : undefined,
    };
    const handles = connector.batchOrderCreate([order("15000"), order("15001"), order("15002")]);
    await world.run(Promise.all(handles.map((handle) => handle.accepted)));
    expect(handles.map(({ state }) => state)).toEqual(["open", "failed", "open"]);
    await end(run);
  });

  it("is canceled order by order, and an unknown id does not keep the others", async () => {
    const run = await begin();
    const { world, connector, open } = run;
    const handles = connector.batchOrderCreate([order("15000"), order("15001"), order("15002")]);
    await world.run(Promise.all(handles.map((handle) => handle.accepted)));
    const [first, second, third] = handles.map(({ clientOrderId }) => clientOrderId);
    const results = await world.run(connector.batchOrderCancel([first!, "nobody", third!]));
    expect(results.map(({ clientOrderId, success }) => [clientOrderId, success])).toEqual([
      [first, true],
      ["nobody", false],
      [third, true],
    ]);
    expect(results[1]?.error).toBeInstanceOf(NotFoundError);
    expect(open().map(({ clientId }) => clientId)).toEqual([second]);
    await end(run);
  });
});
