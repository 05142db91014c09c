import { describeVenue } from "./venue-suite.ts";

describeVenue("binance_perpetual", {
  crossingMaker: "failed",
  immediateRest: "expired",
  unfillableFok: "failed",
  hasHedgeMode: true,
  hasListenKeys: true,
  takesOrdersOverSocket: true,
});
