import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { main } from "../../packages/cli/src/main.ts";
import type { RecordedMessage } from "../../packages/cli/src/recording.ts";
import { replay } from "../../packages/cli/src/replay.ts";
import type { ReplayVenue } from "../../packages/cli/src/replay-venue.ts";
import type { RestRequest } from "../../src/net/venue-api.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { venueModule } from "../../src/venues/ftx/derivative.ts";
import { manifest } from "../../src/venues/ftx/manifest.ts";
import { runCommand } from "./bench.ts";
import { FakeProcess } from "./fake-process.ts";

const DATA = resolve(import.meta.dirname, "../../../shared/data");
const CAPTURE = resolve(DATA, "ftx-2021-07-22.ndjson");
const BYBIT_CAPTURE = resolve(DATA, "bybit-2024-12-01-XRPUSDT-ob500.ndjson");

type Level = readonly [price: number, size: number];
interface Book {
  readonly type: "partial" | "update";
  readonly bids?: readonly Level[];
  readonly asks?: readonly Level[];
  /** The text that FTX made its checksum over. */
  readonly checksumOf: string;
}

function bookFrame(market: string, { type, bids = [], asks = [], checksumOf }: Book): string {
  const data = { time: 1_626_993_904.5, checksum: crc32(checksumOf), bids, asks, action: type };
  return JSON.stringify({ channel: "orderbook", market, type, data });
}

function line(text: string | undefined, dir = "in", kind = "ws"): string {
  return JSON.stringify({ t: 1_626_993_904_500, kind, dir, url: "wss://ftx.com/ws/", text });
}

const PARTIAL: Book = { type: "partial", bids: [[10, 1.5]], asks: [[11, 2]], checksumOf: "10.0:1.5:11.0:2.0" };
const UPDATE: Book = { type: "update", bids: [[10.5, 3]], checksumOf: "10.5:3.0:11.0:2.0:10.0:1.5" };

async function replayed(lines: readonly string[], args = "replay ftx_perpetual /recording.ndjson --json") {
  const world = new SimulatedWorld({ seed: 1 });
  await world.runtime("main").files.writeText("/recording.ndjson", `${lines.join("\n")}\n`);
  return runCommand(world, args);
}

describe("perpwire replay", () => {
  it("joins Gate.io's changes to the snapshot that was asked for, and names other channels whole", async () => {
    const frame = (channel: string, result: object) =>
      line(JSON.stringify({ time: 1_790_000_000, time_ms: 1_790_000_000_210, channel, event: "update", result }));
    const changes = (U: number, u: number, b: readonly object[], a: readonly object[]) =>
      frame("futures.order_book_update", { t: 1_790_000_000_205, s: "BTC_USDT", U, u, b, a, l: "100" });
    const [bid, ask] = [
      { p: "60000.1", s: 8 },
      { p: "60000.3", s: 7 },
    ];
    const snapshot = { id: 7_005, current: 1_790_000_000.1, update: 1_790_000_000.1, asks: [ask], bids: [bid] };
    const url =
      "https://api.gateio.ws/api/v4/futures/usdt/order_book?contract=BTC_USDT&interval=0&limit=100&with_id=true";
    const lines = [
      changes(7_001, 7_002, [{ p: "59000", s: 1 }], []),
      JSON.stringify({ t: 1_790_000_000_150, kind: "http", dir: "in", url, text: JSON.stringify(snapshot) }),
      changes(7_003, 7_007, [{ p: "60000.2", s: 3 }], []),
      changes(
        7_008,
        7_008,
        [],
        [
          { p: "60000.3", s: 0 },
          { p: "60000.4", s: 2 },
        ],
      ),
      frame("futures.trades", []),
    ];
    const process = await replayed(lines, "replay gate_io_perpetual /recording.ndjson --json");
    expect(process.json).toMatchObject({
      ...{ books: 1, applied: 3, gaps: 0, rejected: [], top: { BTC_USDT: { bid: "60000.2", ask: "60000.4" } } },
      ignored: { "futures.trades": 1 },
    });
  });

  it("reports the books of markets that no connector trades", async () => {
    const process = await replayed([
      line(undefined, "open"),
      line('{"op":"subscribe"}', "out"),
      line('{"success":true}', "in", "http"),
      line('{"type":"subscribed","channel":"orderbook","market":"CAD/USD"}'),
      line(bookFrame("CAD/USD", PARTIAL)),
      line(bookFrame("CAD/USD", UPDATE)),
      line(bookFrame("BTC-1231", PARTIAL)),
    ]);
    expect(process.json).toEqual({
      frames: 4,
      books: 2,
      applied: 3,
      ignored: { orderbook: 1 },
      notSubscribed: {},
      rejected: [],
      rejectedCount: 0,
      checksumFailures: 0,
      gaps: 0,
      top: { "CAD/USD": { bid: "10.5", ask: "11" }, "BTC-1231": { bid: "10", ask: "11" } },
    });
    expect(process.exitCode).toBe(0);
    expect(process.error).toBe("");
  });

  it("shows a table and the counts to people", async () => {
    const { out } = await replayed(
      [line(bookFrame("CAD/USD", PARTIAL)), line('{"channel":"ticker","type":"update"}'), line("{")],
      "replay ftx_perpetual /recording.ndjson",
    );
    expect(out).toMatch(/│ CAD\/USD │ +10 │ +11 │/);
    expect(out).toMatch(/^checksumFailures {2}0$/m);
    expect(out).toMatch(/^ignored 1 of ticker$/m);
    expect(out).toMatch(/^rejected line 3: .*JSON/m);
  });

  it("fails when a checksum does, and calls no price of that book", async () => {
    const wrong: Book = { ...UPDATE, checksumOf: "something else" };
    const process = await replayed([line(bookFrame("CAD/USD", PARTIAL)), line(bookFrame("CAD/USD", wrong))]);
    expect(process.json).toMatchObject({
      applied: 1,
      checksumFailures: 1,
      top: { "CAD/USD": { bid: null, ask: null } },
    });
    expect(process.exitCode).toBe(1);
  });

  it.each([
    ["a frame that is not JSON", "{", /JSON/],
    ["a frame of an unknown kind", '{"type":"surprise"}', /unknown kind/],
    [
      "a book without a checksum",
      '{"channel":"orderbook","market":"CAD/USD","type":"update","data":{"bids":[],"asks":[]}}',
      /checksum/,
    ],
    [
      "a book of no market",
      '{"channel":"orderbook","type":"update","data":{"bids":[],"asks":[],"checksum":1,"time":1}}',
      /market/,
    ],
  ])("rejects %s with the reason and fails", async (_, text, reason) => {
    const process = await replayed([line(bookFrame("CAD/USD", PARTIAL)), line(text)]);
    expect(process.json).toMatchObject({ frames: 2, books: 1, applied: 1, rejectedCount: 1 });
    expect(process.json.rejected).toEqual([{ line: 2, reason: expect.stringMatching(reason) }]);
    expect(process.exitCode).toBe(1);
  });

  it("tells channels that the connector does not subscribe to apart, and rejects nothing for them", async () => {
    const lines = [
      line(bookFrame("CAD/USD", PARTIAL)),
      line('{"channel":"markets","type":"update"}'),
      line('{"topic":"other","x":1}'),
    ];
    const process = await replayed(lines);
    expect(process.json).toMatchObject({ applied: 1, rejectedCount: 0, notSubscribed: { markets: 1, other: 1 } });
    expect(process.exitCode).toBe(0);
    const { out } = await replayed(lines, "replay ftx_perpetual /recording.ndjson");
    expect(out).toMatch(/^not subscribed: 1 of markets$/m);
  });

  it("fails when no book stood, and says what it read instead", async () => {
    const process = await replayed([line('{"channel":"ticker","market":"A","type":"update"}')]);
    expect(process.json).toMatchObject({ frames: 1, applied: 0, rejected: [], ignored: { ticker: 1 } });
    expect(process.exitCode).toBe(1);
  });

  it("takes names and contract sizes from the list of markets in the recording", async () => {
    const instrument = {
      ...{ instType: "SWAP", instId: "BTC-USDT-SWAP", uly: "BTC-USDT", instFamily: "BTC-USDT", state: "live" },
      ...{ ctVal: "0.01", ctMult: "1", ctValCcy: "BTC", ctType: "linear", settleCcy: "USDT", tickSz: "0.1" },
      ...{ lotSz: "0.01", minSz: "0.01", maxLmtSz: "1000", maxMktSz: "100", lever: "100", maxTriggerSz: "100" },
    };
    const url = "https://www.okx.com/api/v5/public/instruments?instType=SWAP";
    const list = JSON.stringify({ code: "0", msg: "", data: [instrument] });
    const book = {
      arg: { channel: "books", instId: "BTC-USDT-SWAP" },
      action: "snapshot",
      data: [
        { bids: [["9", "5", "0", "1"]], asks: [["10", "5", "0", "1"]], ts: "1", checksum: 0, prevSeqId: -1, seqId: 7 },
      ],
    };
    const process = await replayed(
      [JSON.stringify({ t: 1, kind: "http", dir: "in", url, text: list }), line(JSON.stringify(book))],
      "replay okx_perpetual /recording.ndjson --json",
    );
    expect(process.json).toMatchObject({ applied: 1, rejected: [], top: { "BTC-USDT": { bid: "9", ask: "10" } } });
    expect(process.exitCode).toBe(0);
  });

  it.each([
    ["not JSON", "/recording.ndjson line 2 is not JSON"],
    ["[1]", "/recording.ndjson line 2 is not an object"],
    ['{"kind":"ws","dir":"in","text":"x"}', '/recording.ndjson line 2: "t" is not a number'],
    ['{"t":1,"kind":"udp","dir":"in","text":"x"}', '/recording.ndjson line 2: "kind" is not "ws" or "http"'],
    ['{"t":1,"kind":"ws","dir":"up","text":"x"}', '/recording.ndjson line 2: "dir" is not "in", "out" or "open"'],
    ['{"t":1,"kind":"ws","dir":"in","text":{}}', '/recording.ndjson line 2: "text" is not text'],
    ['{"t":1,"kind":"ws","dir":"in"}', '/recording.ndjson line 2: "text" is missing'],
  ])("names the line that is %s", async (text, message) => {
    const process = await replayed([line(bookFrame("CAD/USD", PARTIAL)), text]);
    expect(process.json.error).toMatchObject({ code: "RECORDING", message });
    expect(process.error.startsWith(`perpwire: ${message}; a line is {`)).toBe(true);
    expect(process.exitCode).toBe(2);
  });

  it("says that a file is missing", async () => {
    const process = await runCommand(new SimulatedWorld({ seed: 1 }), "replay ftx_perpetual /nowhere");
    expect(process.error).toBe("perpwire: cannot read /nowhere: no such file\n");
    expect(process.exitCode).toBe(2);
  });

  it("says which connectors there are", async () => {
    const process = await replayed([], "replay kraken_perpetual /recording.ndjson");
    expect(process.error).toMatch(
      /^perpwire: there is no connector "kraken_perpetual"; (did you mean "[a-z_]+"\? )?there are ftx_perpetual, .*\n$/,
    );
    expect(process.exitCode).toBe(2);
  });

  it.skipIf(!existsSync(CAPTURE))("finds ten whole books in a recording of the real venue", async () => {
    const process = new FakeProcess(["replay", "ftx_perpetual", CAPTURE, "--json"]);
    await main({ process, runtime: nodeRuntime() });
    const { top, ...counts } = process.json;
    expect(counts).toEqual({
      ...{ frames: 1_995, books: 10, applied: 971, checksumFailures: 0, gaps: 0, rejected: [], rejectedCount: 0 },
      ignored: { orderbook: 10, ticker: 998, trades: 16 },
      notSubscribed: {},
    });
    expect(Object.keys(top)).toHaveLength(10);
    expect(top["BNBBEAR/USDT"]).toEqual({ bid: "0.00000013", ask: "0.00000014" });
    expect(process.exitCode).toBe(0);
  });

  it.skipIf(!existsSync(BYBIT_CAPTURE))("follows a recording of another depth than the connector's", async () => {
    const process = new FakeProcess(["replay", "bybit_perpetual", BYBIT_CAPTURE, "--json"]);
    await main({ process, runtime: nodeRuntime() });
    const { top, ...counts } = process.json;
    expect(counts).toEqual({
      ...{ frames: 50, books: 1, applied: 50, checksumFailures: 0, gaps: 0, rejected: [], rejectedCount: 0 },
      ignored: {},
      notSubscribed: {},
    });
    expect(top).toEqual({ XRPUSDT: { bid: "1.9537", ask: "1.9538" } });
    expect(process.exitCode).toBe(0);
  });
});

/** FTX's parsers with a book that starts with a REST snapshot and whose messages name the one before. */
function venueWithRestSnapshots(): ReplayVenue {
  const ftx = venueModule.createVenue({ domain: "ftx_perpetual", restUrl: "http://a", webSocketUrl: "ws://a" });
  const { orderBookDataSource } = ftx;
  const ids = (message: unknown) => (message as { data: { u: number; pu: number } }).data;
  return {
    ...ftx,
    manifest: { ...manifest, continuity: { kind: "sequence", style: "previousId", snapshotSource: "rest" } },
    orderBookDataSource: {
      ...orderBookDataSource,
      bookWire: undefined,
      parseOrderBookDiffMessage(markets, message, frame) {
        frame.updateId = ids(message).u;
        frame.firstUpdateId = ids(message).u;
        frame.previousUpdateId = ids(message).pu;
        return orderBookDataSource.parseOrderBookDiffMessage(markets, message, frame);
      },
      async requestOrderBookSnapshot(context, tradingPair, frame) {
        await orderBookDataSource.requestOrderBookSnapshot(context, tradingPair, frame);
        frame.updateId = 5;
      },
    },
  };
}

describe("a replay with the connector of another venue", () => {
  it("names the connector that the recording is of", async () => {
    const recorded = [line(bookFrame("CAD/USD", PARTIAL))];
    const process = await replayed(recorded, "replay bybit_perpetual /recording.ndjson");
    expect(process.error).toBe(
      "this reads like a recording of ftx_perpetual: perpwire replay ftx_perpetual /recording.ndjson\n",
    );
    expect(process.exitCode).toBe(1);
  });

  it("names none where no connector makes a book of it, nor where its own did", async () => {
    const ticker = [line('{"channel":"ticker","market":"A","type":"update"}')];
    expect((await replayed(ticker, "replay okx_perpetual /recording.ndjson")).error).toBe("");
    expect((await replayed([line(bookFrame("CAD/USD", PARTIAL))])).error).toBe("");
  });
});

describe("a replay of a venue whose books start with a REST snapshot", () => {
  const diff = (u: number, pu: number): RecordedMessage => {
    const data = { bids: [[10, u]], asks: [], checksum: 0, time: 1, u, pu };
    const text = JSON.stringify({ channel: "orderbook", market: "A-PERP", type: "update", data });
    return { line: 1, timestampMs: 1, kind: "ws", direction: "in", url: "", text };
  };
  const response = (path: string, result: unknown): RecordedMessage => ({
    line: 1,
    timestampMs: 1,
    kind: "http",
    direction: "in",
    url: `http://a${path}?symbol=A-PERP`,
    text: JSON.stringify({ success: true, result }),
  });
  const SNAPSHOT = response("/markets/A-PERP/orderbook", { bids: [[9, 1]], asks: [[11, 1]] });

  async function* recording(...messages: RecordedMessage[]) {
    yield* messages;
  }

  it("joins the recorded snapshot with the messages around it", async () => {
    const other = response("/markets/A-PERP/trades", []);
    const report = await replay(
      venueWithRestSnapshots(),
      recording(diff(4, 3), diff(6, 5), other, SNAPSHOT, diff(7, 6)),
    );
    expect(report).toMatchObject({ frames: 3, books: 1, applied: 3, rejected: [], gaps: 0 });
    expect(report.top).toEqual({ "A-PERP": { bid: "10", ask: "11" } });
  });

  it("knows the snapshot's market by the parameter that the venue calls it by", async () => {
    const venue = venueWithRestSnapshots();
    const { orderBookDataSource } = venue;
    const asked: ReplayVenue = {
      ...venue,
      orderBookDataSource: {
        ...orderBookDataSource,
        async requestOrderBookSnapshot({ api, ...context }, tradingPair, frame) {
          const params = { contract: tradingPair, limit: 5 };
          const send = (request: RestRequest) => api.send({ ...request, path: "/order_book", params });
          await orderBookDataSource.requestOrderBookSnapshot({ ...context, api: { send } }, tradingPair, frame);
        },
      },
    };
    const snapshotAt = (query: string): RecordedMessage => ({
      ...SNAPSHOT,
      url: `http://a/order_book?${query}`,
    });
    const ofMarket = recording(snapshotAt("limit=5&contract=A-PERP"), diff(6, 5));
    expect(await replay(asked, ofMarket)).toMatchObject({ books: 1, applied: 2, rejected: [] });
    const ofNone = recording(snapshotAt("limit=5&settle=A-PERP"), diff(6, 5));
    expect(await replay(asked, ofNone)).toMatchObject({ applied: 0, rejected: [] });
  });

  it("finds a gap after the snapshot", async () => {
    const report = await replay(venueWithRestSnapshots(), recording(SNAPSHOT, diff(6, 5), diff(9, 8)));
    expect(report).toMatchObject({ applied: 2, gaps: 1, top: { "A-PERP": { bid: null, ask: null } } });
  });

  it("counts a snapshot that it cannot read as rejected", async () => {
    const broken = response("/markets/A-PERP/orderbook", { bids: "none" });
    expect(await replay(venueWithRestSnapshots(), recording(broken))).toMatchObject({
      applied: 0,
      rejected: [{ line: 1, reason: expect.stringMatching(/^the snapshot of A-PERP cannot be read: /) }],
    });
  });
});
