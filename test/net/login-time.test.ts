import { describe, expect, it } from "vitest";
import { isAbort } from "../../src/model/error.ts";
import { LoginTime } from "../../src/net/login-time.ts";
import { SILENT_LOGGER } from "../../src/runtime/logger.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

/** A venue whose time is `aheadMs` later than is known, until it is asked. */
function scene(aheadMs: number, update: () => Promise<void> = async () => undefined) {
  const world = new SimulatedWorld({ seed: 1 });
  const { clock, timers } = world.runtime();
  let offsetMs = 1_000_000;
  const updateServerTime = async () => {
    await update();
    offsetMs += aheadMs;
  };
  const timeSynchronizer = { signingTime: () => clock.monotonic() + offsetMs };
  const loginTime = new LoginTime({ timeSynchronizer, updateServerTime, clock, timers, logger: SILENT_LOGGER });
  const stop = new AbortController();
  const wasWrong = () => world.run(loginTime.wasWrong(1_000_000, stop.signal));
  return { wasWrong, stop, world };
}

describe("the time of a login that was refused", () => {
  it.each([
    [600_000, true],
    [-30_000, true],
    [200, false],
  ])("is %i ms from the venue's: wrong %o", async (aheadMs, isWrong) => {
    expect(await scene(aheadMs).wasWrong()).toBe(isWrong);
  });

  it("is not known to be wrong where the venue does not answer, and that is not waited for", async () => {
    const { wasWrong, world } = scene(600_000, () => new Promise<never>(() => undefined));
    expect(await wasWrong()).toBe(false);
    expect(world.elapsedMs()).toBeLessThanOrEqual(5_000);
    const refusing = scene(600_000, () => Promise.reject(new Error("no time")));
    expect(await refusing.wasWrong()).toBe(false);
  });

  it("is not asked for when the connector stops", async () => {
    const { wasWrong, stop } = scene(600_000, () => new Promise<never>(() => undefined));
    const asked = wasWrong().catch((error: unknown) => error);
    stop.abort();
    expect(isAbort(await asked)).toBe(true);
  });
});
