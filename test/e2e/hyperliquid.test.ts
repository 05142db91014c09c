import { describeVenue } from "./venue-suite.ts";

describeVenue("hyperliquid_perpetual", {
  crossingMaker: "failed",
  immediateRest: "canceled",
  refusesUnmatched: true,
  unfillableFok: "not offered",
  hasHedgeMode: false,
  hasListenKeys: false,
  takesOrdersOverSocket: true,
});
