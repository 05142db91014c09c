import { describe, expect, test } from "vitest";
import {
  AbortError,
  AuthError,
  NotFoundError,
  OrderRejectedError,
  VenueUnavailableError,
} from "../../src/model/error.ts";
import { settleBatches, settleEach, settleInTurn } from "../../src/net/fan-out.ts";

const PAIRS = ["BTC-USDT", "ETH-USDT", "SOL-USDT"];

function failing(errors: Readonly<Record<string, unknown>>) {
  const asked: string[] = [];
  const work = async (pair: string): Promise<string> => {
    asked.push(pair);
    if (errors[pair] !== undefined) throw errors[pair];
    return pair.toLowerCase();
  };
  return { asked, work };
}

function listening() {
  const failures: [string, unknown][] = [];
  return {
    failures,
    context: { onMarketFailure: (pair: string, error: unknown) => void failures.push([pair, error]) },
  };
}

describe.each([
  ["at once", settleEach],
  ["in turn", settleInTurn],
] as const)("a question to each market, %s", (_how, settle) => {
  test("answers for the others when one market is gone, and names that one", async () => {
    const error = new NotFoundError("no such symbol");
    const { failures, context } = listening();
    const { work, asked } = failing({ "ETH-USDT": error });
    expect(await settle(context, PAIRS, work)).toEqual(["btc-usdt", "sol-usdt"]);
    expect(failures).toEqual([["ETH-USDT", error]]);
    expect(asked).toEqual(PAIRS);
  });

  test("is the venue's failure when no market is answered", async () => {
    const error = new VenueUnavailableError("maintenance");
    const { failures, context } = listening();
    const { work } = failing({ "BTC-USDT": new NotFoundError("gone"), "ETH-USDT": error, "SOL-USDT": error });
    await expect(settle(context, PAIRS, work)).rejects.toBe(error);
    expect(failures).toEqual([]);
  });

  test("has an empty answer when every market is gone", async () => {
    const { failures, context } = listening();
    const { work } = failing({ "BTC-USDT": new NotFoundError("gone") });
    expect(await settle(context, ["BTC-USDT"], work)).toEqual([]);
    expect(failures).toHaveLength(1);
  });

  test.each([new AbortError(), new AuthError("bad key")])("ends with %s, which is no market's", async (error) => {
    const { failures, context } = listening();
    const { work } = failing({ "ETH-USDT": error });
    await expect(settle(context, PAIRS, work)).rejects.toBe(error);
    expect(failures).toEqual([]);
  });

  test("throws the first failure where nobody listens, after all were asked", async () => {
    const error = new NotFoundError("gone");
    const { work, asked } = failing({ "BTC-USDT": error });
    await expect(settle({}, PAIRS, work)).rejects.toBe(error);
    expect(asked).toEqual(PAIRS);
  });
});

describe("a request for several markets", () => {
  test("that is refused because of one is asked for in halves, so that only that one is left out", async () => {
    const pairs = ["A-USDT", "B-USDT", "C-USDT", "D-USDT", "E-USDT"];
    const { failures, context } = listening();
    const asked: string[] = [];
    const answer = async (some: readonly string[]): Promise<readonly string[]> => {
      asked.push(some.join(","));
      if (some.includes("C-USDT")) throw new OrderRejectedError("Parameter instId error");
      return some;
    };
    expect(await settleBatches(context, pairs, 20, answer)).toEqual(["A-USDT", "B-USDT", "D-USDT", "E-USDT"]);
    expect(failures.map(([pair]) => pair)).toEqual(["C-USDT"]);
    expect(asked).toEqual([pairs.join(","), "A-USDT,B-USDT,C-USDT", "A-USDT,B-USDT", "C-USDT", "D-USDT,E-USDT"]);
  });

  test("that the venue cannot answer now is not asked for again in halves", async () => {
    const { context } = listening();
    let asked = 0;
    const answer = async (): Promise<readonly string[]> => {
      asked += 1;
      throw new VenueUnavailableError("maintenance");
    };
    await expect(settleBatches(context, PAIRS, 20, answer)).rejects.toThrow("maintenance");
    expect(asked).toBe(1);
  });
});
