import { onTestFinished } from "vitest";
import { formatAmount } from "../../../src/paper/engine/amount.ts";
import type { AccountView } from "../../../src/paper/engine/types.ts";
import {
  createPaperVenue,
  type PaperAccount,
  type PaperVenue,
  type PaperVenueOptions,
} from "../../../src/paper/index.ts";
import { nodeRuntime } from "../../../src/runtime/node-runtime.ts";

/** What a client needs to know. */
export interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly apiKey: string;
  readonly apiSecret: string;
}

export const DESK: PaperAccount = { apiKey: "desk-key", apiSecret: "desk-secret", subaccounts: ["hedge"] };
export const RIVAL: PaperAccount = {
  apiKey: "rival-key",
  apiSecret: "rival-secret",
  username: "rival@example.com",
};

/** A venue in this process, so that a test can compare what a client says with what the engine knows. */
export async function openVenue(options: Partial<PaperVenueOptions> = {}): Promise<PaperVenue> {
  const runtime = nodeRuntime();
  const venue = await createPaperVenue(
    { api: "ftx", seed: 1, emptyBooks: true, rateLimits: "off", accounts: [DESK, RIVAL], ...options },
    runtime,
  );
  onTestFinished(async () => {
    await venue.stop();
    await runtime.http.close();
  });
  return venue;
}

/** An amount of the engine as the number that its text on the wire parses to. */
export function amount(units: bigint): number {
  return Number(formatAmount(units));
}

export function accountOf(venue: PaperVenue, accountId: string = venue.accountId): AccountView {
  const account = venue.engine.account(accountId);
  if (account === undefined) throw new Error(`no account ${accountId}`);
  return account;
}

export type Levels = readonly (readonly [price: number, size: number])[];

export interface Book {
  readonly bids: Levels;
  readonly asks: Levels;
}

const VIEW_DEPTH = 100;

/** What a client that subscribed to the book ought to hold now. */
export function bookOf(venue: PaperVenue, market: string, depth: number = VIEW_DEPTH): Book {
  const { bids, asks } = venue.engine.book(market, depth);
  const side = (levels: typeof bids): Levels => levels.map(([price, size]) => [amount(price), amount(size)]);
  return { bids: side(bids), asks: side(asks) };
}
