import { TimeSyncError } from "../model/error.ts";
import type { RestConventions } from "./rest-assistant.ts";
import { TimeSynchronizer } from "./time-synchronizer.ts";
import type { VenueApi } from "./venue-api.ts";
import {
  timeSynchronizerRestPreProcessor,
  WebAssistantsFactory,
  type WebAssistantsFactoryOptions,
} from "./web-assistants-factory.ts";

export type ApiFactoryOptions = Omit<WebAssistantsFactoryOptions, "webUtils" | "updateServerTime">;

/** Asks a venue for its time, epoch milliseconds. */
export type ServerTimeRequest = (context: { readonly api: VenueApi }) => Promise<number>;

export interface ApiFactoriesOptions {
  readonly conventions: RestConventions;
  /** Request of the server time; absent where the venue has none. */
  readonly getCurrentServerTime?: ServerTimeRequest | undefined;
  /** Makes JSON of a message that is none, such as a bare `pong`. Not called for one that begins with `{`. */
  readonly quoteText?: ((text: string) => string) | undefined;
  /**
   * Adds what every message to a socket has to tell of its time (Gate.io): heartbeats and subscriptions, signed or not.
   * `nowMs` is the venue's time as far as known, epoch milliseconds.
   */
  readonly stampFrame?: ((message: unknown, nowMs: number) => unknown) | undefined;
}

/** Makers of a connector's assistants, in the checklist's names. */
export interface ApiFactories {
  isRequestExceptionRelatedToTimeSynchronizer(error: unknown): boolean;
  buildApiFactory(options: ApiFactoryOptions): WebAssistantsFactory;
  buildApiFactoryWithoutTimeSynchronizerPreProcessor(options: ApiFactoryOptions): WebAssistantsFactory;
}

export const isTimeSyncError = (error: unknown): boolean => error instanceof TimeSyncError;

/**
 * Builds the factories of a venue: one whose signed requests wait for the venue's time, and one whose requests do not,
 * which is what the time itself is asked through. Without a server time both are the same, and a refused time takes the
 * clock back to this machine's, which may have been put right meanwhile.
 */
export function createApiFactories(options: ApiFactoriesOptions): ApiFactories {
  const { conventions, getCurrentServerTime, quoteText, stampFrame } = options;
  const isAboutTime = (error: unknown): boolean =>
    isTimeSyncError(error) || conventions.isRequestExceptionRelatedToTimeSynchronizer?.(error) === true;
  const webUtils: RestConventions = { ...conventions, isRequestExceptionRelatedToTimeSynchronizer: isAboutTime };
  const build = (factory: ApiFactoryOptions, more: Partial<WebAssistantsFactoryOptions> = {}) => {
    const timeSynchronizer = more.timeSynchronizer ?? factory.timeSynchronizer;
    const now = () => timeSynchronizer?.time() ?? factory.runtime.clock.now();
    const stamp = stampFrame === undefined ? [] : [(message: unknown) => stampFrame(message, now())];
    const wsPreProcessors = [...(factory.wsPreProcessors ?? []), ...stamp];
    return new WebAssistantsFactory({ ...factory, webUtils, wsPreProcessors, quoteText, ...more });
  };
  if (getCurrentServerTime === undefined) {
    const buildWithoutTime = (factory: ApiFactoryOptions) => {
      const timeSynchronizer = factory.timeSynchronizer ?? new TimeSynchronizer({ clock: factory.runtime.clock });
      const updateServerTime = async () => timeSynchronizer.resetToWallClock();
      return build(factory, { timeSynchronizer, updateServerTime });
    };
    return {
      isRequestExceptionRelatedToTimeSynchronizer: isAboutTime,
      buildApiFactory: buildWithoutTime,
      buildApiFactoryWithoutTimeSynchronizerPreProcessor: buildWithoutTime,
    };
  }
  return {
    isRequestExceptionRelatedToTimeSynchronizer: isAboutTime,
    buildApiFactoryWithoutTimeSynchronizerPreProcessor: (factory) => build(factory),
    buildApiFactory(factory) {
      const plain = build({ ...factory, orderSocket: undefined });
      const { timeSynchronizer } = plain;
      const ask = () => getCurrentServerTime({ api: plain.getRestAssistant() });
      const updateServerTime = () => timeSynchronizer.updateServerTimeOffset(ask);
      const synchronize = timeSynchronizerRestPreProcessor(timeSynchronizer, updateServerTime);
      const restPreProcessors = [synchronize, ...(factory.restPreProcessors ?? [])];
      return build(factory, { timeSynchronizer, restPreProcessors, updateServerTime });
    },
  };
}
