import { describe, expect, it } from "vitest";
import { openScene } from "../../src/testing/kit/scene.ts";
import { changed, VENUES } from "./garbled.ts";

/** Fields that name the coin of a fee, on the streams and in the lists. */
const COINS = ["feeCurrency", "N", "commissionAsset", "fillFeeCcy", "feeCcy"];
const FEES = ["fee", "n", "commission", "execFee", "fillFee"];

const GARBLED: readonly (readonly [what: string, names: readonly string[], value: unknown])[] = [
  ["a coin that is a number", COINS, "1e-400"],
  ["a coin of 10 kB", COINS, "A".repeat(10_000)],
  ["a coin named __proto__", COINS, "__proto__"],
  ["a coin of blanks", COINS, "  "],
  ["a coin called null", COINS, "null"],
  ["a coin called NaN", COINS, "NaN"],
  ["no coin", COINS, ""],
  ["a coin of half a character", COINS, "\ud800"],
  ["an object for a coin", COINS, { USD: 1 }],
  ["an amount that is none", FEES, "1,5"],
  ["no amount", FEES, ""],
];
/** Rows of these venues name no coin where it is the market's own. */
const HAS_OWN_COIN = ["FTX", "Bybit"];
const CASES = VENUES.flatMap((one) => GARBLED.map(([what, names, value]) => ({ ...one, what, names, value }))).filter(
  ({ venue, what }) => what !== "no coin" || !HAS_OWN_COIN.includes(venue),
);

async function play({ fixtures, names, value }: (typeof CASES)[number], isListGarbled: boolean) {
  await using scene = await openScene(fixtures);
  const { order, fixture } = await scene.openOrder();
  const { configureFullFillTradeResponse: listed, tradeEventForFullFillWebsocketUpdate: pushed } = fixtures;
  scene.route(fixtures.configureCompletelyFilledOrderStatusResponse as never, fixture);
  scene.route(isListGarbled ? changed(listed, names, value) : (listed as never), fixture);
  scene.send(changed(pushed, names, value), fixture);
  await scene.until("the fill", () => order.executedAmount.eq("1"));
  await scene.world.advance(2_000);
  const told = scene.named("unreadableRow").map((row) => row.what);
  const flatFees = scene.named("orderFilled").map(({ fee }) => fee.flatFees.map(({ token }) => token));
  return { told, flatFees };
}

describe("a fill with a fee that cannot be read", () => {
  it.each(CASES)("($what) is not booked as $venue pushes it, but as its list tells it", async (garbled) => {
    const { told, flatFees } = await play(garbled, false);
    expect(told.length).toBeGreaterThan(0);
    expect(flatFees).toHaveLength(1);
    expect(flatFees[0]).toHaveLength(1);
    expect(["USD", "USDT", "BNB"]).toContain(flatFees[0]?.[0]);
  });

  it.each(CASES)(
    "($what) in the list of $venue as well counts without its fee, and invents no coin",
    async (garbled) => {
      const { told, flatFees } = await play(garbled, true);
      expect(flatFees).toEqual([[]]);
      expect(told.some((what) => what.startsWith("a field of"))).toBe(true);
    },
  );
});
