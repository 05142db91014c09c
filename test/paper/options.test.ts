import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import { connect } from "../../src/connect.ts";
import { ConfigError } from "../../src/model/error.ts";
import { createPaperVenue, type PaperVenueOptions } from "../../src/paper/index.ts";
import { SimulatedWorld } from "../../src/runtime/simulated.ts";

describe("options of the exchange in the box", () => {
  it.each([
    [undefined, "createPaperVenue() needs options"],
    [{ api: "okxx" }, 'there is no API "okxx"'],
    [{ api: { name: "acme" } }, "api is of another kind"],
    [{ api: null }, "api is null"],
    [{ api: "okx", seeed: 1 }, 'there is no option of the exchange in the box "seeed"'],
    [{ api: "okx", startingBalance: 5_000 }, "startingBalance is 5000"],
    [{ api: "okx", startingBalance: "-5" }, "the starting balance is -5"],
    [{ api: "okx", insuranceFund: 0 }, "insuranceFund is 0"],
    [{ api: "okx", port: "8080" }, 'port is "8080"'],
    [{ api: "okx", quiet: "no" }, 'quiet is "no"'],
    [{ api: "okx", flowStepMs: 0 }, "flowStepMs is 0"],
    [{ api: "okx", markets: [{}] }, "markets is of another kind"],
    [{ api: "okx", matchingDelayMs: 5 }, "matchingDelayMs is 5"],
    [{ api: "okx", faults: { error5x: 0.1 } }, 'there is no fault "error5x"'],
  ])("refuse %j: %s", async (options, message) => {
    const world = new SimulatedWorld({ seed: 1 });
    const refused = expect(createPaperVenue(options as PaperVenueOptions, world.runtime())).rejects;
    await refused.toThrow(message);
    await expect(createPaperVenue(options as PaperVenueOptions, world.runtime())).rejects.toThrow(ConfigError);
  });

  it.each([
    [{ seeds: 7 }, 'there is no option of the exchange in the box "seeds"'],
    [{ api: "okx" }, "paper.api is okx"],
  ])("refuse %j as paper of connect()", async (paper, message) => {
    const world = new SimulatedWorld({ seed: 1 });
    const options = { tradingPairs: ["BTC-USDT"], paper: paper as object, runtime: world.runtime() };
    await expect(world.run(connect("bybit_perpetual", options))).rejects.toThrow(message);
  });
});

it("console.log of the exchange in the box shows where it is, and no secret", async () => {
  const world = new SimulatedWorld({ seed: 1 });
  const venue = await world.run(createPaperVenue({ api: "okx", seed: 1 }, world.runtime()));
  const text = inspect(venue);
  expect(text).toMatch(/^PaperVenue \{/);
  expect(text).toContain(venue.rest);
  expect(text).toContain("'BTC-USD'");
  expect(text).not.toContain(venue.apiSecret);
  await world.run(venue.stop());
});
