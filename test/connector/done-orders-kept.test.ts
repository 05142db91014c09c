import { describe, expect, it } from "vitest";
import type { HttpRequest, HttpResponse, Runtime } from "../../src/runtime/runtime.ts";
import { Stage, type StageOptions, VENUE_NAMES } from "../e2e/stage.ts";

const ONE: StageOptions = { connector: { doneOrdersKept: 1 } };
const idsOf = ({ connector }: Stage) => connector.doneOrders.map(({ clientOrderId }) => clientOrderId);

describe("ended orders beyond those that the option keeps", () => {
  it.each(VENUE_NAMES)("are forgotten, and none of their fills is told or counted again (%s)", async (name) => {
    const stage = await Stage.open(name, ONE);
    const taken = [];
    for (const side of ["buy", "sell", "buy", "sell"] as const) taken.push(await stage.taken(side));
    await stage.pass(1_000);
    const last = taken.at(-1)?.clientOrderId;
    expect(idsOf(stage)).toEqual([last]);
    expect(stage.connector.order(taken[0]?.clientOrderId ?? "")).toBeUndefined();
    expect(taken.map(({ state }) => state)).toEqual(["filled", "filled", "filled", "filled"]);
    const told = () => stage.ledgers.flatMap(({ fills }) => fills).length;
    expect(told()).toBe(4);
    await stage.run(stage.connector.refresh());
    await stage.endBot();
    await stage.start();
    await stage.pass(5_000);
    await stage.run(stage.connector.refresh());
    expect(told(), "nor in the next process").toBe(4);
    expect(idsOf(stage)).toEqual([last]);
    // The venue's own word of the day's result is what the fills say, each once.
    const won = stage.connector.balance(stage.token).minus(100_000);
    expect(stage.connector.dailyResult.result.toFixed(2)).toBe(won.toFixed(2));
    await stage[Symbol.asyncDispose]();
  });

  it.each(VENUE_NAMES)("are no orders of others, whatever a list says that was asked for before (%s)", async (name) => {
    let isSlow = false;
    // Answers that are as old as their question: lists of orders that have ended when they arrive.
    const runtime = (bot: Runtime): Runtime => {
      const request = async (asked: HttpRequest): Promise<HttpResponse> => {
        const isLate = isSlow && asked.method === "GET";
        const answer = await bot.http.request(asked);
        if (isLate) await bot.timers.sleep(3_000);
        return answer;
      };
      return { ...bot, http: { request, close: () => bot.http.close() } };
    };
    const stage = await Stage.open(name, { ...ONE, runtime });
    const orders = [await stage.resting("buy", "19900"), await stage.resting("buy", "19890")];
    isSlow = true;
    const refreshed = stage.connector.refresh();
    await stage.pass(500);
    isSlow = false;
    for (const { clientOrderId } of orders) await stage.run(stage.connector.cancel(clientOrderId));
    await stage.pass(500);
    expect(idsOf(stage)).toEqual([orders[1]?.clientOrderId]);
    await stage.run(refreshed);
    expect(stage.ledgers.map(({ counters }) => counters.externalOrders)).toEqual([0]);
    expect(stage.connector.externalOrders()).toEqual([]);
    await stage[Symbol.asyncDispose]();
  });
});

it("as many ended orders are kept as the option says, for as long as the timing says", async () => {
  const timings = { doneOrdersKeptMs: 60_000 };
  const stage = await Stage.open("bybit_perpetual", { connector: { doneOrdersKept: 3, timings } });
  for (let number = 0; number < 5; number += 1) await stage.taken("buy");
  expect(idsOf(stage)).toHaveLength(3);
  await stage.pass(55_000);
  expect(idsOf(stage)).toHaveLength(3);
  await stage.pass(70_000);
  expect(idsOf(stage)).toEqual([]);
  await stage[Symbol.asyncDispose]();
});
