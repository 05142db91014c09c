import { describe, expect, it } from "vitest";
import type { Cli } from "../../packages/cli/src/cli.ts";
import { isoTime, Output } from "../../packages/cli/src/output.ts";
import type { Column } from "../../packages/cli/src/table.ts";
import { Decimal } from "../../src/model/decimal.ts";
import { FakeProcess } from "./fake-process.ts";

function output(json: boolean, options: ConstructorParameters<typeof FakeProcess>[1] = {}) {
  const process = new FakeProcess([], options);
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

interface Row {
  readonly pair: string;
  readonly price: string;
  readonly id: string;
}

const ROW: Row = { pair: "BTC-USDT", price: "20000.123456789", id: "2ffc042f-ca70-470c-8ef7-a356e1510be1" };

const COLUMNS: readonly Column<Row>[] = [
  { name: "pair", value: ({ pair }) => pair },
  { name: "price", value: ({ price }) => price, align: "right" },
  { name: "id", value: ({ id }) => id, isDetail: true },
  { name: "isMaker", value: () => true, isDetail: true },
];

async function onTerminal(columns: number) {
  const { process, output: human } = output(false, { isTerminal: true, columns });
  await human.rows(COLUMNS, [ROW], "nothing");
  return process;
}

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

  it("frames a table where the terminal is wide enough for it, and in a file or a pipe whatever its width", async () => {
    const { process, output: piped } = output(false, { columns: 20 });
    await piped.rows(COLUMNS, [ROW], "nothing");
    const wide = await onTerminal(79);
    expect(wide.out).toBe(process.out);
    expect(wide.out).toContain(`│ BTC-USDT │ 20000.123456789 │ ${ROW.id} │ true    │`);
    expect(wide.error).toBe("");
  });

  it("takes the frame off where that makes room for everything", async () => {
    const process = await onTerminal(72);
    expect(process.outLines.at(-1)).toBe(`BTC-USDT  20000.123456789  ${ROW.id}  true`);
    expect(process.error).toBe("");
  });

  it("names the details that it leaves out of a narrow terminal, the widest first, and cuts no number", async () => {
    const process = await onTerminal(60);
    expect(process.outLines).toEqual(["pair                price  isMaker", "BTC-USDT  20000.123456789  true"]);
    expect(process.error).toBe("no room for id: a wider terminal or --json shows all\n");
  });

  it("shows one record below the other where even the columns that count have no room", async () => {
    const { process, output: human } = output(false, { isTerminal: true, columns: 20 });
    await human.rows(COLUMNS, [ROW, ROW], "nothing");
    const record = ["pair     BTC-USDT", "price    20000.123456789", `id       ${ROW.id}`, "isMaker  true"];
    expect(process.outLines).toEqual([...record, "", ...record]);
  });

  it("takes a terminal that nobody gave a size for one of 80 columns", async () => {
    expect((await onTerminal(0)).out).toBe((await onTerminal(80)).out);
  });

  it("breaks a long value between words on a terminal, below its own beginning", async () => {
    const { process, output: human } = output(false, { isTerminal: true, columns: 24 });
    await human.record({
      modes: ["oneWay", "hedge", "portfolio"],
      price: new Decimal("1234567890123456789012345678901"),
    });
    expect(process.outLines).toEqual([
      "modes  oneWay, hedge,",
      "       portfolio",
      "price  1234567890123456789012345678901",
    ]);
  });
});
