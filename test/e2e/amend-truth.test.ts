import { describe, expect, it } from "vitest";
import type { AmendOptions } from "../../src/connector/order-desk.ts";
import { decimal } from "../../src/model/decimal.ts";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { BOX_PROTOCOLS } from "../../src/simulation/box-protocols.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

const isAmend = ({ method, url }: { readonly method: string; readonly url: string }): boolean =>
  method === "PUT" || /amend|modify/.test(url);

/** Where an amend replaces the order (FTX, Hyperliquid) the amends of one order are sent one after the other. */
const IN_PLACE = VENUE_NAMES.filter((name) => !BOX_PROTOCOLS[name].amendsReplace);

const unscaled = (value: bigint | null | undefined): string | undefined =>
  value == null ? undefined : decimal(String(value)).div(1e8).toFixed();

function termsAtVenue({ venue }: Stage) {
  const [open] = venue.engine.openOrders(venue.accountId);
  return [unscaled(open?.price), unscaled(open?.size)];
}

/** What was told of amends: `failed` with what was asked, or the order's new terms. */
function amendsTold({ connector }: Stage) {
  const told: string[] = [];
  connector.on("orderAmended", ({ price, amount }) => told.push(`${price?.toFixed()} ${amount.toFixed()}`));
  connector.on("orderAmendFailed", ({ asked }) => told.push(`failed ${asked.price?.toFixed()}`));
  return told;
}

describe.each(IN_PLACE)("amends on %s", (name) => {
  const cases: readonly (readonly [string, readonly AmendOptions[], readonly string[], readonly string[]])[] = [
    [
      "amount",
      [{ price: "19890", amount: "3" }, { price: "19880", amount: "0.06" }, { price: "19870" }],
      ["19870", "0.06"],
      ["19880 0.06", "19870 0.06"],
    ],
    [
      "price",
      [{ price: "19985" }, { price: "19700" }, { amount: "0.07" }],
      ["19700", "0.07"],
      ["19700 0.05", "19700 0.07"],
    ],
  ];

  it.each(cases)("never take up the %s of one that was lost and replaced since", async (_, changes, end, rows) => {
    await using stage = await Stage.open(name, { seed: 4 });
    const { connector, raw } = stage;
    const told = amendsTold(stage);
    const order = await stage.resting("buy", "19900", "0.05");
    let isLost = false;
    raw.network.faults = {
      onHttpRequest: (request) => {
        if (isLost || !isAmend(request)) return undefined;
        isLost = true;
        return { kind: "dropRequest" };
      },
    };
    for (const change of changes) {
      void connector.amend(order.clientOrderId, change).catch(() => undefined);
      await stage.pass(60);
    }
    const [price, amount] = end;
    expect([order.targetPrice?.toFixed(), order.targetAmount.toFixed()]).toEqual([price, amount]);
    await stage.pass(90_000);
    expect(termsAtVenue(stage)).toEqual([price, amount]);
    expect([order.price?.toFixed(), order.amount.toFixed(), order.openAmount.toFixed()]).toEqual([
      price,
      amount,
      amount,
    ]);
    expect(told).toEqual(rows);
  });

  it("that are done are not told as failed first, however late the venue shows them", async () => {
    let isStale = false;
    const stale = (runtime: Runtime): Runtime => ({
      ...runtime,
      http: {
        close: () => runtime.http.close(),
        request: async (request) => {
          const response = await runtime.http.request(request);
          const isStatus = request.method === "GET" && /order|realtime/i.test(request.url);
          return isStale && isStatus ? { ...response, text: response.text.replaceAll("19890", "19900") } : response;
        },
      },
    });
    await using stage = await Stage.open(name, { seed: 4, runtime: stale });
    const { connector, raw } = stage;
    const told = amendsTold(stage);
    const order = await stage.resting("buy", "19900", "0.05");
    raw.network.faults = {
      onFrame: (direction, text) =>
        direction === "toClient" && text.includes("19890") ? { delayMs: 6_000 } : undefined,
    };
    isStale = true;
    await stage.run(connector.amend(order.clientOrderId, { price: "19890" }));
    await stage.pass(5_000);
    isStale = false;
    await stage.pass(60_000);
    expect(told).toEqual(["19890 0.05"]);
    expect([order.price?.toFixed(), order.targetPrice?.toFixed()]).toEqual(["19890", "19890"]);
  });
});
