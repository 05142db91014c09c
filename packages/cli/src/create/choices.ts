/** Pieces that a signature is made over. `target` is the path with its query, `window` how long it is valid. */
export const SIGNED_PARTS = ["timestamp", "key", "window", "method", "path", "query", "target", "body"] as const;
export type SignedPart = (typeof SIGNED_PARTS)[number];

export const SIGNATURE_ENCODINGS = ["hex", "base64"] as const;
export const SIGNATURE_PLACES = ["header", "query"] as const;

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
] as const;

/** Ways to open the private stream. */
export const STREAM_ACCESSES = ["login", "listen-key"] as const;

/** `hedge`: one-way and hedge mode. */
export const POSITION_MODES = ["one-way", "hedge"] as const;

export interface Domain {
  /** The connector name that stands for it. */
  readonly name: string;
  readonly restUrl: string;
  readonly webSocketUrl: string;
}

export interface SigningScheme {
  /** Signed parts in the order in which they are joined, without separators. */
  readonly parts: readonly SignedPart[];
  readonly encoding: (typeof SIGNATURE_ENCODINGS)[number];
  readonly place: (typeof SIGNATURE_PLACES)[number];
}

/** Everything that is known of a venue before its documentation is read row by row. */
export interface VenueChoices {
  /** Name of the folder, for example `acme`. */
  readonly name: string;
  /** Name for people, for example `Acme`. */
  readonly displayName: string;
  readonly exampleTradingPair: string;
  /** The first is the default: `<name>_perpetual`. */
  readonly domains: readonly [Domain, ...Domain[]];
  readonly signing: SigningScheme;
  readonly envelope: (typeof ENVELOPES)[number];
  readonly continuity: (typeof CONTINUITY_RULES)[number];
  readonly access: (typeof STREAM_ACCESSES)[number];
  readonly hasServerTime: boolean;
  readonly positionModes: (typeof POSITION_MODES)[number];
}

/** `repository`: a venue beside the others. `package`: one outside, that imports `perpwire/venue`. */
export type Target = "repository" | "package";

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
