import { describe, expect, it } from "vitest";
import { CONNECTOR_NAMES, credentialSpecsOf, loadVenue, VENUE_NAMES } from "../src/registry.ts";

describe("the registry", () => {
  it.each([...CONNECTOR_NAMES])("says of %s what its manifest says", async (name) => {
    const { module, domain } = await loadVenue(name);
    expect(module.manifest.domains).toContain(domain);
    expect(credentialSpecsOf(name)).toEqual(module.manifest.credentials);
    expect(VENUE_NAMES).toContain(module.manifest.name);
  });

  it("names the nearest connector where there is none of a name", async () => {
    await expect(loadVenue("bybit")).rejects.toMatchObject({
      code: "CONFIG",
      hint: expect.stringContaining('did you mean "bybit_perpetual"?'),
    });
  });
});
