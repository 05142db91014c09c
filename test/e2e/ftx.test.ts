import { describeVenue } from "./venue-suite.ts";

describeVenue("ftx_perpetual", {
  crossingMaker: "canceled",
  immediateRest: "canceled",
  unfillableFok: "not offered",
  hasHedgeMode: false,
  hasListenKeys: false,
  takesOrdersOverSocket: false,
});
