import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { Stage, VENUE_NAMES } from "../e2e/stage.ts";

describe.each(VENUE_NAMES)("console.log on %s", (name) => {
  it("shows what an order, a book, a position and the connector are, and no secret", async () => {
    await using stage = await Stage.open(name);
    const { connector, pair, venue } = stage;
    const order = await stage.taken("buy");
    await stage.pass(1_000);
    const text = inspect(order);
    expect(text).toMatch(/^InFlightOrder \{\n {2}clientOrderId: '\S+',\n {2}exchangeOrderId: '\S+',/);
    expect(text).toMatch(new RegExp(`tradingPair: '${pair}',\\n  side: 'buy',`));
    expect(text).toMatch(/state: 'filled',\n {2}executedAmount: \d/);
    expect(inspect({ deep: { deeper: { order } } })).toContain("[InFlightOrder]");
    const book = inspect(connector.orderBook(pair));
    expect(book).toMatch(
      /^OrderBook \{[\s\S]*isValid: true,[\s\S]*bestBid: '[\d.]+ at [\d.]+',\n {2}bestAsk: '[\d.]+ at /,
    );
    expect(inspect(connector.positions())).toMatch(/amount: -?[\d.]+,\n {4}entryPrice: [\d.]+,/);
    const shown = inspect(connector, { depth: 9, showHidden: true });
    expect(shown).toMatch(/^PerpetualConnector \{[\s\S]*state: 'started',\n {2}ready: true,/);
    for (const secret of [venue.apiKey, venue.apiSecret]) expect(shown + text + book).not.toContain(secret);
  });

  it("shows why a book cannot be read, and after stop() reading it says STOPPED", async () => {
    await using stage = await Stage.open(name);
    const { connector, pair } = stage;
    const book = connector.orderBook(pair);
    await stage.run(connector.stop());
    expect(() => book.bestBid).toThrow(expect.objectContaining({ code: "STOPPED" }));
    expect(() => book.bids()).toThrow("is followed no more: the connector has stopped");
    expect(inspect(book)).toMatch(/isValid: false,\n {2}invalidReason: 'the connector has stopped'/);
    expect(inspect(connector)).toMatch(/state: 'stopped',\n {2}ready: false,/);
  });

  it("refuses an amend to nothing with what would be right", async () => {
    await using stage = await Stage.open(name);
    const { connector, pair } = stage;
    const order = connector.buy(pair, { amount: "0.5", price: "19000", position: "open" });
    await stage.pass(1_000);
    const amending = connector.amend(order.clientOrderId, { amount: "0" });
    await expect(amending).rejects.toMatchObject({ code: "ORDER_REJECTED", hint: expect.stringContaining("cancel()") });
  });
});
