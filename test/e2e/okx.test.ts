import { describeVenue } from "./venue-suite.ts";

describeVenue("okx_perpetual", {
  crossingMaker: "canceled",
  immediateRest: "canceled",
  unfillableFok: "canceled",
  hasHedgeMode: true,
  hasListenKeys: false,
  takesOrdersOverSocket: true,
});
