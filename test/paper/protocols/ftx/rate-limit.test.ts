import { describe, expect, test } from "vitest";
import { RateLimiter, STRICT_LIMITS } from "../../../../src/paper/protocols/ftx/rate-limit.ts";
import { startVenue } from "../../ftx-harness.ts";

const outcome = (work: () => void): string => {
  try {
    work();
    return "passed";
  } catch (error) {
    const { status, message, headers } = error as Error & { status: number; headers: Record<string, string> };
    return `${status} ${message}, retry after ${headers["retry-after"]}`;
  }
};

describe("order placement", () => {
  test("is limited to two in 200 ms over all markets", () => {
    const limiter = new RateLimiter(STRICT_LIMITS);
    expect(outcome(() => limiter.order("a", "BTC-USD", 1_000))).toBe("passed");
    expect(outcome(() => limiter.order("a", "ETH-USD", 1_010))).toBe("passed");
    expect(outcome(() => limiter.order("a", "SOL-USD", 1_199))).toBe(
      "429 Do not send more than 2 orders per 200ms, retry after 1",
    );
    expect(outcome(() => limiter.order("b", "SOL-USD", 1_199))).toBe("passed");
    expect(outcome(() => limiter.order("a", "SOL-USD", 1_200))).toBe("passed");
  });

  test("is limited to seven a second in one market", () => {
    const limiter = new RateLimiter(STRICT_LIMITS);
    const outcomes = Array.from({ length: 8 }, (_, index) =>
      outcome(() => limiter.order("a", "BTC-USD", 5_000 + index * 120)),
    );
    expect(outcomes.filter((text) => text === "passed")).toHaveLength(7);
    expect(outcomes.at(-1)).toMatch(/^429 Do not send more than 7 orders per 1000ms/);
    expect(outcome(() => limiter.order("a", "ETH-USD", 5_960))).toBe("passed");
  });
});

test("a key may send 30 requests a second", () => {
  const limiter = new RateLimiter(STRICT_LIMITS);
  for (let count = 0; count < 30; count += 1) limiter.request("k", 7_000 + count);
  expect(outcome(() => limiter.request("k", 7_999))).toBe("429 Slow down, retry after 1");
  expect(outcome(() => limiter.request("other", 7_999))).toBe("passed");
  expect(outcome(() => limiter.request("k", 8_000))).toBe("passed");
});

test("without limits everything passes", () => {
  const limiter = new RateLimiter(undefined);
  for (let count = 0; count < 1_000; count += 1) {
    limiter.request("k", 0);
    limiter.order("k", "BTC-USD", 0);
  }
});

test("the venue answers 429 with Retry-After to the third order of a window, and cancels do not count", async () => {
  const { call, world, venue } = await startVenue({ rateLimits: "strict" });
  await world.advance(200 - (world.now() % 200));
  const place = () =>
    call("POST", "/orders", { body: { market: "BTC-PERP", side: "buy", price: 19000, type: "limit", size: 0.001 } });
  const replies = [await place(), await place(), await place()];
  expect(replies.map(({ status }) => status)).toEqual([200, 200, 429]);
  expect(replies[2]).toMatchObject({ success: false, error: "Do not send more than 2 orders per 200ms" });
  expect(replies[2]!.headers["retry-after"]).toBe("1");
  expect((await call("DELETE", `/orders/${replies[0]!.result.id}`)).status).toBe(200);
  await venue.stop();
});
