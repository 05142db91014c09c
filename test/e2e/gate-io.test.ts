import { describeVenue } from "./venue-suite.ts";

describeVenue("gate_io_perpetual", {
  crossingMaker: "failed",
  immediateRest: "canceled",
  unfillableFok: "failed",
  hasHedgeMode: true,
  hasListenKeys: false,
  takesOrdersOverSocket: true,
});
