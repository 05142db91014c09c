import { filledWhileAmended } from "./amends.ts";
import { deadChannel, ghostLevels, lostDiff } from "./books.ts";
import { fundingAsFills, fundingTwice } from "./funding.ts";
import { delistedMarket, narrowSnapshot, poisonedBatch } from "./markets.ts";
import { closedElsewhere, collapsedLegs, firstRowEmpty, liquidated, phantomShort } from "./positions.ts";
import { filledAtStop, manyReports, warmRestart } from "./restarts.ts";
import type { Scenario } from "./scenario.ts";
import { burstOfUpdates, listenKeyExpired, sentBeforeLogin, sharedOrderId, streamNotBack } from "./streams.ts";
import { dnsOutage } from "./unknown-orders.ts";

export type { Check } from "./check.ts";
export { playScenario } from "./play.ts";
export { galleryJson, galleryPage, galleryText, PEERS_MARK } from "./report.ts";
export type { Played, Scenario } from "./scenario.ts";

/** Bugs that other projects told of in public, in the order in which they are shown. */
export const GALLERY: readonly Scenario[] = [
  dnsOutage,
  filledWhileAmended,
  burstOfUpdates,
  sharedOrderId,
  listenKeyExpired,
  streamNotBack,
  sentBeforeLogin,
  warmRestart,
  manyReports,
  filledAtStop,
  collapsedLegs,
  firstRowEmpty,
  closedElsewhere,
  phantomShort,
  liquidated,
  fundingAsFills,
  fundingTwice,
  lostDiff,
  ghostLevels,
  deadChannel,
  narrowSnapshot,
  delistedMarket,
  poisonedBatch,
];
