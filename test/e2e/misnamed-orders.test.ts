import { describe, expect, it } from "vitest";
import { settle } from "./agreement.ts";
import { changing } from "./changed-words.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** The field of an order's id in answers and frames, as each venue calls it; of Gate.io's trades "id" is their own. */
const ID = /"(orderId|order_id|ordId|i|(?<!usertrades.*)id)":\s*"?([0-9a-f-]{12,})"?/g;

/** Gives orders another id, of the same shape, in what the venue says when `isGarbled`. */
function garbling(isGarbled: { answer: boolean; frame: boolean }) {
  const garbled = (text: string) =>
    text.replaceAll(ID, (whole, _name, id: string) =>
      whole.replace(id, id.startsWith("7") ? `8${id.slice(1)}` : `7${id.slice(1)}`),
    );
  return changing({
    answer: (request, answer) => {
      const isOrder = isGarbled.answer && request.method === "POST" && request.url.includes("order");
      return isOrder ? { ...answer, text: garbled(answer.text) } : answer;
    },
    frame: (text) => (isGarbled.frame ? garbled(text) : text),
  });
}

describe.each(VENUE_NAMES)("on %s an order that was told under an id that is not its own", (name) => {
  it("by its acknowledgement is asked for by its client id, canceled, and has one leg", async () => {
    const isGarbled = { answer: true, frame: false };
    await using stage = await Stage.open(name, { runtime: garbling(isGarbled) });
    const order = await stage.resting("buy", "20000");
    isGarbled.answer = false;
    const canceled = await stage.run(stage.connector.cancel(order.clientOrderId, 60_000));
    expect(canceled.success).toBe(true);
    const result = await stage.run(order.done);
    expect([result.state, order.exchangeOrderIds.length, order.amount.toFixed()]).toEqual(["canceled", 1, "0.02"]);
    await settle(stage);
  });

  it("by the private stream is counted once, under its own id", async () => {
    const isGarbled = { answer: false, frame: false };
    await using stage = await Stage.open(name, { runtime: garbling(isGarbled) });
    const order = await stage.resting("buy", "20000");
    isGarbled.frame = true;
    stage.trade("sell", "1");
    await stage.pass(2_000);
    isGarbled.frame = false;
    const result = await stage.run(order.done);
    expect([result.state, order.exchangeOrderIds.length, order.amount.toFixed()]).toEqual(["filled", 1, "0.02"]);
    await settle(stage);
  });
});
