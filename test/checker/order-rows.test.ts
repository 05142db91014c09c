import { expect, it } from "vitest";
import { namesOf } from "../../src/checker/names.ts";
import { saidOf } from "../../src/checker/order-rows.ts";

// OKX, rough, seed 5: a text was searched for an empty id, without an end.
it("a row about an order adds its exchange id to those that name it, and an empty one not", () => {
  const names = namesOf("okx_perpetual", "USDT");
  const row = (ordId: string) => JSON.stringify({ code: "1", data: [{ clOrdId: "pw1", ordId, sCode: "51503" }] });
  const ids = new Set(["pw1"]);
  saidOf(row(""), ids, names);
  expect([...ids]).toEqual(["pw1"]);
  saidOf(row("77"), ids, names);
  expect([...ids]).toEqual(["pw1", "77"]);
});
