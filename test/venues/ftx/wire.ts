import type { FixtureOrder } from "../../../src/testing/kit/scene.ts";
import { fill } from "../../../src/testing/kit/template.ts";
import { FILL, ORDER } from "./fixtures.ts";

/** The fixtures' wire objects of one order, with changes. */

type Changes = Readonly<Record<string, unknown>>;

export const wireOrder = (order: FixtureOrder, changes: Changes = {}) => ({
  ...fill<Changes>(ORDER, { ...order, symbol: "BTC-PERP" }),
  ...changes,
});
export const wireFill = (order: FixtureOrder, changes: Changes = {}) => ({
  ...fill<Changes>(FILL, { ...order, symbol: "BTC-PERP" }),
  ...changes,
});
export const ordersFrame = (data: unknown) => ({ channel: "orders", type: "update", data });
export const fillsFrame = (data: unknown) => ({ channel: "fills", type: "update", data });
