import type { VenueChoices } from "./choices.ts";

/**
 * Folders of `template/variants/` that the answers call for, in the order in which they are laid over the template: the later
 * one wins where two have the same region.
 */
export function variantsOf(choices: VenueChoices): readonly string[] {
  const wanted: readonly (readonly [name: string, isWanted: boolean])[] = [
    ...signingVariants(choices),
    ...credentialVariants(choices),
    ["envelope-success", choices.envelope === "success"],
    ["envelope-bare", choices.envelope === "bare"],
    ...bookVariants(choices),
    ["listen-key", choices.access === "listen-key"],
    ["fetched-address", choices.access === "fetched-address"],
    ["signed-subscriptions", choices.access === "signed-subscriptions"],
    ["no-server-time", !choices.hasServerTime],
    ["hedge", choices.positionModes === "hedge"],
    ["contracts", choices.sizeUnit === "contracts"],
    ["signed-sizes", choices.hasSignedSizes],
    ["signed-contracts", choices.hasSignedSizes && choices.sizeUnit === "contracts"],
  ];
  return wanted.filter(([, isWanted]) => isWanted).map(([name]) => name);
}

type Variants = readonly (readonly [name: string, isWanted: boolean])[];

function signingVariants({ hasServerTime, signing }: VenueChoices): Variants {
  const { algorithm, encoding, parts, place, time } = signing;
  return [
    ["query-signature", place === "query"],
    ["hmac-sha256-base64", algorithm === "hmac-sha256" && encoding === "base64"],
    ["hmac-sha512-hex", algorithm === "hmac-sha512" && encoding === "hex"],
    ["hmac-sha512-base64", algorithm === "hmac-sha512" && encoding === "base64"],
    ["ed25519-hex", algorithm === "ed25519" && encoding === "hex"],
    ["ed25519-base64", algorithm === "ed25519" && encoding === "base64"],
    ["own-signature", algorithm === "own"],
    ["time-seconds", time === "seconds"],
    ["time-iso", time === "iso"],
    ["receive-window", parts.includes("window")],
    ["fixed-window", parts.includes("window") && !hasServerTime],
  ];
}

function credentialVariants({ access, credentials }: VenueChoices): Variants {
  const named = ["userId", "accountAddress", "vaultAddress"] as const;
  return [
    ["passphrase", credentials.includes("passphrase")],
    ["sub-account", credentials.includes("subAccount")],
    ["named-account", access !== "listen-key" && named.some((name) => credentials.includes(name))],
  ];
}

function bookVariants({ continuity }: VenueChoices): Variants {
  return [
    ["contiguous", continuity.startsWith("contiguous")],
    ["rest-snapshots", continuity.endsWith("-rest")],
    ["checksum", continuity === "checksum"],
    ["book-snapshots", continuity.startsWith("snapshots")],
    ["book-snapshots-by-time", continuity === "snapshots-by-time"],
  ];
}
