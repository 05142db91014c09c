import { expect } from "vitest";
import { RateLimitError } from "../../src/model/error.ts";
import { PaperControl } from "../../src/paper/control-client.ts";
import { differencesOf } from "../../src/simulation/agreement.ts";
import { translated } from "../../src/simulation/box-protocols.ts";
import type { VenueTruth } from "../../src/simulation/venue-truth.ts";
import { withWholeAmends } from "../../src/simulation/whole-amends.ts";
import type { Stage } from "./stage.ts";

/** What the venue's engine knows of the account, in the connector's names. */
export async function truthOf(stage: Stage): Promise<VenueTruth> {
  const { http, venue, protocol } = stage;
  const truth = await stage.run(new PaperControl(http, venue.control, venue.apiKey).truth());
  return withWholeAmends(translated(truth, protocol), protocol);
}

/** An order or amendment whose answer was lost is given up after the 30 s in which FTX still takes it. */
const FATE_KNOWN_MS = 120_000;

const RATE_LIMIT_MS = 2_000;
/** After a bad day requests that were held up arrive together, and the venue may find them too many. */
async function refresh(stage: Stage): Promise<void> {
  try {
    await stage.run(stage.connector.refresh());
  } catch (error) {
    if (!(error instanceof RateLimitError)) throw error;
    await stage.pass(RATE_LIMIT_MS);
    await stage.run(stage.connector.refresh());
  }
}

/**
 * Connector and venue agree to the last digit, on every order, fill, funding payment and position; where the account is
 * flat, on the cash as well. Asks the venue for everything first.
 */
export async function assertAgreement(stage: Stage): Promise<void> {
  const { connector, protocol, token, ledgers } = stage;
  await refresh(stage);
  const truth = await truthOf(stage);
  expect(differencesOf({ connector, ledgers, truth, protocol, token, startingCash: "100000" })).toEqual([]);
}

/** Cancels everything, closes everything, and agrees with the venue. */
export async function settle(stage: Stage): Promise<void> {
  const report = await stage.run(stage.connector.flatten({ timeoutMs: FATE_KNOWN_MS }));
  expect(report.problems).toEqual([]);
  expect(report.isFlat).toBe(true);
  await assertAgreement(stage);
}
