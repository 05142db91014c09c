import { describe, expect, test } from "vitest";
import { NotSentError } from "../../src/model/error.ts";
import { Intent, type IntentOptions } from "../../src/net/intent.ts";
import type { RestRequest } from "../../src/net/venue-api.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

const REQUEST: RestRequest = { method: "POST", path: "/orders", isAuthRequired: true, limitId: "all" };

function scene(options: Partial<IntentOptions> = {}) {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers } = world.runtime("bot");
  return { world, intent: new Intent({ clock, timers, name: "the creation of order pw-1", ...options }) };
}

describe("an intent", () => {
  test("leaves once, and cannot be called back afterwards", () => {
    const { intent } = scene();
    expect(intent.leave(REQUEST)).toBe(REQUEST);
    expect(intent.state).toBe("sent");
    expect(intent.withdraw()).toBe(false);
    expect(intent.signal.aborted).toBe(false);
  });

  test("that was called back never leaves, and says so", () => {
    const { intent } = scene();
    expect(intent.withdraw()).toBe(true);
    expect(intent.withdraw()).toBe(false);
    expect(intent.signal.aborted).toBe(true);
    expect(() => intent.leave(REQUEST)).toThrow("the creation of order pw-1 was called back before it was sent");
    expect(intent.reason).toBeInstanceOf(NotSentError);
  });

  test("is taken back by its age, as long as it has not left", async () => {
    const { world, intent } = scene({ maxAgeMs: 5_000 });
    await world.advance(4_999);
    expect(intent.state).toBe("queued");
    await world.advance(2);
    expect(intent.reason?.message).toBe("the creation of order pw-1 was not sent within 5000 ms");
    expect(intent.reason).toMatchObject({ code: "NOT_SENT", outcome: "definite", retry: "later" });
  });

  test("that left in time stays sent, however long the answer takes", async () => {
    const { world, intent } = scene({ maxAgeMs: 5_000 });
    intent.leave(REQUEST);
    await world.advance(60_000);
    expect(intent.state).toBe("sent");
  });

  test("is queued again when it is proven that nothing arrived, with its old age", async () => {
    const { world, intent } = scene({ maxAgeMs: 5_000 });
    intent.leave(REQUEST);
    await world.advance(6_000);
    intent.returned();
    expect(() => intent.leave(REQUEST)).toThrow(NotSentError);
  });

  test("that comes back after its age is over is withdrawn at once, and waits for no rate limit", async () => {
    const { world, intent } = scene({ maxAgeMs: 5_000 });
    intent.leave(REQUEST);
    await world.advance(6_000);
    intent.returned();
    expect([intent.state, intent.signal.aborted]).toEqual(["withdrawn", true]);
    expect(intent.reason?.message).toBe("the creation of order pw-1 was not sent within 5000 ms");
  });

  test("does not age while it waits its turn, but does while refusals hold that up", async () => {
    const { world, intent } = scene({ maxAgeMs: 5_000 });
    let closedSinceMs: number | undefined;
    intent.waitsInTurn(() => closedSinceMs);
    await world.advance(42_000);
    expect(intent.state).toBe("queued");
    closedSinceMs = world.runtime("bot").clock.monotonic();
    await world.advance(4_999);
    expect(intent.state).toBe("queued");
    await world.advance(2);
    expect(intent.reason).toMatchObject({ code: "NOT_SENT", retry: "later" });
  });

  test("whose first try came to nothing ages in its turn as well", async () => {
    const { world, intent } = scene({ maxAgeMs: 5_000 });
    intent.waitsInTurn(() => undefined);
    intent.leave(REQUEST);
    intent.returned();
    await world.advance(5_001);
    expect(intent.state).toBe("withdrawn");
  });

  test("makes its request anew at the last moment", () => {
    const { intent } = scene({ prepare: (request) => ({ ...request, path: "/orders/fewer" }) });
    expect(intent.leave(REQUEST).path).toBe("/orders/fewer");
  });
});
