import { describe, expect, it } from "vitest";
import { batchAnswers } from "../../src/connector/batch-answers.ts";
import type { BatchRow } from "../../src/connector/perpetual-venue.ts";
import { OrderRejectedError } from "../../src/model/error.ts";

const ORDERS = ["a", "b", "c"].map((clientOrderId, index) => ({ clientOrderId, exchangeOrderId: `e${index}` }));

const taken = (clientOrderId: string): BatchRow<string> => ({ id: { clientOrderId }, ok: true, value: clientOrderId });
const refused = (message: string, id?: BatchRow<string>["id"]): BatchRow<string> => ({
  id,
  ok: false,
  error: new OrderRejectedError(message),
});

/** The answer to each order: what was taken, why it was refused, or `unknown`. */
function answersTo(...rows: readonly BatchRow<string>[]): readonly string[] {
  const answers = batchAnswers(ORDERS, rows);
  return ORDERS.map(({ clientOrderId }) => {
    const answer = answers.get(clientOrderId);
    if (answer?.ok === true) return answer.value;
    return answer?.error.outcome === "definite" ? answer.error.message : "unknown";
  });
}

describe("the answer to a batch", () => {
  it("belongs row by row to the orders that are named, in whatever order", () => {
    expect(answersTo(taken("c"), refused("no", { clientOrderId: "b" }), taken("a"))).toEqual(["a", "no", "c"]);
  });

  it("may name orders by the exchange's id", () => {
    const canceled = (exchangeOrderId: string): BatchRow<string> => ({
      id: { exchangeOrderId },
      ok: true,
      value: exchangeOrderId,
    });
    expect(answersTo(canceled("e2"), canceled("e0"), refused("no", { exchangeOrderId: "e1" }))).toEqual([
      "e0",
      "no",
      "e2",
    ]);
  });

  it("gives a refusal without a name to the order in its place", () => {
    expect(answersTo(taken("a"), refused("no"), refused("never"))).toEqual(["a", "no", "never"]);
  });

  it("leaves refusals without a name unknown where a row is missing, or one too many", () => {
    expect(answersTo(taken("a"), refused("no"))).toEqual(["a", "unknown", "unknown"]);
    expect(answersTo(taken("a"), refused("no"), refused("no"), taken("x"))).toEqual(["a", "unknown", "unknown"]);
  });

  it("leaves refusals without a name unknown where another row stands in a place that is not its own", () => {
    expect(answersTo(taken("b"), taken("a"), refused("no"))).toEqual(["a", "b", "unknown"]);
    expect(answersTo(taken("a"), taken("x"), refused("no"))).toEqual(["a", "unknown", "unknown"]);
  });

  it("is none for an order that two rows name, and that a row without a name would have taken", () => {
    expect(answersTo(taken("a"), refused("no", { clientOrderId: "a" }), taken("c"))).toEqual([
      "unknown",
      "unknown",
      "c",
    ]);
    expect(answersTo(taken("a"), { ok: true, value: "b" }, taken("c"))).toEqual(["a", "unknown", "c"]);
  });
});
