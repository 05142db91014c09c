import { describe, expect, test } from "vitest";
import type { Runtime } from "../../src/runtime/runtime.ts";
import type { BoxConnector } from "../../src/simulation/box-protocols.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

interface WireMessage {
  readonly id: number;
  readonly req_id: string;
  readonly channel: string;
  readonly event: string;
  readonly market: string;
  readonly args: readonly string[];
}

/** How a venue refuses the subscription of a book; OKX, whose books speak in quiet markets too, is not asked anew. */
const REFUSALS: Partial<Record<BoxConnector, readonly [RegExp, (message: WireMessage) => unknown]>> = {
  ftx_perpetual: [
    /"op":"subscribe".*"orderbook"/,
    ({ market }) => ({ type: "error", code: 404, msg: `No such market: ${market}` }),
  ],
  bybit_perpetual: [
    /"op":"subscribe".*orderbook/,
    ({ req_id, args }) => ({
      success: false,
      ret_msg: `error:handler not found,topic:${args[0]}`,
      req_id,
      op: "subscribe",
    }),
  ],
  gate_io_perpetual: [
    /order_book_update","event":"subscribe"|"subscribe".*order_book_update/,
    ({ id, channel, event }) => ({ id, channel, event, error: { code: 2, message: "no" }, result: { status: "fail" } }),
  ],
  binance_perpetual: [/"SUBSCRIBE".*depth/, ({ id }) => ({ id, error: { code: 2, msg: "Invalid request" } })],
};

const BOOK_FRAMES: Record<BoxConnector, RegExp> = {
  ftx_perpetual: /"channel": ?"orderbook"/,
  bybit_perpetual: /"topic":"orderbook/,
  binance_perpetual: /depthUpdate/,
  okx_perpetual: /"channel":"books"/,
  gate_io_perpetual: /"channel":"futures\.order_book_update","event":"update"/,
  hyperliquid_perpetual: /"l2Book"/,
};

/** A runtime on which, once it is told to, the venue refuses every subscription of a book. */
function refusing(name: BoxConnector, isRefusing: () => boolean) {
  const [pattern, refusal] = REFUSALS[name] ?? [/$^/, () => undefined];
  return (runtime: Runtime): Runtime => ({
    ...runtime,
    webSocket: {
      connect: async (url, handlers, options) => {
        const connection = await runtime.webSocket.connect(url, handlers, options);
        return {
          get isOpen() {
            return connection.isOpen;
          },
          send: (text) => {
            if (!isRefusing() || !pattern.test(text)) {
              connection.send(text);
              return;
            }
            runtime.timers.after(1, () => handlers.onText(JSON.stringify(refusal(JSON.parse(text)))));
          },
          get bufferedAmount() {
            return connection.bufferedAmount;
          },
          ping: () => connection.ping(),
          close: (code, reason) => connection.close(code, reason),
          terminate: () => connection.terminate(),
        };
      },
    },
  });
}

describe("a market in which nothing happens for minutes", () => {
  test.each(VENUE_NAMES)("has a book that can be read all the time, and costs no readiness (%s)", async (name) => {
    await using stage = await Stage.open(name);
    const { connector, pair } = stage;
    const heard: string[] = [];
    connector.on("bookInvalid", ({ tradingPair, reason }) => heard.push(`${tradingPair}: ${reason}`));
    const notReady = new Set<number>();
    for (let second = 0; second < 240; second += 1) {
      await stage.pass(1_000);
      if (!connector.ready) notReady.add(second);
    }
    expect([heard, [...notReady]]).toEqual([[], []]);
    expect(connector.orderBook(pair).bestBid?.price.toFixed()).toBe("19990");
    // What happens then is seen.
    stage.trade("sell", "50", "19990");
    await stage.pass(1_000);
    expect(connector.orderBook(pair).bestBid?.price.toFixed()).toBe("19980");
  });

  test.each(Object.keys(REFUSALS) as BoxConnector[])(
    "and whose book is refused when it is asked for anew cannot be read (%s)",
    async (name) => {
      let isRefusing = false;
      await using stage = await Stage.open(name, { runtime: refusing(name, () => isRefusing) });
      const { connector, pair } = stage;
      await stage.pass(5_000);
      isRefusing = true;
      await stage.pass(120_000);
      expect(connector.orderBook(pair).isValid).toBe(false);
      expect(
        connector.channelStatuses().some(({ state, name: own }) => state === "refused" && own === "orderBook"),
      ).toBe(true);
      isRefusing = false;
      await stage.pass(400_000);
      expect([connector.orderBook(pair).isValid, connector.ready]).toEqual([true, true]);
    },
  );
});

describe("a book whose channel is dead while the market moves", () => {
  test.each(VENUE_NAMES)("is not readable for longer than its cadence, whatever REST says (%s)", async (name) => {
    await using stage = await Stage.open(name);
    const { connector, pair, raw } = stage;
    await stage.pass(3_000);
    raw.network.faults = {
      onFrame: (direction, text) => (direction === "toClient" && BOOK_FRAMES[name].test(text) ? "drop" : undefined),
    };
    let readableMs = 0;
    for (let step = 0; step < 120; step += 1) {
      stage.trade("buy", "0.001", String(19_991 + (step % 9)));
      await stage.pass(5_000);
      if (connector.orderBook(pair).isValid) readableMs += 5_000;
    }
    expect(readableMs).toBeLessThanOrEqual(90_000);
    raw.network.faults = {};
    await stage.pass(120_000);
    stage.trade("sell", "0.001", "20009");
    await stage.pass(5_000);
    expect([connector.orderBook(pair).isValid, connector.orderBook(pair).bestAsk?.price.toFixed()]).toEqual([
      true,
      "20009",
    ]);
  });
});
