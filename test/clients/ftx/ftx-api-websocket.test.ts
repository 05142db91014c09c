import { describe, expect, it } from "vitest";
import { ChecksummedBook } from "../support/checksummed-book.ts";
import { DrivenMarket } from "../support/driven-market.ts";
import { BTC_BUY, ftxApiRest, ftxApiSocket, subscribed, type Wire } from "../support/ftx-api.ts";
import { bookOf, openVenue } from "../support/paper-venue.ts";

const BOOK = { channel: "orderbook", market: "BTC-PERP" };
const BOOK_UPDATES = 200;

const isBook = (type: "partial" | "update") => (frame: Wire) => frame.channel === "orderbook" && frame.type === type;
const isOrder = (id: number, status: string) => (frame: Wire) =>
  frame.channel === "orders" && frame.data?.id === id && frame.data.status === status;
const ofChannel = (frames: readonly Wire[], channel: string) =>
  frames.filter((frame) => frame.channel === channel && frame.data !== undefined);

describe("ftx-api listens to the market", () => {
  it("holds the engine's book, level by level, after every one of many updates", async () => {
    const venue = await openVenue();
    const market = new DrivenMarket(venue, "BTC-USD");
    const socket = ftxApiSocket(venue);
    const book = new ChecksummedBook();
    socket.client.on("update", (frame) => {
      if (isBook("partial")(frame) || isBook("update")(frame)) book.apply(frame.data);
    });
    socket.client.subscribe(BOOK);
    await socket.updates.first(isBook("partial"), "the first book");
    expect(book.view()).toEqual(bookOf(venue, "BTC-USD"));

    for (let update = 0; update < BOOK_UPDATES; update++) {
      const arrived = socket.updates.next(isBook("update"), `book update ${update}`);
      market.move();
      await arrived;
      expect(book.view()).toEqual(bookOf(venue, "BTC-USD"));
    }
    expect(ofChannel(socket.updates.items, "orderbook")).toHaveLength(BOOK_UPDATES + 1);
  });

  it("gets a whole book again when it subscribes anew", async () => {
    const venue = await openVenue({ emptyBooks: false, quiet: true });
    const socket = await subscribed(ftxApiSocket(venue), [BOOK]);
    await socket.updates.first(isBook("partial"), "the first book");

    const gone = socket.updates.next(({ type }) => type === "unsubscribed", "the end of the subscription");
    socket.client.unsubscribe(BOOK);
    await gone;
    const again = socket.updates.next(isBook("partial"), "the second book");
    socket.client.subscribe(BOOK);

    const { bids, asks, action } = (await again).data;
    expect({ bids, asks, action }).toEqual({ ...bookOf(venue, "BTC-USD"), action: "partial" });
  });

  it("gets each trade once, as a list, and the ticker that it makes", async () => {
    const venue = await openVenue();
    const topics = [
      { channel: "trades", market: "BTC-PERP" },
      { channel: "ticker", market: "BTC-PERP" },
    ];
    const socket = await subscribed(ftxApiSocket(venue), topics);
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    venue.trader.order({ market: "BTC-USD", side: "buy", price: "19990", size: "0.4" });

    await ftxApiRest(venue).placeOrder({ ...BTC_BUY, size: 0.1 });

    const ticker = await socket.updates.first(
      ({ channel, data }) => channel === "ticker" && data?.last === 20_000,
      "a ticker after the trade",
    );
    expect(ticker.data).toMatchObject({ bid: 19_990, ask: 20_000, bidSize: 0.4, askSize: 0.2 });
    expect(ofChannel(socket.updates.items, "trades").map(({ data }) => data)).toMatchObject([
      [{ price: 20_000, size: 0.1, side: "buy", liquidation: false }],
    ]);
  });

  it("is told of a market that there is not, and stays connected", async () => {
    const socket = await subscribed(ftxApiSocket(await openVenue()), [BOOK]);
    const error = socket.responses.next(({ type }) => type === "error", "an error");
    socket.client.subscribe({ channel: "trades", market: "XRP-PERP" });
    expect(await error).toEqual({ type: "error", code: 404, msg: "No such market: XRP-PERP" });
    await subscribed(socket, [{ channel: "trades", market: "BTC-PERP" }]);
    expect(socket.states.items).toEqual(["open"]);
  });
});

describe("ftx-api listens to its account", () => {
  it("hears of each step of an order and of each fill once", async () => {
    const venue = await openVenue();
    const socket = await subscribed(ftxApiSocket(venue), ["fills", "orders"]);
    const { result } = await ftxApiRest(venue).placeOrder({ ...BTC_BUY, clientId: "steps" });
    await socket.updates.first(isOrder(result.id, "new"), "the order rests");

    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.2" });
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.3" });
    await socket.updates.first(isOrder(result.id, "closed"), "the order is filled");
    await socket.updates.first(() => ofChannel(socket.updates.items, "fills").length === 2, "both fills");

    const orders = ofChannel(socket.updates.items, "orders");
    expect(orders.map(({ data }) => [data.status, data.filledSize, data.remainingSize, data.clientId])).toEqual([
      ["new", 0, 0.5, "steps"],
      ["open", 0.2, 0.3, "steps"],
      ["closed", 0.5, 0, "steps"],
    ]);
    const fills = ofChannel(socket.updates.items, "fills").map(({ data }) => [
      data.id,
      data.orderId,
      data.size,
      data.fee,
    ]);
    expect(fills).toEqual([
      [expect.any(Number), result.id, 0.2, 0.8],
      [expect.any(Number), result.id, 0.3, 1.2],
    ]);
    expect(fills.map(([id]) => id)).toEqual(venue.truth().fills.map(({ fillId }) => fillId));
    for (const frame of [...orders, ...ofChannel(socket.updates.items, "fills")])
      expect(frame).not.toHaveProperty("market");
  });

  it("hears of a cancelled order with nothing remaining", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    const socket = await subscribed(ftxApiSocket(venue), ["orders"]);
    const { result } = await rest.placeOrder(BTC_BUY);
    await socket.updates.first(isOrder(result.id, "new"), "the order rests");
    await rest.cancelOrder(String(result.id));
    const closed = await socket.updates.first(isOrder(result.id, "closed"), "the order is cancelled");
    expect(closed.data).toMatchObject({ filledSize: 0, remainingSize: 0, size: 0.5 });
  });

  it("hears of its sub-account and of nothing else when it logs in to one", async () => {
    const venue = await openVenue();
    const socket = await subscribed(ftxApiSocket(venue, { subAccountName: "hedge" }), ["orders"]);
    await ftxApiRest(venue).placeOrder(BTC_BUY);
    const { result } = await ftxApiRest(venue, { subAccountName: "hedge" }).placeOrder(BTC_BUY);
    await socket.updates.first(isOrder(result.id, "new"), "the order rests");
    expect(ofChannel(socket.updates.items, "orders").map(({ data }) => data.id)).toEqual([result.id]);
  });

  it.each([
    ["key", { key: "stranger" }],
    ["secret", { secret: "guess" }],
  ])("is told that its login failed when its %s is wrong, and gets nothing private", async (_, credentials) => {
    const socket = ftxApiSocket(await openVenue(), credentials);
    socket.client.subscribe(["fills"]);
    await socket.responses.first(({ msg }) => msg === "Not logged in", "the refusal of the subscription");
    expect(socket.responses.items).toEqual([
      { type: "error", code: 400, msg: "Invalid login credentials" },
      { type: "error", code: 400, msg: "Not logged in" },
    ]);
    expect(socket.updates.items).toEqual([]);
  });
});

describe("ftx-api stays connected", () => {
  it("gets a pong for each ping and never reconnects", async () => {
    const socket = await subscribed(ftxApiSocket(await openVenue(), { pingInterval: 20, pongTimeout: 1_000 }), [BOOK]);
    for (let ping = 0; ping < 5; ping++) {
      await socket.log.next((message) => message === "Received pong", "a pong");
    }
    expect(socket.states.items).toEqual(["open"]);
  });

  it("reconnects after a restart, logs in and subscribes again, and misses nothing from then on", async () => {
    const venue = await openVenue();
    const rest = ftxApiRest(venue);
    const socket = await subscribed(ftxApiSocket(venue), ["orders", "fills", BOOK]);
    const { result } = await rest.placeOrder(BTC_BUY);
    await socket.updates.first(isOrder(result.id, "new"), "the order rests");

    const reconnected = socket.states.next((state) => state === "reconnected", "ftx-api reconnects");
    const subscriptions = socket.updates.next(({ type }) => type === "subscribed", "its subscriptions");
    const book = socket.updates.next(isBook("partial"), "a whole book");
    await venue.restart(50);
    await reconnected;
    await subscriptions;

    expect(socket.responses.items).toContainEqual({ type: "info", code: 20_001, msg: expect.any(String) });
    expect((await book).data.bids).toEqual([[20_000, 0.5]]);
    const fill = socket.updates.next(({ channel }) => channel === "fills", "a fill");
    venue.trader.order({ market: "BTC-USD", side: "sell", price: "20000", size: "0.5" });
    expect((await fill).data).toMatchObject({ orderId: result.id, size: 0.5 });
    await socket.updates.first(isOrder(result.id, "closed"), "the order is filled");
  });
});
