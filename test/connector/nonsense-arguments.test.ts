import { describe, expect, it } from "vitest";
import { PerpetualConnector } from "../../src/connector/perpetual-connector.ts";
import { PerpwireError } from "../../src/model/error.ts";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

const NONSENSE: readonly (readonly unknown[])[] = [
  [],
  [null],
  [5],
  [{}],
  ["BTC-USDT"],
  ["nonsense", null],
  ["nonsense", {}],
  ["nonsense", "x"],
  [["x", null]],
];

const METHODS = Object.entries(Object.getOwnPropertyDescriptors(PerpetualConnector.prototype)).flatMap(
  ([name, { value }]) =>
    typeof value === "function" && !["constructor", "start", "stop"].includes(name) ? [name] : [],
);

describe.each(VENUE_NAMES)("what a program without types passes on %s", (name) => {
  it("is an error of its own with what is right, never a TypeError from inside", async () => {
    await using stage = await Stage.open(name);
    const { connector } = stage;
    const wrong: string[] = [];
    for (const method of METHODS) {
      for (const args of NONSENSE) {
        const call = async () => {
          await Reflect.apply(Reflect.get(connector, method), connector, args);
        };
        const settled = call().catch((error: unknown) => {
          if (!(error instanceof PerpwireError))
            wrong.push(`${method}(${JSON.stringify(args).slice(1, -1)}): ${error}`);
        });
        await stage.run(settled);
      }
    }
    expect(wrong).toEqual([]);
  });
});
