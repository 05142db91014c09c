import { afterEach, describe, expect, test } from "vitest";
import { createPaperVenue, type PaperVenue, PROTOCOL_NAMES } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const SUBSCRIPTIONS = {
  ftx: ["", '{"op":"subscribe","channel":"orderbook","market":"BTC-PERP"}'],
  bybit: ["/v5/public/linear", '{"op":"subscribe","args":["orderbook.1000.BTCUSDT"]}'],
  binance: ["/public/ws/btcusdt@depth@100ms", ""],
  okx: ["/ws/v5/public", '{"op":"subscribe","args":[{"channel":"books","instId":"BTC-USDT-SWAP"}]}'],
  gate_io: [
    "/v4/ws/usdt",
    '{"time":1,"channel":"futures.order_book_update","event":"subscribe","payload":["BTC_USDT","20ms","20"]}',
  ],
  hyperliquid: ["", '{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC","fast":true}}'],
} as const;
/** A frame of the paper venue has a few kilobytes; this many more characters a frame spare the test the hours. */
const PADDING = "x".repeat(300_000);

let venue: PaperVenue;
afterEach(() => venue.stop());

describe.each(PROTOCOL_NAMES)("a client that never reads, on %s", (api) => {
  test("is dropped before what waits for it grows without bound", async () => {
    const world = new SimulatedWorld({ seed: 5 });
    const runtime = world.runtime("venue");
    const padded = {
      ...runtime,
      server: {
        listen: (options: Parameters<typeof runtime.server.listen>[0]) =>
          runtime.server.listen({
            ...options,
            onConnection: (connection) =>
              options.onConnection({
                request: connection.request,
                get isOpen() {
                  return connection.isOpen;
                },
                get bufferedAmount() {
                  most = Math.max(most, connection.bufferedAmount);
                  return connection.bufferedAmount;
                },
                send: (text) => connection.send(text + PADDING),
                ping: () => connection.ping(),
                close: (code, reason) => connection.close(code, reason),
                terminate: () => {
                  terminated += 1;
                  connection.terminate();
                },
              }),
          }),
      },
    };
    let most = 0;
    let terminated = 0;
    venue = await world.run(createPaperVenue({ api, seed: 5 }, padded));
    const [path, subscription] = SUBSCRIPTIONS[api];
    const client = world.runtime("client");
    const handlers = { onText: () => {}, onClose: () => {} };
    const url = `${venue.ws}${path}`;
    const socket = await world.run(client.webSocket.connect(url, handlers, { headers: {}, handshakeTimeoutMs: 5_000 }));
    if (subscription !== "") socket.send(subscription);
    await world.advance(500);
    world.network.partition();
    await world.advance(20_000);
    expect(terminated).toBe(1);
    expect(most).toBeGreaterThan(8 * 2 ** 20);
    expect(most).toBeLessThan(9 * 2 ** 20);
  });
});
