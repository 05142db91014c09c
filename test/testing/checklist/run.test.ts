import { describe, expect, it } from "vitest";
import { venueSource } from "../../../scripts/venue-sources.ts";
import type { ChecklistAnswer, ChecklistDocument } from "../../../src/testing/checklist/document.ts";
import { needsOf, runKit } from "../../../src/testing/checklist/kit-run.ts";
import { testedHow, withConnectorTable, withVenueRows } from "../../../src/testing/checklist/markdown.ts";
import { checklistPages } from "../../../src/testing/checklist/pages.ts";
import { runChecklist } from "../../../src/testing/checklist/run.ts";
import type { VenueSource } from "../../../src/testing/checklist/venue-facts.ts";
import type { FixtureName, PerpetualConnectorFixtures } from "../../../src/testing/kit/fixtures.ts";
import { paste } from "../../../src/testing/kit/paste.ts";
import { createKit } from "../../../src/testing/kit/register.ts";
import type { TestRunner } from "../../../src/testing/kit/runner.ts";
import { CHECKLIST_ITEMS } from "../../../src/testing/seed-items.ts";

const ftx = await venueSource("ftx");
/** Asks by POST at one path, signs in the body, and sends whole books. */
const hyperliquid = await venueSource("hyperliquid");
/** What a new venue's fixtures hold from the start. */
const KEPT: ReadonlySet<string> = new Set([
  ...["venueModule", "connectorName", "domain", "credentials", "tradingPair", "otherTradingPair"],
  ...["exchangeSymbolForTokens", "restBasePath", "startMs", "words", "notOffered"],
]);
const TRADES = "listen for trades successful";

/** A kit whose tests are those that the checklist names; what `outcomes` says fails or is left out. */
function kitWith(outcomes: Readonly<Record<string, "fails" | "absent">> = {}) {
  const names = new Set([...CHECKLIST_ITEMS.apiRows, ...CHECKLIST_ITEMS.items].flatMap(({ tests }) => tests));
  const fixtures = CHECKLIST_ITEMS.items.flatMap(({ fixture }) => (fixture === undefined ? [] : [fixture]));
  return (given: PerpetualConnectorFixtures, runner: TestRunner): void => {
    const kit = createKit(given, runner);
    const add = (name: string, needs: readonly FixtureName[]): void => {
      if (outcomes[name] === "absent") return;
      kit.pure(name, needs, () => {
        if (outcomes[name] === "fails") throw new Error("it fails");
      });
    };
    for (const name of names) add(name, name === TRADES ? ["tradeEvent"] : []);
    for (const name of fixtures) add(`a test of ${name}`, [name]);
  };
}

async function check(source: VenueSource, outcomes: Parameters<typeof kitWith>[0] = {}): Promise<ChecklistDocument> {
  return runChecklist([source], kitWith(outcomes));
}

function answersOf(document: ChecklistDocument, item: string): readonly ChecklistAnswer[] {
  const answers = Object.values(document.connectors)[0]?.answers ?? [];
  return answers.filter((_, index) => document.items[index]?.item === item);
}

const changed = (fixtures: Partial<PerpetualConnectorFixtures>): VenueSource => ({
  ...ftx,
  fixtures: { ...ftx.fixtures, ...fixtures },
});

describe("a run of the kit", () => {
  it("tells the tests that wait by their own names", async () => {
    const fixtures = { ...ftx.fixtures, tradeEvent: paste("a trade: from the page on trades") };
    const results = await runKit(kitWith({ "rest authenticate": "fails" }), fixtures);
    expect(results.get(TRADES)).toBe("todo");
    expect(results.get("rest authenticate")).toBe("failed");
    expect(results.get("get funding info")).toBe("passed");
  });

  it("finds the tests that need a fixture by taking it away", () => {
    const needs = needsOf(kitWith(), ftx.fixtures);
    expect(needs.get("tradeEvent")).toEqual([TRADES]);
    expect(needs.get("latestPricesRequestMockResponse")).toEqual(["a test of latestPricesRequestMockResponse"]);
    expect(needs.get("malformedDiffEvent")).toBeUndefined();
  });

  it("counts apart what ran on an ability that the kit invented, and takes it for no proof", async () => {
    const kit = (given: PerpetualConnectorFixtures, runner: TestRunner) => {
      const { test } = createKit(given, runner);
      test("rest authenticate", { needs: [], scene: { ready: false }, invented: "a signature" }, async () => undefined);
    };
    expect((await runKit(kit, ftx.fixtures)).get("rest authenticate")).toBe("invented");
    const document = await runChecklist([ftx], kit);
    const { passed, invented } = Object.values(document.connectors)[0]?.tests ?? {};
    expect([passed, invented]).toEqual([[], ["rest authenticate"]]);
    for (const { status, reason } of answersOf(document, "test_rest_authenticate")) {
      expect([status, reason]).toEqual(["no", '"rest authenticate" ran on an ability that the venue does not have']);
    }
  });

  it("holds a name that occurs twice for passed only where both are", async () => {
    const twice = (_: unknown, { it }: TestRunner) => {
      it("the same", () => undefined);
      it("the same", () => {
        throw new Error("it fails");
      });
      it("the same", () => undefined);
    };
    expect((await runKit(twice, ftx.fixtures)).get("the same")).toBe("failed");
  });
});

describe("an answer of the checklist", () => {
  it("is yes where the symbol is there and its tests passed", async () => {
    const document = await check(ftx);
    expect(answersOf(document, "_parse_trade_message")).toEqual([{ status: "yes" }]);
    expect(answersOf(document, "test_listen_for_trades_successful")).toEqual([{ status: "yes" }]);
    expect(answersOf(document, "all_symbols_request_mock_response")).toEqual([{ status: "yes" }]);
    const connector = document.connectors.ftx_perpetual;
    expect(connector?.answers.filter(({ status }) => status === "no")).toEqual([]);
    expect(connector?.tests.failed).toEqual([]);
  });

  it.each([
    ["fails", `"${TRADES}" failed`],
    ["absent", `"${TRADES}" is not among the tests`],
  ] as const)("is no where a test %s", async (outcome, reason) => {
    const document = await check(ftx, { [TRADES]: outcome });
    expect(answersOf(document, "_parse_trade_message")).toEqual([{ status: "no", reason }]);
    expect(answersOf(document, "test_listen_for_trades_successful")).toEqual([{ status: "no", reason }]);
  });

  it("is no where a payload is still to be pasted, and where a test waits for one", async () => {
    const marker = paste("a trade, from the page on trades");
    const document = await check(changed({ tradeEvent: marker, latestPricesRequestMockResponse: marker }));
    const waits = { status: "no", reason: `"${TRADES}" waits` };
    expect(answersOf(document, "test_listen_for_trades_successful")).toEqual([waits]);
    const pasted = { status: "no", reason: "to be pasted: a trade, from the page on trades" };
    expect(answersOf(document, "latest_prices_request_mock_response")).toEqual([pasted]);
    const [row] = answersOf(document, "GET LAST TRADED PRICE");
    expect(row).toMatchObject({ status: "no", reason: expect.stringContaining("latestPricesRequestMockResponse") });
    expect(row?.endpoint).toBeUndefined();
  });

  it("is no where the venue's own file lacks the symbol, and where the file is not there", async () => {
    const { generateSignature: _, ...auth } = ftx.exports.auth;
    const readText = (path: string) => (path.endsWith("web-utils.ts") ? undefined : ftx.readText(path));
    const document = await check({ ...ftx, exports: { ...ftx.exports, auth }, readText });
    const absent = { status: "no", reason: "src/venues/ftx/auth.ts exports no generateSignature" };
    expect(answersOf(document, "_generate_signature")).toEqual([absent]);
    const file = { status: "no", reason: "there is no src/venues/ftx/web-utils.ts" };
    expect(answersOf(document, "connector_name_web_utils.py file")).toEqual([file]);
  });

  it("is no where the configuration's template has no keys of the connector", async () => {
    const document = await check({ ...ftx, readText: (path) => (path.endsWith(".yml") ? "" : ftx.readText(path)) });
    const [answer] = answersOf(
      document,
      "Add connector_name_api_key and connector_name_api_secret to the conf_global_TEMPLATE.yml",
    );
    expect(answer?.status).toBe("no");
    expect(answer?.reason).toContain("ftx_perpetual_api_secret");
  });

  it("is not offered where the venue was found to do without and says why", async () => {
    const document = await check(ftx);
    const reason = ftx.fixtures.notOffered.listenKey;
    expect(reason).toBeDefined();
    expect(answersOf(document, "_get_listen_key")).toEqual([{ status: "not-offered", reason }]);
    expect(answersOf(document, "test_ping_listen_key_successful")).toEqual([{ status: "not-offered", reason }]);
    const [added] = answersOf(document, "add_auth_to_params");
    expect(added).toEqual({
      status: "not-offered",
      reason: "FTX takes the signature in headers (FTX-KEY, FTX-TS, FTX-SIGN).",
    });
    const [time] = answersOf(document, "SERVER TIME");
    expect(time?.status).toBe("not-offered");
  });

  it("is no where the venue does without and does not say why", async () => {
    const document = await check(changed({ notOffered: {} }));
    const reason = "there is no listen key, and the venue does not say why";
    expect(answersOf(document, "_get_listen_key")).toEqual([{ status: "no", reason }]);
  });

  it("is not taken from a reason that is given for something that is there", async () => {
    const document = await check(changed({ notOffered: { ...ftx.fixtures.notOffered, tradeEvent: "not so" } }));
    expect(answersOf(document, "GET ACTIVE MARKETS")).toEqual([{ status: "yes", endpoint: "GET /markets" }]);
    const manifest = { ...ftx.fixtures.venueModule.manifest, notOffered: { "GET ACTIVE MARKETS": "a false excuse" } };
    const venueModule = {
      ...ftx.fixtures.venueModule,
      manifest,
      createVenue: (options: Parameters<typeof ftx.fixtures.venueModule.createVenue>[0]) => {
        return { ...ftx.fixtures.venueModule.createVenue(options), manifest };
      },
    };
    const again = await check(changed({ venueModule }));
    expect(answersOf(again, "GET ACTIVE MARKETS")).toEqual([{ status: "yes", endpoint: "GET /markets" }]);
  });

  it("of the prerequisite is that it does not apply", async () => {
    const [answer] = (await check(ftx)).connectors.ftx_perpetual?.answers ?? [];
    expect(answer).toEqual({ status: "not-offered", reason: "not applicable, no Python needed" });
  });

  it("is seen, not typed: what a row asks is what the scripted venue was asked", async () => {
    const document = await check(ftx);
    const endpoint = (item: string) => answersOf(document, item)[0]?.endpoint;
    expect(endpoint("GET ORDER STATUS BY client order id")).toBe("GET /orders/by_client_id/{clientOrderId}");
    expect(endpoint("CANCEL ORDER BY exchange_order_id")).toBe("DELETE /orders/{exchangeOrderId}");
    expect(endpoint("CREATE ORDERS with client order id")).toBe("POST /orders (clientId)");
    expect(endpoint("ORDERBOOK DIFF CHANNEL")).toBe("orderbook");
    expect(endpoint("USER TRADES CHANNEL (Order Status, fills, fees)")).toBe("fills");
    expect(endpoint("Rate limits")).toBe("30 in 1 s (requests); 2 in 200 ms (orders); 7 in 1 s (orders:{symbol})");
  });
});

describe("a venue that asks in bodies, signs in bodies and sends whole books", () => {
  const DIFFS = "listen for order book diffs successful";

  it("is seen as it asks, by the fields of its bodies", async () => {
    const document = await check(hyperliquid);
    const endpoint = (item: string) => answersOf(document, item)[0]?.endpoint;
    expect(endpoint("[TR] MINIMUN ORDER SIZE")).toBe("POST /info meta");
    expect(endpoint("CREATE ORDERS with client order id")).toBe("POST /exchange order (action.orders.c)");
    expect(endpoint("CANCEL ORDER BY exchange_order_id")).toBe("POST /exchange cancel (action.cancels.o)");
    expect(endpoint("CANCEL ORDER BY client order id")).toBe("POST /exchange cancelByCloid (action.cancels.cloid)");
    expect(endpoint("AUTHENTICATION")).toBe("nonce, signature");
    expect(endpoint("ORDERBOOK CHANNEL (Min depth 100)")).toBe("l2Book, of 20 levels a side");
  });

  it("does without what it signs nothing in, and without changes of its book", async () => {
    const document = await check(hyperliquid, { [DIFFS]: "absent" });
    const inBody = {
      status: "not-offered",
      reason: "Hyperliquid takes the signature in the body (nonce, signature).",
    };
    expect(answersOf(document, "add_auth_to_params")).toEqual([inBody]);
    expect(answersOf(document, "header_for_authentication")).toEqual([inBody]);
    for (const item of ["ORDERBOOK DIFF CHANNEL", "_parse_order_book_diff_message"])
      expect(answersOf(document, item)[0]?.status, item).toBe("not-offered");
    expect(answersOf(document, "_channel_originating_message")).toEqual([{ status: "yes" }]);
  });

  it("proves nothing by a test that was left out, and is excused from none that it should have", async () => {
    const alone = await check(hyperliquid, { [DIFFS]: "absent", [TRADES]: "absent" });
    const reason = `"${TRADES}" is not among the tests; "${DIFFS}" is not among the tests`;
    expect(answersOf(alone, "_channel_originating_message")).toEqual([{ status: "no", reason }]);
    const offered = await check(ftx, { [DIFFS]: "absent" });
    const missing = `"${DIFFS}" is not among the tests`;
    expect(answersOf(offered, "_channel_originating_message")).toEqual([{ status: "no", reason: missing }]);
  });
});

describe("a venue whose payloads are all still to be pasted", () => {
  const markers = Object.fromEntries(
    Object.keys(ftx.fixtures)
      .filter((name) => !KEPT.has(name))
      .map((name) => [name, paste(`${name}, from the documentation`)]),
  );
  const source = changed(markers as Partial<PerpetualConnectorFixtures>);

  it("has a checklist all the same, with rows that say no", async () => {
    const document = await check(source);
    expect(answersOf(document, "GET ACTIVE MARKETS")[0]?.status).toBe("no");
    expect(answersOf(document, "all_symbols_request_mock_response")[0]?.status).toBe("no");
    expect(answersOf(document, "connector_name_auth.py")[0]?.status).toBe("yes");
    for (const answer of document.connectors.ftx_perpetual?.answers ?? []) {
      if (answer.status !== "yes") expect(answer.reason).toMatch(/./);
    }
  });
});

describe("the pages of the checklist", () => {
  const page =
    "# FTX\n\n<!-- rows of the API checklist; written by `npm run docs` -->\nold\n<!-- end of the rows -->\nrest\n";
  const readme = "# Perpwire\n<!-- connectors; written by `npm run docs` --><!-- end of the connectors -->\n";

  it("keep what is written by hand around their rows", async () => {
    const document = await check(ftx);
    const rows = withVenueRows(page, document, "ftx_perpetual");
    expect(rows).toMatch(
      /^# FTX\n\n<!-- rows.*-->\n\nChecked against the documents of: 2022-11\.\n\n\| Checklist row \| ftx \|\n/,
    );
    expect(rows).toContain("\n| GET ACTIVE MARKETS | `GET /markets` |\n");
    expect(rows).toContain("not offered: ");
    expect(rows).toMatch(/<!-- end of the rows -->\nrest\n$/);
    expect(rows).not.toContain("old");
    expect(withVenueRows(rows, document, "ftx_perpetual")).toBe(rows);
    expect(withConnectorTable(readme, document, () => "by us")).toMatch(
      /\n\| `ftx_perpetual`, `ftx_us_perpetual` \| \[FTX\]\(docs\/venues\/ftx\.md\) \| 2022-11 \| .* \| by us \|\n/,
    );
  });

  it("tell how a venue was tested as its own page tells it", () => {
    expect(testedHow("# A\n\nWords.\n\nTested how: with a\nclient; live: no.\n\n## Keys\n")).toBe(
      "with a\nclient; live: no.",
    );
    expect(testedHow(page)).toBe("not said");
  });

  it("refuse a page that has no marks for its rows", async () => {
    const document = await check(ftx);
    expect(() => withVenueRows("# FTX\n", document, "ftx_perpetual")).toThrow(
      /the page of ftx_perpetual lacks the marks/,
    );
  });

  it("are one file for programs, one for people, one a venue and the README", async () => {
    const pages = checklistPages(await check(ftx), (path) => (path === "README.md" ? readme : page));
    expect([...pages.keys()]).toEqual(["docs/checklist.md", "docs/venues/ftx.md", "README.md"]);
    const cells = (pages.get("docs/checklist.md") ?? "")
      .split("\n")
      .filter((line) => line.startsWith("|"))
      .flatMap((line) => line.slice(1, -1).split(/(?<!\\)\|/));
    expect(cells.length).toBeGreaterThan(800);
    expect(cells.filter((cell) => cell.trim() === "")).toEqual([]);
  });
});
