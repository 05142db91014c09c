import { describe, expect, it } from "vitest";
import { AuthError, OrderRejectedError, VenueUnavailableError } from "../../src/model/error.ts";
import type { PerpetualConnectorFixtures } from "../../src/testing/kit/fixtures.ts";
import { openScene } from "../../src/testing/kit/scene.ts";
import { binanceFixtures } from "../venues/binance/fixtures.ts";
import { bybitFixtures } from "../venues/bybit/fixtures.ts";
import { ftxFixtures } from "../venues/ftx/fixtures.ts";
import { okxFixtures } from "../venues/okx/fixtures.ts";

const VENUES: readonly (readonly [name: string, PerpetualConnectorFixtures])[] = [
  ["Binance", binanceFixtures],
  ["Bybit", bybitFixtures],
  ["FTX", ftxFixtures],
  ["OKX", okxFixtures],
];

/** Every call of one member is answered by an error. */
function failing(fixtures: PerpetualConnectorFixtures, name: "tradingFees" | "fetchPositionMode", error: Error) {
  return openScene(fixtures, {
    venue: (venue) => ({ ...venue, derivative: { ...venue.derivative, [name]: () => Promise.reject(error) } }),
  });
}

describe.each(VENUES)("a connector of %s", (_, fixtures) => {
  it("starts with the published fees where the venue refuses to tell the account's, and says so", async () => {
    await using scene = await failing(fixtures, "tradingFees", new OrderRejectedError("not for demo trading"));
    expect(scene.connector.ready).toBe(true);
    const { makerPercentFee } = scene.connector.feeSchema(fixtures.tradingPair);
    expect(makerPercentFee).toEqual(scene.venue.manifest.defaultFees.makerPercentFee);
    expect(scene.logger.text).toContain("the venue does not tell the trading fees");
  });

  it("starts where the key may not ask for the fees", async () => {
    await using scene = await failing(fixtures, "tradingFees", new AuthError("permission denied"));
    expect(scene.connector.ready).toBe(true);
  });

  it("starts with the mode of a new account where the venue refuses to tell the position modes", async () => {
    await using scene = await failing(fixtures, "fetchPositionMode", new OrderRejectedError("not supported"));
    expect(scene.connector.ready).toBe(true);
    expect(scene.connector.positionModeOf(fixtures.tradingPair)).toBe(scene.venue.manifest.positionModes[0]);
  });

  it("says once that the position modes are refused, however often they are asked for", async () => {
    await using scene = await failing(fixtures, "fetchPositionMode", new OrderRejectedError("not supported"));
    for (let gaps = 0; gaps < 3; gaps += 1) {
      await scene.run(scene.connector.refresh());
      await scene.world.advance(10_000);
    }
    expect(scene.logger.text.split("does not tell the position modes")).toHaveLength(2);
  });
});

describe("an optional question that is not refused but unanswered", () => {
  it("is asked again", async () => {
    let asked = 0;
    await using scene = await openScene(bybitFixtures, {
      venue: (venue) => ({
        ...venue,
        derivative: {
          ...venue.derivative,
          tradingFees: (...args) => {
            asked += 1;
            return asked === 1
              ? Promise.reject(new VenueUnavailableError("busy"))
              : venue.derivative.tradingFees(...args);
          },
        },
      }),
    });
    expect(scene.connector.ready).toBe(true);
    expect(asked).toBe(2);
  });
});
