import { expect, test } from "vitest";
import { Stage, VENUE_NAMES } from "./stage.ts";

// OKX's and Hyperliquid's connections quote what is no JSON, and no message of theirs was read from its bytes.
test.each(VENUE_NAMES)("a running connector of %s reads the messages of its books from their bytes", async (name) => {
  await using stage = await Stage.open(name);
  for (let trade = 0; trade < 20; trade += 1) {
    stage.trade("sell", "1", "19990");
    await stage.pass(1_000);
  }
  const { bookMessages, books } = stage.connector.metrics();
  expect(books.validBooks).toBe(books.books);
  expect(bookMessages.scanned).toBeGreaterThanOrEqual(15);
  expect(bookMessages.parsed).toBeLessThanOrEqual(6);
});

test.each(VENUE_NAMES)(
  "a connector of %s tells how long the venue takes to answer a request about orders",
  async (name) => {
    await using stage = await Stage.open(name);
    const order = stage.connector.buy(stage.pair, { amount: "0.01", price: "15000", type: "limit", position: "open" });
    await stage.pass(2_000);
    expect(order.state).toBe("open");
    const { p50, p999 } = stage.connector.metrics().orderRoundTripMs;
    expect(p50).toBeGreaterThan(0.5);
    expect(p999).toBeLessThan(1_000);
  },
);
