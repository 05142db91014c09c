import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import {
  describePerpetualConnector,
  type PerpetualConnectorFixtures,
  paste,
  runInProcess,
  type TestResult,
} from "../../../src/testing/kit/index.ts";
import { binanceFixtures } from "../../venues/binance/fixtures.ts";
import { bybitFixtures } from "../../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../../venues/ftx/fixtures.ts";
import { okxFixtures } from "../../venues/okx/fixtures.ts";

const titleOf = ({ path }: TestResult): string => path.at(-1) ?? "";
const run = (changes: Partial<PerpetualConnectorFixtures>, only?: RegExp) =>
  runInProcess((runner) => describePerpetualConnector({ ...ftxFixtures, ...changes }, runner), {
    only: (path) => only?.test(path.join(" ")) ?? true,
  });
const failed = (results: readonly TestResult[]) => results.filter(({ status }) => status === "failed");

describe("the kit", () => {
  it("runs under node:test", async () => {
    const file = join(import.meta.dirname, "node-test.ts");
    const { stdout } = await promisify(execFile)(process.execPath, ["--test", "--test-reporter=tap", file], {
      env: { PATH: process.env.PATH },
      maxBuffer: 1 << 26,
    });
    const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(stdout)?.[1]);
    expect(count("pass")).toBeGreaterThan(150);
    expect([count("fail"), count("todo")]).toEqual([0, 0]);
  }, 120_000);

  it("lists what is to be pasted as todo, with the words of the marker, and runs the others", async () => {
    const markers = {
      orderBookDiffEvents: paste("three depth updates, from the page on the depth stream"),
      fundingPaymentMockResponse: { ...ftxFixtures.fundingPaymentMockResponse, body: paste("a row of the history") },
    };
    const results = await run(markers, /order book continuity|funding payments/);
    const todos = results.filter(({ status }) => status === "todo").map(titleOf);
    expect(todos).toContain("a dropped frame makes the book invalid, and it heals: paste orderBookDiffEvents");
    expect(todos).toContain("funding payments come once each: paste fundingPaymentMockResponse");
    const [first, ...others] = (await run(markers, /listen for order book diffs/)).map(titleOf);
    expect(first).toBe(
      "listen for order book diffs successful: paste orderBookDiffEvents " +
        "(three depth updates, from the page on the depth stream)",
    );
    for (const title of others) expect(title).toMatch(/: paste orderBookDiffEvents$/);
    expect(failed(results)).toEqual([]);
    expect(results.filter(({ status }) => status === "passed").map(titleOf)).toEqual([
      "funding payments page to the end, from where they are asked for",
      "funding payments of any time are asked for in ranges that the venue takes, without a hole",
      "funding payments are asked for to both ends while our clock is late",
      "funding payments of the day before the first start are asked for",
      "a private channel that is dead is noticed, is a gap, and heals",
    ]);
  });

  it("registers a venue of which nothing is pasted yet", async () => {
    const nothing = Object.fromEntries(
      Object.entries(ftxFixtures).map(([name, value]) =>
        /Response|Event|^expected|^configure|Request$|socket|restingRoutes|errorTable|auth|orderStates|Pages|Lists|Url/.test(
          name,
        )
          ? [name, paste(`the ${name}`)]
          : [name, value],
      ),
    );
    const results = await run(nothing);
    expect(failed(results)).toEqual([]);
    expect(results.filter(({ status }) => status === "todo").length).toBeGreaterThan(100);
  });

  it("leaves out what the venue does not offer, and asks for what is simply not there", async () => {
    const { fillPages: _pages, ...others } = ftxFixtures;
    const only = /pages to the end/;
    const runWith = (fixtures: PerpetualConnectorFixtures) =>
      runInProcess((runner) => describePerpetualConnector(fixtures, runner), {
        only: (path) => only.test(path.join(" ")),
      });
    const [missing] = await runWith(others);
    expect(missing?.status).toBe("failed");
    expect(String(missing?.error)).toContain("the fixtures lack fillPages: give it, or say in `notOffered` why not");
    const offered = {
      ...others,
      notOffered: { ...ftxFixtures.notOffered, fillPages: "It lists all of them at once." },
    };
    expect(await runWith(offered)).toEqual([]);
  });

  it.each<[string, Partial<PerpetualConnectorFixtures>, RegExp]>([
    ["another last price", { expectedLatestPrice: "5000.6" }, /the last traded price/],
    ["another fee", { expectedFillFee: { token: "USD", amount: "-0.5" } }, /sell order full fill/],
    ["another time of the fill", { expectedFillTimestampMs: 1 }, /buy is read as it is/],
    ["another book", { expectedBook: { bids: "5000 x 1", asks: "" } }, /get new order book successful/],
    [
      "a field more in the request",
      { orderCancelationRequest: { method: "DELETE", path: "/orders" } },
      /cancel order succ/,
    ],
    [
      "a signature of somebody else",
      { authVectors: ftxFixtures.authVectors.map((vector) => ({ ...vector, nowMs: 1 })) },
      /known signatures/,
    ],
    [
      "another outcome of an error",
      { errorTable: ftxFixtures.errorTable.map((row) => ({ ...row, outcome: "unknown" as const })) },
      /error table/,
    ],
    [
      "a placeholder without a value",
      {
        latestPricesRequestMockResponse: {
          method: "GET",
          path: "/markets/BTC-PERP",
          body: { success: true, result: { last: 5000.5, x: "{whatever}" } },
        },
      },
      /the last traded price/,
    ],
  ])("fails for %s", async (_, changes, only) => {
    const results = await run(changes, only);
    expect(results.length).toBeGreaterThan(0);
    expect(failed(results)).toHaveLength(results.length);
  });

  it("says of a bare comparison what the venue was asked last, and what was told", async () => {
    const [bare] = await run({ expectedLatestPrice: "1" }, /the last traded price/);
    expect(String(bare?.error)).toMatch(/asked last: .*GET \/markets\/BTC-PERP\ntold last: .*ready/);
  });

  it("says of every failure what came, what was expected, from which fixtures, and what is probably wrong", async () => {
    const [price] = await run({ expectedLatestPrice: "1" }, /the last traded price/);
    const text = String(price?.error);
    expect(text).toContain('the price: came "5000.5", expected "1"');
    expect(text).toContain("fixtures of this test: latestPricesRequestMockResponse, expectedLatestPrice");
    expect(text).toContain(
      "probably wrong: derivative.ts, or one of these fixtures says something else than the venue",
    );
    const [row] = await run({ errorTable: [{ body: {}, error: "AuthError", outcome: "definite" }] }, /error table/);
    expect(String(row?.error)).toMatch(/fixtures of this test: errorTable\nprobably wrong: errors\.ts/);
    const silent = { configurePartialFillTradeResponse: ftxFixtures.configureErroneousHttpFillTradeResponse };
    const [late] = await run(silent, /status polling loop finds a fill/);
    expect(String(late?.error)).toContain("in 9 s there was not: the fill, by a poll");
  });

  it("says of a payload that stands alone what is missing, wherever an answer belongs", async () => {
    for (const payload of [[{ name: "BTC-PERP" }], { serverTime: 1 }, "pong"]) {
      const alone = payload as unknown as PerpetualConnectorFixtures["latestPricesRequestMockResponse"];
      for (const name of ["latestPricesRequestMockResponse", "orderBookSnapshotMockResponse"] as const) {
        const results = failed(await run({ [name]: alone }, /the last traded price|get new order book successful/));
        expect(results.map(({ error }) => String(error))).toEqual([
          expect.stringContaining(
            'an answer is a route, { method: "GET", path: "/time", body: payload }, and no payload',
          ),
        ]);
      }
      const [markets] = failed(await run({ allSymbolsRequestMockResponse: alone }, /subscribes to trades and order/));
      expect(String(markets?.error)).toContain("an answer is a route");
    }
  });

  it("compares nothing without saying what it is", () => {
    const folder = new URL("../../../src/testing/kit/", import.meta.url);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"));
    const bare = files.filter((file) => readFileSync(new URL(file, folder), "utf8").includes("node:assert"));
    expect(bare, "the kit's own assertions want a reason of every failure").toEqual(["assertion.ts"]);
  });

  it("ends at the first failure where that is asked for", async () => {
    const results = await runInProcess(
      ({ describe: group, it: test }) =>
        group("a group", () => {
          test("good", () => undefined);
          test.todo("later");
          test("bad", async () => Promise.reject(new Error("no")));
          test("never", () => undefined);
        }),
      { stopAtFirstFailure: true },
    );
    expect(results.map(({ path, status }) => `${path.join(" > ")}: ${status}`)).toEqual([
      "a group > good: passed",
      "a group > later: todo",
      "a group > bad: failed",
    ]);
  });
});

describe.each([
  ["ftx", ftxFixtures],
  ["bybit", bybitFixtures],
  ["binance", binanceFixtures],
  ["okx", okxFixtures],
])("the fixtures of %s", (_, { venueModule: _module, ...fixtures }: PerpetualConnectorFixtures) => {
  it("are data: they are the same when written as JSON and read again", () => {
    const plain: unknown = JSON.parse(JSON.stringify(fixtures));
    expect(fixtures).toEqual(plain);
  });
});
