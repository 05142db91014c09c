import { describe, expect, it } from "vitest";
import { createPaperVenue, type PaperVenueOptions } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

async function start(options: Partial<PaperVenueOptions> = {}) {
  const world = new SimulatedWorld({ seed: 3 });
  const all = { api: "all", seed: 3, quiet: true, ...options } as const;
  const venue = await world.run(createPaperVenue(all, world.runtime("venue")));
  const client = world.runtime("client");
  const base = `${venue.host}:${venue.port}`;
  const get = (path: string, headers: Readonly<Record<string, string>> = {}) =>
    world.run(client.http.request({ method: "GET", url: `http://${base}${path}`, headers, timeoutMs: 5_000 }));
  const connect = async (path: string) => {
    const texts: string[] = [];
    const handlers = { onText: (text: string) => void texts.push(text), onClose: () => {} };
    const options = { headers: {}, handshakeTimeoutMs: 5_000 };
    const socket = await world.run(client.webSocket.connect(`ws://${base}${path}`, handlers, options));
    const send = async (message: object) => {
      socket.send(JSON.stringify(message));
      await world.advance(50);
    };
    return { texts, send };
  };
  const statuses = async (ask: (index: number) => ReturnType<typeof get>) => {
    const seen: number[] = [];
    for (let index = 0; index < 40; index += 1) seen.push((await ask(index)).status);
    return seen;
  };
  return { world, venue, get, connect, statuses };
}

describe("names that a client makes up", () => {
  it("open no budget of their own: FTX's keys", async () => {
    const { venue, get, statuses } = await start({ rateLimits: "strict" });
    const seen = await statuses((index) => get("/api/markets/BTC-PERP", { "ftx-key": `made-up-${index}` }));
    expect(seen.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect((await get("/api/markets/BTC-PERP", { "ftx-key": venue.apiKey })).status).toBe(200);
    await venue.stop();
  });

  it("open no budget of their own: OKX's instruments", async () => {
    const { venue, get, statuses } = await start({ rateLimits: "strict" });
    const seen = await statuses((index) => get(`/api/v5/public/funding-rate?instId=MADE-UP-${index}`));
    expect(seen.filter((status) => status === 429).length).toBeGreaterThan(0);
    expect((await get("/api/v5/public/funding-rate?instId=BTC-USDT-SWAP")).status).toBe(200);
    await venue.stop();
  });

  it("are books of 256 groupings at most on FTX, of all clients", async () => {
    const { venue, connect } = await start();
    const [first, second] = [await connect("/ws"), await connect("/ws")];
    const ask = (grouping: number) => ({ op: "subscribe", channel: "orderbookGrouped", market: "BTC-PERP", grouping });
    for (let grouping = 1; grouping <= 256; grouping += 1) await first.send(ask(grouping));
    await second.send(ask(1_000));
    expect(second.texts).toEqual(['{"type": "error", "code": 429, "msg": "Too many groupings: BTC-PERP"}']);
    await second.send(ask(256));
    await first.send({ ...ask(255), op: "unsubscribe" });
    await second.send(ask(1_000));
    expect(second.texts.filter((text) => text.includes('"subscribed"'))).toHaveLength(2);
    await venue.stop();
  });

  it("are 2,048 channels at most of a connection of OKX", async () => {
    const { venue, connect } = await start({ rateLimits: "off" });
    const { texts, send } = await connect("/ws/v5/public");
    const args = Array.from({ length: 2_049 }, (_, index) => ({
      channel: "instruments",
      instType: `MADE-UP-${index}`,
    }));
    await send({ op: "subscribe", args });
    const events = texts.map((text) => JSON.parse(text).event);
    expect(events.filter((event) => event === "subscribe")).toHaveLength(2_048);
    expect(JSON.parse(texts.at(-1) ?? "")).toMatchObject({ event: "error", code: "60012" });
    await send({ op: "unsubscribe", args: args.slice(0, 1) });
    await send({ op: "subscribe", args: args.slice(-1) });
    expect(JSON.parse(texts.at(-1) ?? "").event).toBe("subscribe");
    await venue.stop();
  });

  it("are 2,048 subscriptions at most of a connection of Hyperliquid", async () => {
    const { venue, connect } = await start({ rateLimits: "off" });
    const { texts, send } = await connect("/hyperliquid/ws");
    for (let index = 0; index < 2_049; index += 1) {
      const user = `0x${String(index).padStart(40, "0")}`;
      await send({ method: "subscribe", subscription: { type: "orderUpdates", user } });
    }
    expect(texts.filter((text) => text.includes("subscriptionResponse"))).toHaveLength(2_048);
    expect(JSON.parse(texts.at(-1) ?? "")).toEqual({
      channel: "error",
      data: "Cannot subscribe to more than 2048 channels.",
    });
    await venue.stop();
  });

  it("are no streams of Binance where they are longer than a listen key ever is", async () => {
    const { venue, connect } = await start();
    const long = "x".repeat(129);
    const { texts, send } = await connect(`/public/stream?streams=${long}`);
    await send({ method: "SUBSCRIBE", params: [long], id: 1 });
    await send({ method: "SUBSCRIBE", params: [long.slice(1)], id: 2 });
    await send({ method: "LIST_SUBSCRIPTIONS", id: 3 });
    expect(texts.map((text) => JSON.parse(text))).toMatchObject([
      { error: { code: 2 }, id: 1 },
      { result: null, id: 2 },
      { result: [long.slice(1)], id: 3 },
    ]);
    await venue.stop();
  });
});
