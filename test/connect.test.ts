import { describe, expect, it } from "vitest";
import { createConnector } from "../src/connect.ts";
import { SimulatedWorld } from "../src/runtime/simulated.ts";
import { venueModule } from "../src/venues/bybit/derivative.ts";

const runtime = () => new SimulatedWorld({ seed: 1 }).runtime("connector");

describe("a venue from outside of the package", () => {
  it("is opened by its module, on its default domain or on another of its own", async () => {
    const options = { runtime: runtime(), tradingPairs: ["BTC-USDT"] };
    const connector = await createConnector(venueModule, options);
    expect([connector.name, connector.domain]).toEqual(["bybit_perpetual", "bybit_perpetual"]);
    const other = await createConnector(venueModule, { ...options, domain: "bybit_perpetual_testnet" });
    expect(other.domain).toBe("bybit_perpetual_testnet");
  });

  it("is refused a domain that it does not have", async () => {
    const opening = createConnector(venueModule, { runtime: runtime(), tradingPairs: [], domain: "elsewhere" });
    await expect(opening).rejects.toMatchObject({
      code: "CONFIG",
      message: 'bybit_perpetual has no domain "elsewhere"',
      hint: expect.stringContaining("bybit_perpetual_testnet"),
    });
  });
});
