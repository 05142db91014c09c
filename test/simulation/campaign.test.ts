import { describe, expect, it } from "vitest";
import { reproduction } from "../../src/simulation/campaign.ts";

describe("the line that plays a world again", () => {
  const world = { connector: "okx_perpetual", seed: 7 } as const;

  it("names the judges whose findings counted, where they are not the usual one", () => {
    const line = "npm run simulate -- --venue okx --seeds 7 --profile hell --minutes 0.5";
    expect(reproduction(world, { profile: "hell", minutes: 0.5 })).toBe(line);
    expect(reproduction(world, { profile: "hell", minutes: 0.5, by: "judge" })).toBe(line);
    expect(reproduction(world, { profile: "hell", minutes: 0.5, by: "checker" })).toBe(`${line} --by checker`);
    expect(reproduction(world, { profile: "hell", minutes: 0.5, by: "both" })).toBe(`${line} --by both`);
  });
});
