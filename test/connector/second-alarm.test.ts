import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { binanceFixtures as fixtures } from "../venues/binance/fixtures.ts";

const ACCOUNT = "/fapi/v3/account";

describe("a second thing that cannot be true, soon after the first", () => {
  it("is asked about as well, half a minute after the first at the latest", async () => {
    await using scene = await openScene(fixtures);
    const owed = (asset: string) => {
      const timestampMs = Math.floor(scene.world.now());
      const a = { m: "ORDER", B: [{ a: asset, wb: "-5", cw: "-5", bc: "0" }], P: [] };
      scene.server.sendPrivate({ stream: "x", data: { e: "ACCOUNT_UPDATE", E: timestampMs, T: timestampMs, a } });
    };
    const asked = () => scene.server.requestsTo("GET", ACCOUNT).length;
    const before = asked();
    owed("USDC");
    await scene.until("the first question", () => asked() > before);
    await scene.world.advance(5_000);
    const afterFirst = asked();
    owed("USDT");
    await scene.world.advance(31_000);
    expect(asked()).toBeGreaterThan(afterFirst);
    // Nothing more came: nothing more is asked until the next poll.
    const afterSecond = asked();
    await scene.world.advance(40_000);
    expect(asked()).toBe(afterSecond);
  });
});
