import { describe, expect, test } from "vitest";
import { Stage, VENUE_NAMES } from "./stage.ts";

describe("a market in which nothing happens for minutes", () => {
  test.each(VENUE_NAMES)("has a book that can be read all the time, and costs no readiness (%s)", async (name) => {
    await using stage = await Stage.open(name);
    const { connector, pair } = stage;
    const heard: string[] = [];
    connector.on("bookInvalid", ({ tradingPair, reason }) => heard.push(`${tradingPair}: ${reason}`));
    const notReady = new Set<number>();
    for (let second = 0; second < 240; second += 1) {
      await stage.pass(1_000);
      if (!connector.ready) notReady.add(second);
    }
    expect([heard, [...notReady]]).toEqual([[], []]);
    expect(connector.orderBook(pair).bestBid?.price.toFixed()).toBe("19990");
    // What happens then is seen.
    stage.trade("sell", "50", "19990");
    await stage.pass(1_000);
    expect(connector.orderBook(pair).bestBid?.price.toFixed()).toBe("19980");
  });
});
