import {
  AbortError,
  AuthError,
  ConfigError,
  NotFoundError,
  PerpwireError,
  type PerpwireErrorOptions,
  ProtocolError,
  RateLimitError,
  TransportError,
  VenueUnavailableError,
} from "../../model/error.ts";

/** An error as it crosses threads: its class by the name, and its facts. */
export interface ErrorText {
  readonly name: string;
  readonly message: string;
  readonly options: PerpwireErrorOptions;
  readonly bytesMayHaveLeft: boolean;
}

const CLASSES: Readonly<Record<string, typeof PerpwireError>> = {
  AuthError,
  ConfigError,
  NotFoundError,
  ProtocolError,
  RateLimitError,
  VenueUnavailableError,
};

export function textOfError(error: unknown): ErrorText {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof PerpwireError)) return { name: "Error", message, options: {}, bytesMayHaveLeft: true };
  const { name, code, retry, outcome, venue, venueCode, hint } = error;
  const bytesMayHaveLeft = error instanceof TransportError && error.bytesMayHaveLeft;
  return { name, message, options: { code, retry, outcome, venue, venueCode, hint }, bytesMayHaveLeft };
}

export function errorOfText({ name, message, options, bytesMayHaveLeft }: ErrorText): Error {
  if (name === "Error") return new Error(message);
  if (name === "AbortError") return new AbortError(message, options);
  if (name === "TransportError") return new TransportError(message, { ...options, bytesMayHaveLeft });
  return new (CLASSES[name] ?? PerpwireError)(message, options);
}
