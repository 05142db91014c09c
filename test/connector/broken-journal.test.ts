import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { JournalError } from "../../src/model/error.ts";
import { beginPaperRun, end, newProcess, type PaperRun, ready } from "../support/paper-run.ts";

/** Broken records, one of each kind, and what is said of them. */
const BROKEN = [
  ["orders", "o1", '{"v":2}', 'field "order"'],
  ["fills", "BTC-USD|1|1", "{}", "field "],
  ["meta", "counter", "many", '"many" is no counter'],
  ["cursors", "trades", "soon", '"soon" is no time in epoch milliseconds'],
  ["cursors", "trades|ETH-USD", "", '"" is no time in epoch milliseconds'],
  ["cursors", "funding|BTC-USD", "NaN", '"NaN" is no time in epoch milliseconds'],
  ["cursors", "dailyResult", "today 0 {}", 'it begins with "today", not with a number of days since 1970'],
  ["cursors", "dailyResult", "19000 0 {", "JSON"],
  ["cursors", "cashFlowsRead", "never", '"never" is no time in epoch milliseconds'],
  ["cursors", "market|LUNA-USD", "{}", 'field "tradingPair"'],
  ["fundingTotals", "BTC-USD|USD", "much", '"much" is not a decimal number'],
  ["untold", "000000000000001", '{"kind":"what"}', '"what" is none of fill, end, funding'],
  ["untold", "first", '{"kind":"end","clientOrderId":"c1"}', "its key is not a number"],
  ["accountFacts", "position|BTC-USD|both", '{"x":1}', 'field "amount"'],
  ["accountFacts", "step|1", '{"tradingPair":"BTC-USD","side":"both"}', 'field "count"'],
  ["accountFacts", "positionsListed", "{}", 'field "timestampMs"'],
  ["accountFacts", "logged|BTC-USD|1", '{"amounts":{"tip":"1"}}', '"tip" is none of realizedPnl, fee, funding, other'],
  ["accountFacts", "trade|BTC-USD|1|1", '{"x":1}', 'field "timestampMs"'],
  ["accountFacts", "adjustment|1", "[]", "it is not an object"],
  [
    "accountFacts",
    "estimate|1",
    '{"tradingPair":"BTC-USD","sourceId":"1","isAdjustment":false,"flows":[1]}',
    "1 is no",
  ],
] as const;

describe("a journal with a broken record", () => {
  let run: PaperRun;
  beforeEach(async () => {
    run = await beginPaperRun(1);
    await ready(run);
    await run.world.run(run.connector.stop());
  });
  afterEach(async () => {
    await end(run);
  });

  const write = (table: string, key: string, value: string | undefined): void => {
    const { world, venue } = run;
    const accountKey = createHash("sha256").update(`${venue.apiKey}/`).digest("hex").slice(0, 16);
    const store = world.runtime("connector").journals.open("journal.db");
    const name = `ftx_perpetual.${accountKey}.${table}`;
    if (value === undefined) store.delete(name, key);
    else store.put(name, key, value);
    store.close();
  };

  /** What a start of a new process fails with. */
  const failureOfStart = async (): Promise<unknown> => {
    run.connector = await newProcess(run, { tradingPairs: ["BTC-USD", "LUNA-USD"] });
    return run.world.run(run.connector.start().catch((error: unknown) => error));
  };

  it.each(BROKEN)("in %s, under %s, says which and what is wrong, and is free again", async (...record) => {
    const [table, key, value, reason] = record;
    write(table, key, value);
    for (const attempt of ["first", "second"]) {
      const error = await failureOfStart();
      expect(error, attempt).toBeInstanceOf(JournalError);
      expect(error, attempt).toMatchObject({ code: "JOURNAL_BROKEN", hint: expect.stringContaining("correct") });
      expect(error, attempt).toHaveProperty("message", expect.stringContaining(`journal record "${key}" of `));
      expect(error, attempt).toHaveProperty("message", expect.stringContaining(`.${table} is broken: `));
      expect(error, attempt).toHaveProperty("message", expect.stringContaining(reason));
    }
    write(table, key, undefined);
    run.connector = await newProcess(run);
    await ready(run);
  });
});
