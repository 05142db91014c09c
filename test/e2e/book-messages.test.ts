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
