import { describe, expect, it } from "vitest";
import { type ConnectionFault, TcpProxy } from "../support/tcp-proxy.ts";
import { settle } from "./agreement.ts";
import { Stage, VENUE_NAMES } from "./stage.ts";

/** What a line does to all of its bytes, and nothing that a program should notice. */
const SLOW_LINES: readonly (readonly [what: string, fault: ConnectionFault])[] = [
  ["cut and joined anywhere", { pieces: [1, 7] }],
  ["late on the way there", { delayMs: { up: 40 } }],
  ["late on the way back", { delayMs: { down: 40 } }],
  ["trickling", { bytesPerMs: 256 }],
];

/** Answers are cut off, so that orders which the venue has taken have no answer. */
const CUT_ANSWERS: readonly ConnectionFault[] = [
  { of: "http", resetAt: { direction: "down", after: "start", bytes: 1 } },
  { of: "http", resetAt: { direction: "down", after: "start", bytes: 30 } },
  { of: "http", resetAt: { direction: "down", after: "head", bytes: 5 } },
];

/** The handshake is cut, and frames of each side within their headers: of two bytes, and of six where they are masked. */
const CUT_STREAMS: readonly ConnectionFault[] = [
  { of: "webSocket", resetAt: { direction: "down", after: "start", bytes: 40 } },
  { of: "webSocket", resetAt: { direction: "down", after: "head", bytes: 1 } },
  { of: "webSocket", resetAt: { direction: "up", after: "head", bytes: 3 } },
];

const CUT_QUESTIONS: readonly ConnectionFault[] = [
  { of: "http", resetAt: { direction: "up", after: "start", bytes: 10 } },
  { of: "http", swallow: "atOnce" },
];

/** An order that trades and one that is canceled. */
async function trade(stage: Stage): Promise<void> {
  const resting = await stage.resting("buy", "19900");
  await stage.taken("buy");
  await stage.taken("sell");
  await stage.run(stage.connector.cancel(resting.clientOrderId));
}

describe("a connector on a line that breaks", () => {
  it.concurrent.each(VENUE_NAMES)("agrees with the venue to the last digit (%s)", { timeout: 60_000 }, async (name) => {
    const proxies: TcpProxy[] = [];
    const stage = await Stage.open(name, {
      kind: "real",
      connector: { timings: { requestTimeoutMs: 1_500 } },
      through: async ({ rest, ws }) => {
        const proxy = await TcpProxy.start(Number(new URL(rest).port), 7);
        proxies.push(proxy);
        return { restUrl: proxy.through(rest), webSocketUrl: proxy.through(ws) };
      },
    });
    const [proxy] = proxies;
    if (proxy === undefined) throw new Error("nothing stands between them");
    for (const [, fault] of SLOW_LINES) {
      proxy.fault = fault;
      await trade(stage);
    }
    proxy.fault = {};
    const breakAll = async (faults: readonly ConnectionFault[]): Promise<void> => {
      proxy.next(...faults);
      proxy.resetAll();
      // An order that leaves on a connection of before would never arrive, and that takes half a minute to be proven.
      await stage.pass(100);
    };
    await breakAll(CUT_ANSWERS);
    await trade(stage);
    await breakAll([...CUT_STREAMS, ...CUT_QUESTIONS]);
    // What reads goes on until it has an answer; private streams come back by themselves.
    await stage.run(stage.connector.refresh()).catch(() => undefined);
    // No event tells that a connection met its fault.
    while (proxy.waiting > 0 || !stage.connector.ready) await stage.pass(20);
    await trade(stage);
    expect(proxy.resets).toBeGreaterThanOrEqual(CUT_ANSWERS.length + CUT_STREAMS.length);
    expect(proxy.swallowed).toBe(1);
    await settle(stage);
    expect(stage.connector.lostOrders).toEqual([]);
    await stage[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });
});
