import { describe, expect, it } from "vitest";
import { settle } from "./agreement.ts";
import { changing } from "./changed-words.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** The id that a program gave its order, as each venue calls it in frames. */
const CLIENT_ID = /"(clientId|orderLinkId|clOrdId|c|text|cloid)":\s*"(pw-|t-pw|pw|0x)[^"]*"/g;

/** Frames come without client ids, and answers to orders late, while `isOn`. */
function withoutNames(state: { isOn: boolean }) {
  const nameless = (text: string) => text.replaceAll(CLIENT_ID, '"$1":""');
  return changing({
    answer: async (request, answer, runtime) => {
      if (state.isOn && request.method === "POST") await runtime.timers.sleep(500);
      return answer;
    },
    frame: (text) => (state.isOn ? nameless(text) : text),
  });
}

describe.each(VENUE_NAMES)(
  "on %s an order that the stream tells without its client id before the answer comes",
  (name) => {
    it("is nobody else's once the answer has named it", async () => {
      const state = { isOn: false };
      await using stage = await Stage.open(name, { runtime: withoutNames(state) });
      const { connector } = stage;
      state.isOn = true;
      const followed = new Map<string, string>();
      connector.on("externalOrder", ({ order }) => void followed.set(order.exchangeOrderId, order.state));
      connector.on("externalOrderGone", ({ order, reason }) => void followed.set(order.exchangeOrderId, reason));
      const order = await stage.resting("buy", "20000");
      expect(connector.externalOrders()).toEqual([]);
      expect([...followed.values()]).toEqual(["ours"]);
      state.isOn = false;
      const canceled = await stage.run(connector.cancel(order.clientOrderId, 60_000));
      expect(canceled.success).toBe(true);
      expect(connector.externalOrders()).toEqual([]);
      await settle(stage);
    });
  },
);
