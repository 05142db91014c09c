import { describe, expect, test } from "vitest";
import type { HttpRequest, Runtime } from "../../src/runtime/runtime.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

type Way = "there" | "back";

/** A runtime on which requests for the venue's time take `delayMs` longer on one of their ways. */
function withSlowTime(runtime: Runtime, way: Way, delayMs: number): Runtime {
  const request = async (wanted: HttpRequest) => {
    const isTime = /time$/.test(new URL(wanted.url).pathname);
    if (isTime && way === "there") await runtime.timers.sleep(delayMs);
    const answer = await runtime.http.request(wanted);
    if (isTime && way === "back") await runtime.timers.sleep(delayMs);
    return answer;
  };
  return { ...runtime, http: { request, close: () => runtime.http.close() } };
}

async function failedOrders(stage: Stage, count: number): Promise<number> {
  let failed = 0;
  for (let index = 0; index < count; index += 1) {
    await stage.pass(61_000);
    const order = stage.order("buy", { price: "19000", amount: "0.01" });
    const result = await stage.run(order.accepted);
    if (!result.ok) failed += 1;
  }
  return failed;
}

const CASES = (["there", "back"] as const).flatMap((way) =>
  [2_800, 4_600].flatMap((delayMs) => VENUE_NAMES.map((name) => [name, way, delayMs] as const)),
);

describe("a venue's time", () => {
  test.each(CASES)("%s: that is slow on its way %s by %i ms costs neither the start nor an order", async (...given) => {
    const [name, way, delayMs] = given;
    await using stage = await Stage.open(name, { runtime: (runtime) => withSlowTime(runtime, way, delayMs) });
    expect(await failedOrders(stage, 4)).toBe(0);
    expect(stage.logger.text).not.toContain("refused our time");
  });

  test.each(VENUE_NAMES.flatMap((name) => [3_600_000, -3_600_000].map((stepMs) => [name, stepMs] as const)))(
    "%s: a step of the wall clock by %i ms costs no order",
    async (name, stepMs) => {
      await using stage = await Stage.open(name);
      stage.raw.setClockSkew("bot", stepMs);
      expect(await failedOrders(stage, 3)).toBe(0);
      expect(stage.logger.text).not.toContain("refused our time");
    },
  );

  test("ftx_perpetual: a clock that is put right while it runs is taken when the venue refuses the old time", async () => {
    await using stage = await Stage.open("ftx_perpetual");
    stage.raw.setClockSkew("bot", 0);
    stage.raw.setClockSkew("venue", 3_600_000);
    stage.raw.setClockSkew("bot", 3_600_000);
    expect(await failedOrders(stage, 2)).toBe(0);
    expect(stage.logger.text).toContain("refused our time");
  });
});
