import { describe, expect, it } from "vitest";
import type { Runtime } from "../../src/runtime/runtime.ts";
import { Stage } from "./stage.ts";

const SWITCH = /countdown|cancel-all-after|exchange$/i;

function watched(requests: string[]) {
  return (runtime: Runtime): Runtime => ({
    ...runtime,
    http: {
      request(request) {
        if (SWITCH.test(new URL(request.url).pathname)) requests.push(request.body ?? request.url);
        return runtime.http.request(request);
      },
      close: () => runtime.http.close(),
    },
  });
}

describe("the dead man's switch", () => {
  it.each([
    ["okx_perpetual", 1],
    ["gate_io_perpetual", 2],
    ["binance_perpetual", 2],
  ] as const)(
    "of %s is set with %d requests for two markets, and cancels what is open when it is not renewed",
    async (name, count) => {
      const requests: string[] = [];
      await using stage = await Stage.open(name, { runtime: watched(requests) });
      const order = await stage.resting("buy", "19900");
      await stage.run(stage.connector.cancelAllAfter(10_000));
      expect(requests).toHaveLength(count);
      await stage.pass(5_000);
      expect(order.state).toBe("open");
      await stage.run(order.done);
      expect(order.state).not.toBe("filled");
    },
  );

  it("of Hyperliquid is refused by the venue before enough was traded, once for all markets, and sooner where the time is too short", async () => {
    const requests: string[] = [];
    await using stage = await Stage.open("hyperliquid_perpetual", { runtime: watched(requests) });
    await expect(stage.run(stage.connector.cancelAllAfter(6_000))).rejects.toThrow("7000 ms at least");
    expect(requests).toEqual([]);
    await expect(stage.run(stage.connector.cancelAllAfter(10_000))).rejects.toThrow("enough volume traded");
  });
});
