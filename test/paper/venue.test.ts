import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/model/error.ts";
import { createPaperVenue } from "../../src/paper/index.ts";
import { nodeRuntime } from "../../src/runtime/node-runtime.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { OPTIONS, startVenue } from "./ftx-harness.ts";

describe("a paper venue", () => {
  test("of the same seed has the same keys and the same market", async () => {
    const run = async (seed: number) => {
      const { venue, world } = await startVenue({ seed });
      await world.advance(5_000);
      const facts = { key: venue.apiKey, secret: venue.apiSecret, book: venue.engine.book("BTC-USD", 20) };
      await venue.stop();
      return facts;
    };
    const [first, again, other] = [await run(3), await run(3), await run(4)];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first.key).not.toBe(first.secret);
  });

  test("gives a key's credentials in the names of a protocol's connector, and those of no other", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const accounts = ["one", "two"].map((apiKey) => ({ apiKey, apiSecret: `${apiKey}-secret`, passphrase: "word" }));
    const venue = await world.run(createPaperVenue({ api: "okx", quiet: true, accounts }, world.runtime("a")));
    expect(venue.credentials()).toEqual({ apiKey: "one", apiSecret: "one-secret", passphrase: "word" });
    expect(venue.credentials("okx", "two").apiSecret).toBe("two-secret");
    expect(() => venue.credentials("ftx")).toThrow('the paper venue does not speak "ftx"');
    expect(() => venue.credentials("okx", "three")).toThrow("the paper venue has no such key");
    await venue.stop();
  });

  test("without a seed has keys of its own", async () => {
    const world = new SimulatedWorld({ seed: 1 });
    const [one, two] = [
      await world.run(createPaperVenue({ api: "ftx", quiet: true }, world.runtime("a"))),
      await world.run(createPaperVenue({ api: "ftx", quiet: true }, world.runtime("b"))),
    ];
    expect(one.apiKey).not.toBe(two.apiKey);
    await one.stop();
    await two.stop();
  });

  test("that is quiet has a full book that nobody moves, and one without flow an empty book", async () => {
    const { venue, world } = await startVenue({ quiet: true });
    const before = venue.engine.book("BTC-USD", 200);
    expect(before.bids.length).toBeGreaterThanOrEqual(100);
    await world.advance(10_000);
    expect(venue.engine.book("BTC-USD", 200)).toEqual(before);
    await venue.stop();
    const empty = await startVenue({ emptyBooks: true });
    expect(empty.venue.engine.book("BTC-USD", 200)).toEqual({ bids: [], asks: [] });
    await empty.venue.stop();
  });

  test("has a market that lives otherwise", async () => {
    const { venue, world } = await startVenue();
    const before = venue.engine.trades("BTC-USD").length;
    await world.advance(10_000);
    expect(venue.engine.trades("BTC-USD").length).toBeGreaterThan(before + 5);
    await venue.stop();
  });

  test("has a slower market with a longer step of the flow", async () => {
    const { venue, world } = await startVenue({ flowStepMs: 4_000 });
    const before = venue.engine.trades("BTC-USD").length;
    await world.advance(3_900);
    expect(venue.engine.trades("BTC-USD")).toHaveLength(before);
    await world.advance(200);
    expect(venue.engine.trades("BTC-USD").length).toBeGreaterThan(before);
    await venue.stop();
  });

  test("settles funding at its time, not a step later", async () => {
    const { venue, world } = await startVenue({ quiet: true, fundingIntervalMs: 7_777 });
    for (let count = 1; count <= 3; count += 1) {
      const { nextFundingMs } = venue.engine.market("BTC-USD")!;
      await world.advance(nextFundingMs - world.now() - 0.5);
      expect(venue.engine.fundingRates("BTC-USD")).toHaveLength(count - 1);
      await world.advance(0.501);
      expect(venue.engine.fundingRates("BTC-USD").at(-1)).toMatchObject({ timeMs: nextFundingMs });
    }
    await venue.stop();
  });

  test("serves nothing outside its paths, in the envelope", async () => {
    const { venue, world, runtime } = await startVenue({ quiet: true });
    const url = venue.rest.replace("/api", "/other");
    const response = await world.run(runtime.http.request({ method: "GET", url, headers: {}, timeoutMs: 1_000 }));
    expect(response.status).toBe(404);
    expect(JSON.parse(response.text)).toEqual({ success: false, error: "Not Found" });
    await venue.stop();
  });

  test("gives ids that an earlier start did not give", async () => {
    const orderId = async (startMs: number) => {
      const { venue, call } = await startVenue({ quiet: true }, startMs);
      const body = { market: "BTC-PERP", side: "buy", price: 19_000, type: "limit", size: 0.01 };
      const { result } = await call("POST", "/orders", { body });
      await venue.stop();
      return result.id;
    };
    expect(await orderId(1_704_067_260_000)).toBeGreaterThan((await orderId(1_704_067_200_000)) + 1_000);
  });

  test("lets tests trade against its users as another one", async () => {
    const { venue } = await startVenue({ emptyBooks: true });
    venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "20000", postOnly: true });
    expect(venue.engine.book("BTC-USD", 1).asks).toHaveLength(1);
    expect(() => venue.trader.order({ market: "BTC-USD", side: "sell", size: "1", price: "0.5" })).toThrow(ConfigError);
    venue.trader.cancelAll("BTC-USD");
    expect(venue.engine.book("BTC-USD", 1).asks).toEqual([]);
    await venue.stop();
  });

  test.each([
    [{ startingBalance: "lots" }, /starting balance "lots"/],
    [{ fundingIntervalMs: 0 }, /fundingIntervalMs is 0/],
    [{ faults: { dropFrame: 5 } }, /dropFrame is 5/],
  ])("refuses %j", async (options, message) => {
    const world = new SimulatedWorld({ seed: 1 });
    await expect(createPaperVenue({ ...OPTIONS, ...options }, world.runtime())).rejects.toThrow(message);
  });

  test("says that it knows no such account", async () => {
    const { venue } = await startVenue({ quiet: true });
    expect(() => venue.truth("nobody")).toThrow(ConfigError);
    await venue.stop();
  });
});

describe("a restart", () => {
  test("announces itself, drops connections, refuses for a while, and keeps everything", async () => {
    const { venue, world, call, connect } = await startVenue({ quiet: true });
    const body = { market: "BTC-PERP", side: "buy", price: 19_000, type: "limit", size: 0.01, clientId: "c" };
    await call("POST", "/orders", { body });
    const socket = await connect();
    await world.advance(20);
    const restart = venue.restart(2_000);
    await world.advance(100);
    expect(socket.closed).toMatchObject({ code: 1006 });
    await expect(call("GET", "/markets")).rejects.toMatchObject({ name: "TransportError" });
    await expect(connect()).rejects.toMatchObject({ name: "TransportError" });
    await world.run(restart);
    expect((await call("GET", "/orders/by_client_id/c")).result.status).toBe("open");
    expect((await connect()).connection!.isOpen).toBe(true);
    await venue.stop();
  });
});

test("a stopped venue is gone", async () => {
  const { venue, connect, call } = await startVenue({ quiet: true });
  const socket = await connect();
  await venue.stop();
  await expect(call("GET", "/markets")).rejects.toMatchObject({ name: "TransportError" });
  expect(socket.closed).toBeDefined();
});

test("on a real network it answers REST and sends a book", async () => {
  const runtime = nodeRuntime();
  await using venue = await createPaperVenue({ ...OPTIONS, quiet: true }, runtime);
  const url = `${venue.rest}/markets/BTC-PERP`;
  const response = await runtime.http.request({ method: "GET", url, headers: {}, timeoutMs: 5_000 });
  expect(JSON.parse(response.text)).toMatchObject({ success: true, result: { name: "BTC-PERP" } });
  expect(response.headers["content-type"]).toMatch(/^application\/json/);
  const partial = Promise.withResolvers<string>();
  const connection = await runtime.webSocket.connect(
    `${venue.ws}/`,
    {
      onText: (text) => {
        if (text.includes('"type": "partial"')) partial.resolve(text);
      },
      onClose: () => partial.reject(new Error("closed")),
    },
    { handshakeTimeoutMs: 5_000 },
  );
  connection.send('{"op": "subscribe", "channel": "orderbook", "market": "BTC-PERP"}');
  expect(JSON.parse(await partial.promise).data.bids).toHaveLength(100);
  await runtime.http.close();
});
