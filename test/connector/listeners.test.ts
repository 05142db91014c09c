import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/model/error.ts";
import type { ConnectorEvents } from "../../src/model/event.ts";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

describe.each(VENUE_NAMES)("a listener on %s", (name) => {
  it("that throws or rejects is an error event and a log line, and the others go on", async () => {
    await using stage = await Stage.open(name);
    const { connector, logger } = stage;
    const errors: ConnectorEvents["error"][] = [];
    const heard: string[] = [];
    connector.on("error", (event) => errors.push(event));
    connector.on("orderFilled", () => {
      throw new Error("thrown");
    });
    connector.on("orderFilled", async () => {
      throw new Error("rejected");
    });
    connector.on("orderFilled", ({ fillId }) => heard.push(fillId));
    await stage.taken("buy");
    await stage.pass(100);
    expect(heard.length).toBeGreaterThanOrEqual(1);
    expect(new Set(errors.map(({ event, error }) => `${event} ${error.code} ${String(error.cause)}`))).toEqual(
      new Set(["orderFilled LISTENER_FAILED Error: thrown", "orderFilled LISTENER_FAILED Error: rejected"]),
    );
    expect(logger.at("error").filter(({ message }) => message === "a listener failed")).toHaveLength(errors.length);
  });
});

describe("a listener", () => {
  it("of errors that throws is logged and not told of its own failure", async () => {
    await using stage = await Stage.open("bybit_perpetual");
    const { connector, logger } = stage;
    let calls = 0;
    connector.on("error", () => {
      calls += 1;
      throw new Error("the alarm is broken");
    });
    connector.once("orderFilled", async () => {
      throw new Error("bug");
    });
    await stage.taken("buy");
    await stage.pass(100);
    expect(calls).toBe(1);
    expect(logger.at("error").map(({ fields }) => fields.event)).toEqual(["orderFilled", "error"]);
  });

  it("of a book that throws or rejects is an error event, and the book stays equal to the venue's", async () => {
    await using stage = await Stage.open("binance_perpetual");
    const { connector, pair } = stage;
    const book = connector.orderBook(pair);
    const causes: string[] = [];
    connector.on("error", ({ error }) => causes.push(String(error.cause)));
    book.onUpdate(() => {
      throw new Error("thrown");
    });
    book.onUpdate(async () => {
      throw new Error("rejected");
    });
    stage.trade("buy", "0.5", "19995");
    await stage.until("the new best bid", () => book.isValid && book.bestBid?.price.toFixed() === "19995");
    await stage.pass(100);
    expect(new Set(causes)).toEqual(new Set(["Error: thrown", "Error: rejected"]));
  });

  it("of an event that does not exist is refused with the nearest name", async () => {
    await using stage = await Stage.open("ftx_perpetual");
    const listenTo = (event: string) => stage.connector.on(event as "orderFilled", () => undefined);
    expect(() => listenTo("orderFiled")).toThrow(ConfigError);
    expect(() => listenTo("candles")).toThrow('there is no event "candles"');
  });

  it("that fails shows on standard error where the program gives no logger", async () => {
    await using stage = await Stage.open("okx_perpetual", { connector: { logger: undefined } });
    stage.connector.on("orderFilled", async () => {
      throw new Error("bug in the strategy");
    });
    await stage.taken("buy");
    await stage.pass(100);
    expect(stage.standardError).toMatch(/^\S+Z perpwire error a listener failed .*bug in the strategy/m);
  });

  it("that fails is found by the log line, which names file and line and none of the library's own calls of it", async () => {
    await using stage = await Stage.open("okx_perpetual");
    stage.connector.on("orderFilled", function onFill() {
      throw new Error("thrown");
    });
    stage.connector.on("position", async function onPosition() {
      throw new Error("rejected");
    });
    await stage.taken("buy");
    await stage.pass(100);
    const at = (event: string) => stage.logger.at("error").find(({ fields }) => fields.event === event)?.fields.at;
    expect(at("orderFilled")).toEqual([expect.stringMatching(/onFill .*listeners\.test\.ts:\d+:\d+/)]);
    expect(at("position")).toEqual([expect.stringMatching(/onPosition .*listeners\.test\.ts:\d+:\d+/)]);
  });
});
