import { describe, expect, it } from "vitest";
import { createConnector } from "../../src/connect.ts";
import { createPaperVenue } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";
import { RecordingLogger } from "../../src/testing/kit/recording.ts";

/** A full second: the next mark price of the stream is a second away. */
const startMs = 1_704_067_200_000;

async function connected() {
  const world = new SimulatedWorld({ seed: 1, startMs });
  const venue = await world.run(createPaperVenue({ api: "binance", seed: 1 }, world.runtime("venue")));
  const connector = await world.run(
    createConnector("binance_perpetual", {
      runtime: world.runtime("bot"),
      tradingPairs: ["BTC-USDT", "ETH-USDT"],
      restUrl: venue.rest,
      webSocketUrl: venue.ws,
      logger: new RecordingLogger(),
    }),
  );
  await world.run(connector.start());
  return { world, connector };
}

describe("a connector to Binance", () => {
  it("is ready before the first mark price of the stream, which then takes over", async () => {
    const { world, connector } = await connected();
    await world.run(connector.waitUntilReady());
    expect(world.elapsedMs()).toBeLessThan(500);
    const { markPrice, timestampMs } = connector.fundingInfo("ETH-USDT");
    expect(markPrice.gt(0)).toBe(true);
    await world.advance(2_500);
    expect(connector.fundingInfo("ETH-USDT").timestampMs).toBeGreaterThan(timestampMs + 1_000);
    await world.run(connector.stop());
  });
});
