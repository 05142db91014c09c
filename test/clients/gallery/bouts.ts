import { readFileSync } from "node:fs";
import { burstOfUpdates, sharedOrderId } from "./account.ts";
import { deadChannel, ghostLevels, lostDiff } from "./books.ts";
import { delistedMarket, poisonedBatch } from "./markets.ts";
import type { Bout } from "./peer.ts";

const PACKAGE = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
/** As installed: the version that ccxt tells of itself may be the one before. */
export const PEER_VERSION: string = PACKAGE.devDependencies.ccxt;

/** What is played against a peer, in the order of the page. */
export const BOUTS: readonly Bout[] = [
  burstOfUpdates,
  sharedOrderId,
  lostDiff,
  ghostLevels,
  deadChannel,
  delistedMarket,
  poisonedBatch,
];
