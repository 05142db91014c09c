import { describe, expect, it } from "vitest";
import { ConnectionGate } from "../../src/paper/fault-gate.ts";
import { FaultPolicy } from "../../src/paper/fault-policy.ts";
import { createPaperVenue, type PaperVenue } from "../../src/paper/index.ts";
import { PROTOCOL_NAMES } from "../../src/paper/protocols/protocols.ts";
import { RetoldFills } from "../../src/paper/retold-fills.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";
import { judge } from "../support/fuzz/box-clients.ts";

/** `String()` throws for the first, and for the second where lists in lists end the stack. */
const NO_TEXT = '{"toString":1,"valueOf":1}';
const DEEP = `${"[".repeat(50_000)}${"]".repeat(50_000)}`;
const VALUES = [NO_TEXT, DEEP, "null", "1e400", "-0", '"__proto__"', '"constructor"', "{}", "[[]]"];

const everywhere = (of: (value: string) => readonly string[]) => ["", ...VALUES, ...VALUES.flatMap(of)];
const FRAMES: Readonly<Record<string, readonly string[]>> = {
  ...Object.fromEntries(
    ["/v5/public/linear", "/v5/private", "/v5/trade"].map((path) => [
      path,
      everywhere((value) => [
        ...[`{"op":${value}}`, `{"op":"ping","req_id":${value}}`, `{"op":"subscribe","args":${value}}`],
        ...[`{"op":"subscribe","args":[${value}]}`, `{"op":"unsubscribe","args":[${value}]}`],
        ...[`{"op":"order.create","reqId":${value},"header":${value},"args":[${value}]}`],
      ]),
    ]),
  ),
  "/ws": everywhere((value) => [
    ...[
      `{"op":${value}}`,
      `{"op":"login","args":${value}}`,
      `{"op":"login","args":{"key":"k","sign":"s","time":${value}}}`,
    ],
    ...[`{"op":"subscribe","channel":${value}}`, `{"op":"subscribe","channel":"orderbook","market":${value}}`],
    `{"op":"subscribe","channel":"orderbookGrouped","market":"BTC-PERP","grouping":${value}}`,
  ]),
  ...Object.fromEntries(
    ["/public/stream", "/market/ws", "/private/ws"].map((path) => [
      path,
      everywhere((value) => [
        ...[`{"method":${value},"id":1}`, `{"method":"SUBSCRIBE","params":${value},"id":${value}}`],
        ...[`{"method":"SUBSCRIBE","params":[${value}],"id":1}`, `{"method":"UNSUBSCRIBE","params":[${value}],"id":1}`],
        `{"method":"SET_PROPERTY","params":["combined",${value}],"id":1}`,
        '{"method":"SUBSCRIBE","params":["btcusdt@kline_constructor","btcusdt@kline___proto__"],"id":1}',
      ]),
    ]),
  ),
  ...Object.fromEntries(
    ["/ws/v5/public", "/ws/v5/business", "/ws/v5/private"].map((path) => [
      path,
      everywhere((value) => [
        ...[`{"op":${value},"args":[1]}`, `{"op":"subscribe","id":${value},"args":[${value}]}`],
        ...[`{"op":"subscribe","args":[{"channel":${value}}]}`, `{"op":"order","id":${value},"args":[${value}]}`],
        `{"op":"subscribe","args":[{"channel":"books","instId":${value},"instType":${value}}]}`,
      ]),
    ]),
  ),
  "/v4/ws/usdt": everywhere((value) => [
    ...[`{"channel":${value},"event":"subscribe","time":1}`, `{"channel":"futures.trades","event":${value}}`],
    ...["trades", "order_book_update", "obu", "candlesticks", "order_book", "orders"].map(
      (name) => `{"channel":"futures.${name}","event":"subscribe","id":${value},"time":${value},"payload":[${value}]}`,
    ),
    `{"channel":"futures.orders","event":"subscribe","time":1,"auth":${value},"payload":${value}}`,
    ...["login", "order_place", "order_cancel", "order_status"].map(
      (name) => `{"channel":"futures.${name}","event":"api","payload":{"req_id":${value},"req_param":${value}}}`,
    ),
    `{"channel":"futures.login","event":"api","payload":{"api_key":"k","signature":"s","timestamp":${value}}}`,
  ]),
  "/hyperliquid/ws": everywhere((value) => [
    ...[`{"method":${value}}`, `{"method":"subscribe","subscription":${value}}`],
    ...["l2Book", "candle", "userFills", "activeAssetData"].map(
      (type) =>
        `{"method":"subscribe","subscription":{"type":"${type}","coin":${value},"user":${value},"interval":${value}}}`,
    ),
    ...[`{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC","nSigFigs":${value}}}`],
    ...[`{"method":"post","id":${value},"request":${value}}`, `{"method":"post","id":1,"request":${value}}`],
    ...["info", "action"].map((type) => `{"method":"post","id":1,"request":{"type":"${type}","payload":${value}}}`),
    `{"method":"post","id":1,"request":{"type":"action","payload":{"action":{"type":"order","orders":[${value}]}}}}`,
  ]),
  "/ws/v5/private?login": VALUES.map(
    (value) => `{"op":"login","args":[{"apiKey":"k","passphrase":"p","sign":"s","timestamp":${value}}]}`,
  ),
};

async function send(world: SimulatedWorld, venue: PaperVenue, path: string, frames: readonly string[]) {
  const closes: number[] = [];
  const client = world.runtime("client");
  const url = `ws://${venue.host}:${venue.port}${path}`;
  const options = { headers: {}, handshakeTimeoutMs: 5_000 };
  const open = () =>
    world.run(client.webSocket.connect(url, { onText: () => {}, onClose: ({ code }) => closes.push(code) }, options));
  let socket = await open();
  for (const frame of frames) {
    if (!socket.isOpen) socket = await open();
    socket.send(frame);
    await world.advance(20);
  }
  await world.advance(400);
  return closes;
}

describe("a frame that means no good", () => {
  it.each(Object.keys(FRAMES))("is answered or ignored on %s, and nothing breaks", async (path) => {
    const world = new SimulatedWorld({ seed: 3 });
    const options = { api: "all", seed: 3, quiet: true, rateLimits: "off" } as const;
    const venue = await world.run(createPaperVenue(options, world.runtime("venue")));
    const closes = await send(world, venue, path, FRAMES[path] ?? []);
    expect(closes).not.toContain(1_011);
    await world.run(venue.stop());
  });

  it("ends its connection alone where a protocol fails at it, and the log says why, without what is in the query", () => {
    const world = new SimulatedWorld({ seed: 3 });
    const { clock, timers, random } = world.runtime("venue");
    const logger = new RecordingLogger();
    const closes: number[] = [];
    const connection = {
      request: { method: "GET", target: "/private/ws?listenKey=abc", headers: {}, body: "", remoteAddress: "" },
      ...{ isOpen: true, bufferedAmount: 0, send: () => {}, ping: () => {}, terminate: () => {} },
      close: (code = 0) => void closes.push(code),
    };
    const policy = new FaultPolicy(random, () => clock.monotonic(), undefined);
    const gate = new ConnectionGate(connection, policy, { clock, timers, random, logger }, new RetoldFills());
    gate.receive("x", () => {
      throw new Error("a bug");
    });
    expect(closes).toEqual([1_011]);
    expect(logger.at("error")).toMatchObject([
      { message: expect.stringContaining("a frame was not handled"), fields: { path: "/private/ws" } },
    ]);
    expect(logger.text).toContain("Error: a bug");
  });
});

describe("a request that the box fails at", () => {
  it.each(PROTOCOL_NAMES)("is answered as a fault of the venue by %s's protocol, and the log says why", async (api) => {
    const world = new SimulatedWorld({ seed: 3 });
    const logger = new RecordingLogger();
    const options = { api, seed: 3, quiet: true, logger } as const;
    const venue = await world.run(createPaperVenue(options, world.runtime("venue")));
    const { rest } = venue;
    venue.engine.markets = () => {
      throw new Error("a bug");
    };
    venue.engine.market = venue.engine.markets as unknown as typeof venue.engine.market;
    const path = {
      ftx: "/markets",
      bybit: "/v5/market/tickers?category=linear",
      binance: "/fapi/v1/premiumIndex",
      okx: "/api/v5/market/tickers?instType=SWAP",
      gate_io: "/api/v4/futures/usdt/tickers",
      hyperliquid: "/info",
    }[api];
    const asked =
      api === "hyperliquid"
        ? { method: "POST", headers: { "content-type": "application/json" }, body: '{"type":"allMids"}' }
        : { method: "GET", headers: {} };
    const request = { ...asked, url: `${rest}${path}`, timeoutMs: 5_000 };
    const answer = await world.run(world.runtime("client").http.request(request));
    expect(judge(api, answer.status, answer.text).fault).toContain("it broke inside");
    expect(logger.at("error").map(({ message }) => message)).toEqual(["a request was not answered"]);
    expect(logger.text).toContain("Error: a bug");
    await world.run(venue.stop());
  });
});
