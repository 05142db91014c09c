import { afterEach, describe, expect, it } from "vitest";
import { formatAmount } from "../../../../src/paper/index.ts";
import { contractValue } from "../../../../src/paper/protocols/okx/instruments.ts";
import { BTC, type Harness, startVenue, type Wire } from "./harness.ts";

let harness: Harness;
afterEach(() => harness.venue.stop());

/** A client's own book: absolute sizes, each message naming the one before it. */
class Book {
  readonly bids = new Map<string, string>();
  readonly asks = new Map<string, string>();
  seqId = 0;
  gaps = 0;

  take({ action, data: [data] }: Wire): void {
    if (action !== "update") {
      this.bids.clear();
      this.asks.clear();
    } else if (data.prevSeqId !== this.seqId) {
      this.gaps += 1;
    }
    this.seqId = data.seqId;
    for (const [side, levels] of [
      [this.bids, data.bids],
      [this.asks, data.asks],
    ] as const) {
      for (const [price, size] of levels) {
        if (Number(size) === 0) side.delete(price);
        else side.set(price, size);
      }
    }
  }

  levels(): { bids: number[][]; asks: number[][] } {
    const rows = (side: Map<string, string>) => [...side].map(([price, size]) => [Number(price), Number(size)]);
    return {
      bids: rows(this.bids).toSorted((a, b) => b[0]! - a[0]!),
      asks: rows(this.asks).toSorted((a, b) => a[0]! - b[0]!),
    };
  }
}

/** The engine's levels in contracts. */
function engineBook(name: string, depth: number) {
  const market = harness.venue.engine.market(name)!;
  const perContract = Number(formatAmount(contractValue(market.spec)));
  const { bids, asks } = harness.venue.engine.book(name, depth);
  const rows = (side: typeof bids) =>
    side.map(([price, size]) => [
      Number(formatAmount(price)),
      Number((Number(formatAmount(size)) / perContract).toFixed(6)),
    ]);
  return { bids: rows(bids), asks: rows(asks) };
}

describe("the books channel", () => {
  it("names the message before each, over a long run", async () => {
    harness = await startVenue({ emptyBooks: false });
    const socket = await harness.publicSocket({ channel: "books", instId: BTC });
    await harness.world.advance(60_000);
    const rows = socket.rows("books");
    expect(rows[0].prevSeqId).toBe(-1);
    expect(rows.slice(1).map(({ prevSeqId }) => prevSeqId)).toEqual(rows.slice(0, -1).map(({ seqId }) => seqId));
    expect(rows.every(({ checksum }) => checksum === 0)).toBe(true);
    expect(rows.length).toBeGreaterThan(200);
    expect(socket.of("books").map(({ action }) => action)).toEqual(["snapshot", ...rows.slice(1).map(() => "update")]);
  });

  it("holds exactly the engine's levels once it rests, as the shallow ones do", async () => {
    harness = await startVenue({ emptyBooks: false, quiet: true });
    const channels = { books: 400, books5: 5, "bbo-tbt": 1 };
    const socket = await harness.publicSocket(...Object.keys(channels).map((channel) => ({ channel, instId: BTC })));
    const { trader } = harness.venue;
    for (let step = 0; step < 60; step += 1) {
      if (step % 5 === 4) trader.cancelAll("BTC-USD");
      else if (step % 3 === 0) trader.order({ market: "BTC-USD", side: "sell", size: "0.3" });
      else trader.order({ market: "BTC-USD", side: "buy", size: "0.01", price: String(19_900 + (step % 7)) });
      await harness.world.advance(15);
    }
    await harness.world.advance(500);
    for (const [channel, depth] of Object.entries(channels)) {
      const book = new Book();
      for (const frame of socket.of(channel)) book.take(frame);
      expect([channel, book.gaps, book.levels()]).toEqual([channel, 0, engineBook("BTC-USD", depth)]);
    }
  });

  it("says that it is as it was when a minute passes without a change", async () => {
    harness = await startVenue();
    const channels = ["books", "books5", "bbo-tbt"].map((channel) => ({ channel, instId: BTC }));
    const socket = await harness.publicSocket(...channels);
    for (let part = 0; part < 8; part += 1) {
      socket.connection!.send("ping");
      await harness.world.advance(20_000);
    }
    const [snapshot, ...beats] = socket.rows("books");
    expect(beats).toHaveLength(2);
    for (const beat of beats) {
      expect(beat).toMatchObject({ asks: [], bids: [], prevSeqId: snapshot.seqId, seqId: snapshot.seqId });
    }
    // Channels of whole views repeat theirs.
    for (const channel of ["books5", "bbo-tbt"]) {
      const [first, ...repeats] = socket.rows(channel);
      expect(repeats.map(({ bids, asks, seqId }) => ({ bids, asks, seqId }))).toEqual(
        Array(2).fill({ bids: first.bids, asks: first.asks, seqId: first.seqId }),
      );
    }
  });

  it("counts with the REST book, and a late listener gets all of it", async () => {
    harness = await startVenue();
    const first = await harness.publicSocket({ channel: "books", instId: BTC });
    harness.quote("buy", "19990");
    const late = await harness.publicSocket({ channel: "books", instId: BTC });
    const [snapshot] = late.rows("books");
    expect(snapshot.bids).toEqual([["19990", "100", "0", "1"]]);
    expect(first.rows("books").at(-1).seqId).toBe(snapshot.seqId);
    const [rest] = await harness.list("/market/books", { instId: BTC, sz: "400" });
    expect([rest.seqId, rest.bids]).toEqual([snapshot.seqId, snapshot.bids]);
  });
});

describe("the other public channels", () => {
  it("tell trades one by one and the ticker after them", async () => {
    harness = await startVenue();
    harness.quote("sell", "20000", "0.1");
    harness.quote("sell", "20001", "0.1");
    const socket = await harness.publicSocket({ channel: "trades", instId: BTC }, { channel: "tickers", instId: BTC });
    expect(socket.rows("tickers")).toMatchObject([{ askPx: "20000", askSz: "10", bidPx: "", last: "20000" }]);
    await harness.place({ sz: "15", px: "20001" });
    await harness.world.advance(150);
    expect(socket.of("trades").map(({ data }) => data)).toMatchObject([
      [{ px: "20000", sz: "10", side: "buy", count: "1" }],
      [{ px: "20001", sz: "5", side: "buy", count: "1" }],
    ]);
    expect(socket.rows("tickers").at(-1)).toMatchObject({ last: "20001", lastSz: "5", askSz: "5", vol24h: "15" });
  });

  it("tell mark, index and funding when they change and also when they do not", async () => {
    harness = await startVenue({ fundingIntervalMs: 90_000 });
    const socket = await harness.publicSocket(
      { channel: "mark-price", instId: BTC },
      { channel: "index-tickers", instId: "BTC-USDT" },
      { channel: "funding-rate", instId: BTC },
      { channel: "open-interest", instId: BTC },
    );
    for (const channel of ["mark-price", "index-tickers", "funding-rate", "open-interest"]) {
      expect([channel, socket.rows(channel).length]).toEqual([channel, 1]);
    }
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 20_100n * 100_000_000n });
    await harness.world.advance(300);
    expect(socket.rows("index-tickers").at(-1)).toMatchObject({ instId: "BTC-USDT", idxPx: "20100" });
    const mark = harness.venue.engine.market("BTC-USD")!.mark;
    expect(Number(socket.rows("mark-price").at(-1).markPx)).toBeCloseTo(Number(formatAmount(mark)), 0);
    const before = socket.rows("funding-rate").at(-1);
    await harness.world.advance(95_000);
    const after = socket.rows("funding-rate").at(-1);
    expect(Number(after.fundingTime) - Number(before.fundingTime)).toBe(90_000);
    expect(socket.rows("open-interest").length).toBeGreaterThan(25);
  });

  it("fall silent when they are left", async () => {
    harness = await startVenue();
    const arg = { channel: "tickers", instId: BTC };
    const socket = await harness.publicSocket(arg);
    socket.send({ op: "unsubscribe", args: [arg] });
    await harness.settle();
    const before = socket.rows("tickers").length;
    harness.quote("sell", "20000");
    await harness.world.advance(500);
    expect(socket.rows("tickers")).toHaveLength(before);
  });
});

describe("channels of a product", () => {
  it("begin with nothing, want their product, and tell liquidations of any account", async () => {
    harness = await startVenue();
    const args = [
      ...[
        { channel: "instruments", instType: "SWAP" },
        { channel: "liquidation-orders", instType: "SWAP" },
      ],
      ...[{ channel: "status" }, { channel: "price-limit", instId: BTC }],
    ];
    const socket = await harness.publicSocket(...args, { channel: "instruments" });
    expect(socket.events("subscribe").map(({ arg }) => arg)).toEqual(args);
    expect(socket.events("error")).toMatchObject([{ code: "60018" }]);
    expect([socket.rows("instruments"), socket.rows("status")]).toEqual([[], []]);
    expect(socket.rows("price-limit")).toMatchObject([{ instId: BTC, buyLmt: expect.any(String), enabled: true }]);
    harness.quote("sell", "20000", "100");
    await harness.place({ sz: "4000", px: "20000" });
    harness.venue.trader.cancelAll();
    harness.quote("buy", "15000", "100");
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 16_000n * 100_000_000n });
    await harness.world.advance(5_000);
    const [row] = socket.rows("liquidation-orders");
    expect(row).toMatchObject({ instType: "SWAP", instId: BTC, instFamily: "BTC-USDT", uly: "BTC-USDT" });
    expect(row.details).toMatchObject([{ side: "sell", posSide: "long", sz: "4000" }]);
    expect(socket.rows("price-limit").length).toBeGreaterThan(1);
  });
});
