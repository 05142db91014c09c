import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { VENUES } from "./garbled.ts";

const CREATE = /^\/(orders|v5\/order\/create|fapi\/v1\/order|api\/v5\/trade\/order)$/;
const GZIP = "\u001f\ufffd\b\u0000\u0000\u0000\u0000\u0000\u0000\u0003\ufffdV*IL\ufffd";

/** Answers to a request, none of which tells what became of it. */
const BROKEN = [
  { what: "compressed unasked", status: 200, text: GZIP, headers: { "content-encoding": "gzip" } },
  { what: "empty", status: 200, text: "" },
  { what: "204 without a body", status: 204, text: "" },
  { what: "205 with good JSON", status: 205, text: "{}" },
  { what: "304", status: 304, text: "" },
  { what: "302 to elsewhere", status: 302, text: "", headers: { location: "http://venue.test:443/elsewhere" } },
  { what: "408, which may be of the connection before", status: 408, text: "" },
  { what: "an unheard-of status", status: 999, text: "{}" },
  { what: "cut short", status: 200, text: '{"success":true,"retCode":0,"code":"0","result":{"id":1,' },
  { what: "two answers in one body", status: 200, text: '{"success":true}{"success":true}' },
  { what: "null", status: 200, text: "null" },
  { what: "a list", status: 200, text: "[]" },
  { what: "a text", status: 200, text: '"ok"' },
  { what: "an empty object", status: 200, text: "{}" },
  { what: "a prototype", status: 200, text: '{"__proto__":{"success":true,"retCode":0,"code":"0"}}' },
  { what: "nested 100,000 deep", status: 200, text: `${"[".repeat(100_000)}${"]".repeat(100_000)}` },
  { what: "a number of a million digits", status: 200, text: "9".repeat(1_000_000) },
];
const CASES = VENUES.flatMap((venue) => BROKEN.map((broken) => ({ ...venue, ...broken })));

describe("an order whose creation is answered with what tells nothing", () => {
  it.each(CASES)("$what by $venue is asked about, and does not fail", async ({ fixtures, status, text, headers }) => {
    await using scene = await openScene(fixtures);
    scene.server.on("POST", CREATE, headers === undefined ? { status, text } : { status, text, headers });
    const order = scene.order();
    const fixture = scene.fixture(order);
    scene.route(fixtures.configureOpenOrderStatusResponse as never, fixture);
    await scene.until("open", () => order.state === "open", 30_000);
    expect(scene.server.requestsTo("POST", CREATE)).toHaveLength(1);
    expect(scene.server.requestsTo("GET", /elsewhere/)).toEqual([]);
    expect(scene.named("orderUnknown")).toHaveLength(1);
    expect(scene.named("orderFailed")).toEqual([]);
  });

  it.each(VENUES)("compressed by $venue is told so", async ({ fixtures }) => {
    await using scene = await openScene(fixtures);
    scene.server.on("POST", CREATE, { status: 200, text: GZIP, headers: { "content-encoding": "gzip" } });
    scene.order();
    await scene.until("the doubt", () => scene.named("orderUnknown").length === 1);
    expect(
      scene.logger.text + JSON.stringify(scene.events.map(({ event }) => String((event as { error?: unknown }).error))),
    ).toMatch(/the answer is encoded \(gzip\), which nothing asked for/);
  });
});
