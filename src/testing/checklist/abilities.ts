import { ConfigError } from "../../model/error.ts";
import { ABILITIES as FIXTURES_OF, type PerpetualConnectorFixtures } from "../kit/fixtures.ts";
import type { AbilityName } from "../seed-symbols.ts";
import type { VenueFacts } from "./venue-facts.ts";

interface AbilityCheck {
  /** Name of the ability in a sentence. */
  readonly words: string;
  /** Found out by asking the venue, not by what it says of itself. */
  isOffered(facts: VenueFacts): boolean;
  /** Other names than its own under which a venue says why it does without. */
  readonly reasons?: readonly string[];
  /** Explains its absence where the venue gives no reason of its own. */
  explain?(facts: VenueFacts): string | undefined;
}

const ABILITIES: Readonly<Record<AbilityName, AbilityCheck>> = {
  restUrls: {
    words: "addresses of its own",
    isOffered: ({ fixtures }) => reachesItself(fixtures),
    reasons: ["REST_URLS"],
    explain: ({ venue }) => venue.manifest.notice,
  },
  serverTime: {
    words: "a server time",
    isOffered: ({ venue }) => venue.manifest.hasServerTime && venue.webUtils.getCurrentServerTime !== undefined,
    reasons: ["SERVER TIME"],
  },
  authenticationInParams: {
    words: "a signature in the parameters",
    isOffered: ({ signed }) => signed.params.length > 0,
    explain: placeOfSignature,
  },
  authenticationInHeaders: {
    words: "authentication in headers",
    isOffered: ({ signed }) => signed.headers.length > 0,
    explain: placeOfSignature,
  },
  bookDiffChannel: {
    words: "a channel of changes of the book",
    isOffered: ({ venue }) => venue.manifest.continuity.kind !== "snapshots",
    reasons: ["ORDERBOOK DIFF CHANNEL"],
  },
  listenKey: {
    words: "a listen key",
    isOffered: ({ venue }) => venue.userStreamDataSource.listenKey !== undefined,
  },
  balanceChannel: {
    words: "a balance channel",
    isOffered: ({ fixtures }) => fixtures.balanceEventWebsocketUpdate !== undefined,
    reasons: [...FIXTURES_OF.balanceChannel, "USER BALANCE CHANNEL (total and available)"],
  },
  positionChannel: {
    words: "a position channel",
    isOffered: ({ venue }) => venue.manifest.userStream.carriesPositions,
    reasons: FIXTURES_OF.positionChannel,
  },
  fundingInfoChannel: {
    words: "a funding channel",
    isOffered: ({ venue }) => venue.manifest.fundingInfo.source === "stream",
    reasons: FIXTURES_OF.fundingInfoChannel,
  },
  hedgeMode: {
    words: "a second position mode",
    isOffered: ({ venue }) => venue.manifest.positionModes.length > 1,
    reasons: FIXTURES_OF.hedgeMode,
  },
};

/** Says where the signature is instead; undefined where a signature adds nothing anywhere. */
function placeOfSignature({ venue, signed }: VenueFacts): string | undefined {
  const { displayName } = venue.manifest;
  const places = [
    ["headers", signed.headers],
    ["the parameters", signed.params],
    ["the body", signed.body],
  ] as const;
  const found = places.find(([, names]) => names.length > 0);
  return found && `${displayName} takes the signature in ${found[0]} (${found[1].join(", ")}).`;
}

/** Tells that the venue knows its own addresses; otherwise it refuses to be created without them. */
function reachesItself({ venueModule, connectorName, domain = connectorName }: PerpetualConnectorFixtures): boolean {
  try {
    venueModule.createVenue({ domain });
    return true;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}

export type Offer = { readonly isOffered: true } | { readonly isOffered: false; readonly reason: string | undefined };

/** Decides if the venue has the ability, and why not. */
export function offerOf(name: AbilityName, facts: VenueFacts): Offer {
  const { isOffered, reasons = [], explain } = ABILITIES[name];
  if (isOffered(facts)) return { isOffered: true };
  return { isOffered: false, reason: reasonOf([name, ...reasons], facts) ?? explain?.(facts) };
}

export function wordsOf(name: AbilityName): string {
  return ABILITIES[name].words;
}

/** Finds the venue's own reason, in its manifest or its fixtures, for something that it does not offer. */
export function reasonOf(names: readonly string[], { venue, fixtures }: VenueFacts): string | undefined {
  const given: Readonly<Record<string, string>> = { ...venue.manifest.notOffered, ...fixtures.notOffered };
  return names.map((name) => given[name]).find((reason) => reason !== undefined);
}
