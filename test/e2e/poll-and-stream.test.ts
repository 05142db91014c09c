import { expect, it } from "vitest";
import type { HttpRequest, Runtime } from "../../src/runtime/runtime.ts";
import { settle } from "./agreement.ts";
import { Stage } from "./stage.ts";

/** A runtime on which answers about positions take longer than anything that is pushed meanwhile. */
function withSlowPositions(runtime: Runtime, delayMs: number): Runtime {
  const request = async (wanted: HttpRequest) => {
    const answer = await runtime.http.request(wanted);
    if (/position/i.test(wanted.url)) await runtime.timers.sleep(delayMs);
    return answer;
  };
  return { ...runtime, http: { request, close: () => runtime.http.close() } };
}

it.each(["ftx_perpetual", "bybit_perpetual", "binance_perpetual", "okx_perpetual", "gate_io_perpetual"] as const)(
  "%s: an answer about positions that the stream has overtaken does not undo what was pushed",
  async (connectorName) => {
    await using stage = await Stage.open(connectorName, { runtime: (runtime) => withSlowPositions(runtime, 500) });
    const polling = stage.connector.refresh();
    await stage.pass(30);
    await stage.taken("buy", { amount: "0.03" });
    const held = () => stage.connector.position(stage.pair)?.amount.toFixed();
    expect(held()).toBe("0.03");
    await stage.run(polling);
    expect(held()).toBe("0.03");
    await stage.pass(1_500);
    expect(held()).toBe("0.03");
    await settle(stage);
  },
);
