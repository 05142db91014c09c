import { describe, expect, it } from "vitest";
import { createConnector } from "../../../src/connect.ts";
import { setPositionMode } from "../../../src/connector/account-settings.ts";
import { decimal } from "../../../src/model/decimal.ts";
import { NotFoundError, VenueUnavailableError } from "../../../src/model/error.ts";
import { createPaperVenue } from "../../../src/paper/index.ts";
import { SimulatedWorld } from "../../../src/runtime/simulated.ts";
import { RecordingLogger, recordEvents } from "../../../src/testing/kit/recording.ts";
import { derivative, venueModule } from "../../../src/venues/bybit/derivative.ts";
import { contextOf, flatPosition } from "./wire.ts";

const hedged = [flatPosition({ positionIdx: 1 }), flatPosition({ positionIdx: 2 })];
const ofEth = (row: object) => ({ ...row, symbol: "ETHUSDT" });

describe("the position mode of Bybit's markets", () => {
  type Lists = Readonly<Record<string, unknown[] | Error>>;
  const ask = async (lists: Lists, pairs: string[]) => {
    const failed: string[] = [];
    const unread: unknown[] = [];
    const context = contextOf(({ params }) => {
      const answer = lists[String(params?.symbol)] ?? [];
      if (answer instanceof Error) throw answer;
      return answer;
    });
    const modes = await derivative.fetchPositionMode?.(
      {
        ...context,
        onMarketFailure: (tradingPair) => failed.push(tradingPair),
        onUnreadable: ({ symbol }) => unread.push(symbol),
      },
      pairs,
    );
    return { modes: Object.fromEntries(modes as ReadonlyMap<string, string>), failed, unread };
  };

  it("is each market's own, read off its rows", async () => {
    const lists = { BTCUSDT: hedged, ETHUSDT: [ofEth(flatPosition())] };
    const { modes } = await ask(lists, ["BTC-USDT", "ETH-USDT"]);
    expect(modes).toEqual({ "BTC-USDT": "hedge", "ETH-USDT": "oneWay" });
  });

  it("is one-way where a market has no other, which is not asked for", async () => {
    const { modes } = await ask({ BTCUSDT: hedged, BTCPERP: new Error("not asked") }, ["BTC-USDT", "BTC-USDC"]);
    expect(modes).toEqual({ "BTC-USDT": "hedge", "BTC-USDC": "oneWay" });
  });

  it("is not told of a market that did not answer", async () => {
    const lists = { BTCUSDT: new VenueUnavailableError("busy"), ETHUSDT: hedged.map(ofEth) };
    const { modes, failed } = await ask(lists, ["BTC-USDT", "ETH-USDT"]);
    expect(modes).toEqual({ "ETH-USDT": "hedge" });
    expect(failed).toEqual(["BTC-USDT"]);
  });

  it("is not told of a market of whose rows none can be read, or that has none", async () => {
    const unreadable = hedged.map((row) => ({ ...row, size: "much" }));
    const { modes, unread } = await ask({ BTCUSDT: unreadable, ETHUSDT: [] }, ["BTC-USDT", "ETH-USDT"]);
    expect(modes).toEqual({});
    expect(unread).toEqual(["BTCUSDT", "BTCUSDT"]);
  });
});

describe("a hedged market of Bybit that does not answer", () => {
  /** Both markets are hedged; then BTC's list of positions is not answered. */
  const begin = async (amount?: string) => {
    const world = new SimulatedWorld({ seed: 1 });
    const settings = { api: "bybit", seed: 1, quiet: true, rateLimits: "off" } as const;
    const venue = await world.run(createPaperVenue(settings, world.runtime("venue")));
    const connector = await world.run(
      createConnector("bybit_perpetual", {
        tradingPairs: ["BTC-USDT", "ETH-USDT"],
        credentials: { apiKey: venue.apiKey, apiSecret: venue.apiSecret },
        restUrl: venue.rest,
        webSocketUrl: venue.ws,
        runtime: world.runtime("bot"),
        journalPath: "bot.db",
        logger: new RecordingLogger(),
      }),
    );
    await world.run(connector.start());
    await world.run(connector.waitUntilReady());
    await world.run(connector.setPositionMode("hedge"));
    await world.advance(1_000);
    const buy = (size: string) =>
      world.run(connector.buy("BTC-USDT", { amount: size, type: "market", position: "open" }).done);
    if (amount !== undefined) expect(await buy(amount)).toMatchObject({ ok: true });
    await world.advance(3_000);
    const events = recordEvents(connector);
    world.network.faults = {
      onHttpRequest: ({ url }) =>
        url.includes("/position/list") && url.includes("BTCUSDT")
          ? { kind: "respond", response: { status: 503, headers: {}, text: "busy" } }
          : undefined,
    };
    await expect(world.run(connector.refresh())).rejects.toThrow("busy");
    const end = async () => {
      await world.run(connector.stop());
      await world.run(venue.stop());
    };
    return { connector, events, buy, end };
  };

  it("stays hedged and keeps its position, and nobody hears otherwise", async () => {
    const { connector, events, end } = await begin("0.02");
    expect(connector.positionModeOf("BTC-USDT")).toBe("hedge");
    expect(connector.positions().map(({ side, amount }) => [side, amount.toFixed()])).toEqual([["long", "0.02"]]);
    expect(events.filter(({ name }) => name === "positionModeChanged")).toEqual([]);
    const positions = events.flatMap(({ name, event }) => (name === "position" ? [event] : []));
    for (const position of positions) expect(position).toMatchObject({ side: "long", amount: decimal("0.02") });
    await end();
  });

  it("takes the next order although it is flat", async () => {
    const { buy, end } = await begin();
    expect(await buy("0.02")).toMatchObject({ ok: true, state: "filled" });
    await end();
  });
});

describe("the position mode that is set", () => {
  it("is not taken as set in a market that is gone", async () => {
    const told: unknown[] = [];
    const context = contextOf(({ data }) => {
      if (JSON.stringify(data).includes("ETHUSDT")) throw new NotFoundError("no such symbol", { venueCode: "10001" });
      return {};
    });
    await setPositionMode(
      {
        venue: venueModule.createVenue({ domain: "bybit_perpetual" }),
        sync: { apply: (update: unknown) => told.push(update), requestPositionModes: () => undefined } as never,
        events: { emit: () => undefined } as never,
        tradingPairs: ["BTC-USDT", "ETH-USDT"],
        context: { ...context, onMarketFailure: () => undefined },
      },
      "hedge",
    );
    expect(told).toMatchObject([{ tradingPair: "BTC-USDT", positionMode: "hedge" }]);
    expect(told).toHaveLength(1);
  });
});
