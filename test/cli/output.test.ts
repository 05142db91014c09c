import { describe, expect, it } from "vitest";
import type { Cli } from "../../src/cli/cli.ts";
import { isoTime, Output } from "../../src/cli/output.ts";
import { Decimal } from "../../src/model/decimal.ts";
import { FakeProcess } from "./fake-process.ts";

function output(json: boolean) {
  const process = new FakeProcess([]);
  const cli: Cli = { process, secrets: new Set(), runtime: () => Promise.reject(new Error("not needed")) };
  return { process, output: new Output(cli, { json }) };
}

const FACTS = {
  price: new Decimal("1e-7"),
  none: undefined,
  notANumber: Number.NaN,
  fees: new Map([["USD", new Decimal("0.10")]]),
  flags: { ready: true },
};

describe("output", () => {
  it("prints amounts as plain decimal text and what is missing as null in JSON", async () => {
    const { process, output: json } = output(true);
    await json.record(FACTS);
    expect(process.out).toBe(
      '{"price":"0.0000001","none":null,"notANumber":null,"fees":{"USD":"0.1"},"flags":{"ready":true}}\n',
    );
  });

  it("prints one fact a line for people", async () => {
    const { process, output: human } = output(false);
    await human.record(FACTS);
    expect(process.outLines).toEqual([
      "price       0.0000001",
      "none        -",
      "notANumber  -",
      "fees        USD 0.1",
      "flags       ready true",
    ]);
  });

  it("prints rows as a table without colours, or as one array", async () => {
    const columns = [{ name: "asset", value: (row: string) => row }];
    const human = output(false);
    await human.output.rows(columns, ["USD"], "nothing");
    expect(human.process.out).toContain("│ USD   │");
    expect(human.process.out).not.toContain("\u001b");
    const json = output(true);
    await json.output.rows(columns, ["USD"], "nothing");
    expect(json.process.out).toBe('[{"asset":"USD"}]\n');
  });

  it("says that there is nothing, and prints an empty array for programs", async () => {
    const human = output(false);
    await human.output.rows([], [], "no open orders");
    expect(human.process.out).toBe("no open orders\n");
    const json = output(true);
    await json.output.rows([], [], "no open orders");
    expect(json.process.out).toBe("[]\n");
  });

  it("prints times as ISO text", () => {
    expect(isoTime(1_626_993_904_500)).toBe("2021-07-22T22:45:04.500Z");
    expect(isoTime(Number.NaN)).toBeUndefined();
  });
});
