/**
 * Pieces that a signature is made over. `target` is the path with its query, `window` how long it is valid, `body-sha256` and
 * `body-sha512` the body's hash in hexadecimal digits.
 */
export const SIGNED_PARTS = [
  "timestamp",
  "key",
  "window",
  "method",
  "path",
  "query",
  "target",
  "body",
  "body-sha256",
  "body-sha512",
] as const;
export type SignedPart = (typeof SIGNED_PARTS)[number];

/** `own`: a wallet's or another that the author writes. */
export const SIGNATURE_ALGORITHMS = ["hmac-sha256", "hmac-sha512", "ed25519", "own"] as const;
export const SIGNATURE_ENCODINGS = ["hex", "base64"] as const;
export const SIGNATURE_PLACES = ["header", "query"] as const;
export const TIME_FORMS = ["milliseconds", "seconds", "iso"] as const;

/** Credentials by their names, with the constants of `perpwire/venue` that describe them. */
export const CREDENTIALS = {
  apiKey: "API_KEY",
  apiSecret: "API_SECRET",
  passphrase: "PASSPHRASE",
  userId: "USER_ID",
  subAccount: "SUB_ACCOUNT",
  privateKey: "PRIVATE_KEY",
  accountAddress: "ACCOUNT_ADDRESS",
  vaultAddress: "VAULT_ADDRESS",
} as const;
export type CredentialName = keyof typeof CREDENTIALS;

/**
 * Wrapping of an answer. `code`: `{code: 0, message, data}`. `success`: `{success, result}`. `bare`: the payload
 * itself, and the HTTP status tells.
 */
export const ENVELOPES = ["code", "success", "bare"] as const;

/** Rules by which a book proves that it missed nothing, with the source of its snapshot. */
export const CONTINUITY_RULES = [
  "previous-id-stream",
  "previous-id-rest",
  "contiguous-stream",
  "contiguous-rest",
  "checksum",
  "snapshots-by-id",
  "snapshots-by-time",
] as const;

/** Units of sizes on the wire. */
export const SIZE_UNITS = ["base", "contracts"] as const;

/** Ways to open the private stream. */
export const STREAM_ACCESSES = ["login", "listen-key", "fetched-address", "signed-subscriptions"] as const;

/** `hedge`: one-way and hedge mode. */
export const POSITION_MODES = ["one-way", "hedge"] as const;

export interface Domain {
  /** The connector name that stands for it. */
  readonly name: string;
  readonly restUrl: string;
  readonly webSocketUrl: string;
  readonly privateWebSocketUrl: string;
}

export interface SigningScheme {
  readonly algorithm: (typeof SIGNATURE_ALGORITHMS)[number];
  /** Signed parts in the order in which they are joined. */
  readonly parts: readonly SignedPart[];
  /** Text between two parts. */
  readonly separator: string;
  readonly time: (typeof TIME_FORMS)[number];
  readonly encoding: (typeof SIGNATURE_ENCODINGS)[number];
  readonly place: (typeof SIGNATURE_PLACES)[number];
}

/** Everything that is known of a venue before its documentation is read row by row. */
export interface VenueChoices {
  /** Name in the names of connectors, for example `acme`. */
  readonly name: string;
  /** Name for people, for example `Acme`. */
  readonly displayName: string;
  readonly exampleTradingPair: string;
  /** The first is the default: `<name>_perpetual`. */
  readonly domains: readonly [Domain, ...Domain[]];
  /** Names in the order in which people are asked. */
  readonly credentials: readonly CredentialName[];
  readonly signing: SigningScheme;
  readonly envelope: (typeof ENVELOPES)[number];
  readonly continuity: (typeof CONTINUITY_RULES)[number];
  readonly sizeUnit: (typeof SIZE_UNITS)[number];
  /** True where the size of a sale is negative, and no field tells the side. */
  readonly hasSignedSizes: boolean;
  readonly access: (typeof STREAM_ACCESSES)[number];
  readonly hasServerTime: boolean;
  readonly positionModes: (typeof POSITION_MODES)[number];
}

/** `repository`: a venue beside the others. `package`: one outside, that imports `perpwire/venue`. */
export type Target = "repository" | "package";

/** `acme_pro` is `acme-pro`: the name of folders and of a package. */
export function dashedName(name: string): string {
  return name.replaceAll("_", "-");
}

/** `acme_pro` is `AcmePro`. */
export function pascalCase(name: string): string {
  return name
    .split("_")
    .map((word) => `${word.slice(0, 1).toUpperCase()}${word.slice(1)}`)
    .join("");
}

/** `acme_pro` is `acmePro`. */
export function camelCase(name: string): string {
  const pascal = pascalCase(name);
  return `${pascal.slice(0, 1).toLowerCase()}${pascal.slice(1)}`;
}

/** Prefix of headers: `acme_pro` gives `ACMEPRO`. */
export function headerPrefix(name: string): string {
  return name.replaceAll("_", "").toUpperCase();
}

/** Expression of a list of credentials, as the manifest and the registry have it. */
export function credentialList({ credentials }: Pick<VenueChoices, "credentials">): string {
  const [first, second, ...others] = credentials;
  const isUsual = first === "apiKey" && second === "apiSecret";
  if (isUsual && others.length === 0) return "KEY_AND_SECRET";
  const names = (isUsual ? others : credentials).map((name) => CREDENTIALS[name]);
  return `[${[...(isUsual ? ["...KEY_AND_SECRET"] : []), ...names].join(", ")}]`;
}
