import { describe, expect, it } from "vitest";
import { MARKET, Stage } from "../e2e/stage.ts";

const DAY_MS = 86_400_000;

/** Sets the clocks of both, which is the same to them and takes no time here. */
function passDays({ raw }: Stage, days: number): void {
  for (const host of ["venue", "bot"]) raw.setClockSkew(host, days * DAY_MS);
}

/** An order of Binance, made so many days ago, that ended at the venue while nobody watched. */
async function endedUnwatched(days: number, end: (stage: Stage) => void) {
  const stage = await Stage.open("binance_perpetual");
  const { clientOrderId } = await stage.resting("buy", "19900");
  await stage.endBot();
  passDays(stage, days);
  end(stage);
  await stage.pass(1_000);
  await stage.start();
  await stage.until("the order has ended", () => stage.connector.order(clientOrderId)?.isDone === true);
  return { stage, order: stage.connector.order(clientOrderId) };
}

const cancel = ({ venue }: Stage) =>
  void venue.execute({ type: "cancelAll", accountId: venue.accountId, market: MARKET });

describe("an order that the venue had taken", () => {
  it("and forgot with its end, because it was made more than three days ago, ended without a fill", async () => {
    const { stage, order } = await endedUnwatched(4, cancel);
    expect(order?.state).toBe("canceled");
    expect(stage.connector.lostOrders).toEqual([]);
    await stage[Symbol.asyncDispose]();
  });

  it("and still knows has the end that it tells", async () => {
    const { stage, order } = await endedUnwatched(2, cancel);
    expect(order?.state).toBe("canceled");
    await stage[Symbol.asyncDispose]();
  });

  it("and filled after four days has its fill", async () => {
    const { stage, order } = await endedUnwatched(4, (each) => each.trade("sell", "101"));
    expect([order?.state, order?.executedAmount.toFixed()]).toEqual(["filled", "0.02"]);
    await stage[Symbol.asyncDispose]();
  });

  it("and does not know has not ended while its fills cannot be read", async () => {
    const stage = await Stage.open("binance_perpetual");
    const { clientOrderId } = await stage.resting("buy", "19900");
    await stage.endBot();
    passDays(stage, 4);
    cancel(stage);
    const ends: (boolean | undefined)[] = [];
    const response = { status: 503, headers: {}, text: "<html>" };
    await stage.start((connector) => {
      stage.raw.network.faults = {
        onHttpRequest: ({ url }) => {
          if (!/userTrades.*orderId/.test(url) || ends.length === 3) return undefined;
          ends.push(connector.order(clientOrderId)?.isDone);
          return { kind: "respond", response };
        },
      };
    });
    await stage.until("the order has ended", () => stage.connector.order(clientOrderId)?.isDone === true);
    expect(ends).toEqual([false, false, false]);
    expect(stage.connector.order(clientOrderId)?.state).toBe("canceled");
    await stage[Symbol.asyncDispose]();
  });
});
