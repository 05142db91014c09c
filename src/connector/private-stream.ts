import { ListenKeyLease } from "../account/listen-key.ts";
import { UserStreamDataSource } from "../account/user-stream-data-source.ts";
import { UserStreamTracker } from "../account/user-stream-tracker.ts";
import type { ListenKeyRequests } from "../account/venue-user-stream-data-source.ts";
import { type AuthError, ConfigError } from "../model/error.ts";
import type { ConnectorEvents } from "../model/event.ts";
import type { TypedEmitter } from "../model/typed-emitter.ts";
import { parseJson } from "../net/json.ts";
import type { UnreadableRow } from "../net/rows.ts";
import type { WebAssistantsFactory } from "../net/web-assistants-factory.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { MarketSide } from "./market-side.ts";
import type { PerpetualVenue } from "./perpetual-venue.ts";
import { addressesOf } from "./venue-sockets.ts";

export interface PrivateStreamOptions {
  readonly venue: PerpetualVenue;
  readonly runtime: Runtime;
  readonly factory: WebAssistantsFactory;
  readonly logger: Logger;
  readonly market: MarketSide;
  readonly onUnreadable: (row: UnreadableRow) => void;
  readonly events: TypedEmitter<ConnectorEvents>;
  /** Runs what hands over all that one message tells. */
  readonly inUnit: (work: () => void) => void;
  readonly onAuthFailure: (error: AuthError) => void;
  /** Called when the stream is up: events between the last poll and this moment may be on neither. */
  readonly onLive: () => void;
  readonly onInterruption: () => void;
}

/** The private stream of a venue's account, with its listen key where it has one. Throws `ConfigError` without a URL. */
export function createPrivateStream(options: PrivateStreamOptions): UserStreamTracker {
  const { venue, runtime, factory, logger, market, events } = options;
  const { onUnreadable, inUnit, onAuthFailure, onLive, onInterruption } = options;
  const { clock, timers, random } = runtime;
  const { userStreamDataSource: stream, webUtils, manifest } = venue;
  const url = webUtils.webSocketUrls[manifest.userStream.socket];
  const { socketAddress } = addressesOf(venue, () => market.context());
  if (url === undefined) throw new ConfigError(`${manifest.name} has no URL for its private stream`);
  const lease = stream.listenKey && createLease(options, stream.listenKey);
  const dataSource = new UserStreamDataSource({
    venue: stream,
    // Read with every message: they are made anew when the venue lists others.
    get markets() {
      return market.markets;
    },
    factory,
    streamUrl: (listenKey) => (listenKey === undefined ? url : url.replace("{listenKey}", listenKey)),
    socketAddress: socketAddress && ((signal) => socketAddress(manifest.userStream.socket, signal)),
    lease,
    parse: parseJson,
    heartbeat: manifest.heartbeat,
    // The private connection does not stand in line behind those of hundreds of markets.
    connectionAllowed: (signal) =>
      factory.connectionAllowed(url, manifest.webSocketConnectionLimitId, { signal, lane: "create" }),
    clock,
    timers,
    random,
    logger,
    onUnreadable,
    onChannel: (channel, reason) =>
      events.emit(reason === undefined ? "channelRestored" : "channelRefused", {
        ...{ tradingPair: undefined, channel, reason },
        timestampMs: clock.now(),
      }),
    inUnit,
    onAuthFailure,
    onLive,
    onInterruption,
  });
  const { intervalMs, timeoutMs } = manifest.heartbeat;
  return new UserStreamTracker({ dataSource, clock, maxSilenceMs: intervalMs + timeoutMs });
}

function createLease({ runtime, market, logger }: PrivateStreamOptions, requests: ListenKeyRequests): ListenKeyLease {
  const { clock, timers, random } = runtime;
  const context = (signal: AbortSignal) => ({ ...market.context(), signal });
  return new ListenKeyLease({ requests, context, clock, timers, random, logger });
}
