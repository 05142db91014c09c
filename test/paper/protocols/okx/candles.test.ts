import { afterEach, describe, expect, it } from "vitest";
import { BARS } from "../../../../src/paper/protocols/okx/bars.ts";
import { BTC, type Harness, startVenue } from "./harness.ts";

let harness: Harness;
afterEach(() => harness?.venue.stop());

const at = (text: string): number => Date.parse(text);
const startOf = (name: string, time: string): string =>
  new Date(BARS.get(name)!.startOf(at(time))).toISOString().slice(0, 16);

describe("the sizes of candles", () => {
  it.each([
    ["15m", "2026-03-05T10:29:59Z", "2026-03-05T10:15"],
    ["4H", "2026-03-05T10:29:59Z", "2026-03-05T08:00"],
    ["6H", "2026-03-05T10:29:59Z", "2026-03-05T10:00"],
    ["6Hutc", "2026-03-05T10:29:59Z", "2026-03-05T06:00"],
    ["1D", "2026-03-05T17:00:00Z", "2026-03-05T16:00"],
    ["1Dutc", "2026-03-05T17:00:00Z", "2026-03-05T00:00"],
    ["1W", "2026-03-05T10:00:00Z", "2026-03-01T16:00"],
    ["1Wutc", "2026-03-05T10:00:00Z", "2026-03-02T00:00"],
    ["1Mutc", "2024-02-29T23:00:00Z", "2024-02-01T00:00"],
    ["1M", "2024-02-29T17:00:00Z", "2024-02-29T16:00"],
    ["3Mutc", "2026-12-31T23:59:59Z", "2026-10-01T00:00"],
    ["3Mutc", "2000-03-31T23:59:59Z", "2000-01-01T00:00"],
  ])("%s at %s began at %s", (name, time, start) => {
    expect(startOf(name, time)).toBe(start);
  });

  it("follow on each other without a hole, over a century", () => {
    for (const [name, bar] of BARS) {
      const [fromMs, toMs] = name.includes("M") ? [at("2000-01-01T00:00Z"), at("2101-01-01T00:00Z")] : [0, 9e9];
      for (let startMs = bar.startOf(fromMs), count = 0; startMs < toMs && count < 1_300; count += 1) {
        const endMs = bar.endOf(startMs);
        expect([name, bar.startOf(startMs), bar.startOf(endMs - 1), bar.startOf(endMs)]).toEqual([
          ...[name, startMs, startMs, endMs],
        ]);
        startMs = endMs;
      }
    }
  });
});

describe("candles", () => {
  const trade = (price: string) => {
    harness.quote("sell", price, "0.01");
    return harness.place({ sz: "1", px: price });
  };
  const list = (path: string, query: Readonly<Record<string, string>>) => harness.list(`/market/${path}`, query);

  it("of every size hold the same trades, also in the history", async () => {
    harness = await startVenue();
    await trade("20000");
    await trade("20100");
    for (const bar of BARS.keys()) {
      const [last] = await list("candles", { instId: BTC, bar });
      expect([bar, last.length, last[4], last[8]]).toEqual([bar, 9, "20100", "0"]);
      expect(Number(last[2])).toBeGreaterThanOrEqual(20_100);
      expect((await list("history-candles", { instId: BTC, bar }))[0]).toEqual(last);
    }
    expect((await harness.get("/market/candles", { instId: BTC, bar: "7m" })).code).toBe("51000");
  });

  it("of mark and index have no volume, and begin with the venue", async () => {
    harness = await startVenue();
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 20_500n * 100_000_000n });
    await harness.world.advance(61_000);
    const [mark] = await list("mark-price-candles", { instId: BTC, bar: "1Dutc" });
    const [index] = await list("index-candles", { instId: "BTC-USDT", bar: "1Dutc" });
    expect([mark.length, index.length, index[2], index[4]]).toEqual([6, 6, "20500", "20500"]);
    expect(await list("history-mark-price-candles", { instId: BTC, bar: "1Dutc" })).toEqual([mark]);
    expect((await harness.get("/market/index-candles", { instId: BTC })).code).toBe("51001");
  });

  it("have trades of the past by their ids and by time", async () => {
    harness = await startVenue();
    for (const price of ["20000", "20100", "20200"]) {
      await trade(price);
      await harness.world.advance(1_000);
    }
    const all = await list("history-trades", { instId: BTC });
    expect(all.map(({ px }) => px).slice(0, 3)).toEqual(["20200", "20100", "20000"]);
    const pxOf = async (query: object) => (await list("history-trades", { instId: BTC, ...query })).map(({ px }) => px);
    expect(await pxOf({ after: all[0].tradeId, limit: "1" })).toEqual(["20100"]);
    expect(await pxOf({ type: "2", before: all[1].ts })).toEqual(["20200"]);
  });
});

describe("channels of candles", () => {
  const MINUTE_MS = 60_000;

  it("tell the candle that is running, and once that it has ended", async () => {
    const startMs = at("2026-03-05T10:00:10Z");
    harness = await startVenue({}, startMs);
    harness.quote("sell", "20000", "0.01");
    await harness.place({ sz: "1", px: "20000" });
    const socket = await harness.businessSocket({ channel: "candle1m", instId: BTC });
    harness.quote("sell", "20100", "0.01");
    await harness.place({ sz: "1", px: "20100" });
    for (let part = 0; part < 4; part += 1) {
      socket.connection!.send("ping");
      await harness.world.advance(MINUTE_MS / 4);
    }
    expect(socket.of("candle1m").map(({ arg }) => arg)).toContainEqual({ channel: "candle1m", instId: BTC });
    const rows = socket.rows("candle1m").map(([ts, open, , , close, vol, , , isDone]: string[]) => {
      return [Number(ts) - at("2026-03-05T10:00Z"), open, close, vol, isDone];
    });
    expect(rows[0]!.slice(2)).toEqual(["20000", "1", "0"]);
    expect(rows).toContainEqual([0, rows[0]![1], "20100", "2", "0"]);
    expect(rows.filter(([, , , , isDone]) => isDone === "1")).toEqual([[0, rows[0]![1], "20100", "2", "1"]]);
    expect(rows.at(-1)).toEqual([MINUTE_MS, "20100", "20100", "0", "0"]);
  });

  it("of a month live as long as others, and all are on the socket for business alone", async () => {
    harness = await startVenue();
    const names = ["candle3M", "mark-price-candle1Dutc", "index-candle4H"];
    const instIds = [BTC, BTC, "BTC-USDT"];
    const args = names.map((channel, index) => ({ channel, instId: instIds[index] }));
    const socket = await harness.businessSocket(...args, { channel: "books", instId: BTC });
    expect(socket.events("subscribe").map(({ arg }) => arg)).toEqual(args);
    expect(socket.events("error")).toMatchObject([{ code: "60018" }]);
    await harness.world.advance(5_000);
    harness.venue.execute({ type: "setIndexPrice", market: "BTC-USD", price: 20_500n * 100_000_000n });
    await harness.world.advance(5_000);
    expect(socket.rows("index-candle4H").at(-1)).toEqual([expect.any(String), ...Array(4).fill("20500"), "0"]);
    expect(socket.rows("candle3M").length).toBeLessThan(5);
    const other = await harness.publicSocket(args[0]!);
    expect(other.events("error")).toMatchObject([{ code: "60018" }]);
  });
});
