import { AuthError } from "../model/error.ts";
import { type Logger, SILENT_LOGGER } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Authenticator, PreparedRequest } from "./auth.ts";
import { ConnectionAttempts } from "./connection-attempts.ts";
import { parseJson } from "./json.ts";
import { LoginTime } from "./login-time.ts";
import { OrderSocket, type OrderSocketConventions } from "./order-socket.ts";
import {
  type RequestMetrics,
  RestAssistant,
  type RestAssistantOptions,
  type RestConventions,
  type RestPostProcessor,
  type RestPreProcessor,
} from "./rest-assistant.ts";
import type { RestRequest } from "./rest-request.ts";
import type { Throttler } from "./throttler.ts";
import type { AcquireOptions } from "./throttler-options.ts";
import { TimeSynchronizer } from "./time-synchronizer.ts";
import { WsAssistant } from "./ws-assistant.ts";
import type { Heartbeat } from "./ws-heartbeat.ts";

export interface WebAssistantsFactoryOptions {
  readonly runtime: Runtime;
  readonly throttler: Throttler;
  readonly authenticator?: Authenticator | undefined;
  /** Synchroniser of time; made when absent. One that is given is synchronised by the caller alone. */
  readonly timeSynchronizer?: TimeSynchronizer | undefined;
  readonly webUtils: RestConventions;
  readonly restPreProcessors?: readonly RestPreProcessor[] | undefined;
  readonly restPostProcessors?: readonly RestPostProcessor[] | undefined;
  readonly wsPreProcessors?: readonly ((payload: unknown) => unknown)[] | undefined;
  readonly wsPostProcessors?: readonly ((text: string) => string)[] | undefined;
  /** Makes JSON of a message that is none; not called for one that begins with `{`. */
  readonly quoteText?: ((text: string) => string) | undefined;
  /** Asks the venue for its time, through an assistant without the time synchronizer's pre-processor. */
  readonly updateServerTime?: (() => Promise<void>) | undefined;
  /** Default 10 s. */
  readonly defaultTimeoutMs?: number | undefined;
  readonly logger: Logger;
  readonly onRequest?: ((metrics: RequestMetrics) => void) | undefined;
  /** Requests about orders go over this socket while it is up; needs an authenticator. */
  readonly orderSocket?: OrderSocketSetup | undefined;
}

export interface OrderSocketSetup {
  readonly conventions: OrderSocketConventions;
  readonly url: string;
  readonly heartbeat: Heartbeat;
  /** The rate limit that new connections wait for. */
  readonly connectionLimitId?: string | undefined;
}

/** Makes the assistants of one connector, which share its throttler, clock and credentials. */
export class WebAssistantsFactory {
  readonly throttler: Throttler;
  readonly timeSynchronizer: TimeSynchronizer;
  /** Judge of refused logins. */
  readonly loginTime: LoginTime;
  readonly connectionAttempts: ConnectionAttempts;
  /** The connection that takes orders, to be run by the connector. */
  readonly orderSocket: OrderSocket | undefined;
  readonly #options: WebAssistantsFactoryOptions;
  readonly #restOptions: RestAssistantOptions;
  readonly #restAssistant: RestAssistant;

  constructor(options: WebAssistantsFactoryOptions) {
    const { runtime, throttler, authenticator, webUtils, logger, onRequest, defaultTimeoutMs } = options;
    this.throttler = throttler;
    this.timeSynchronizer = options.timeSynchronizer ?? new TimeSynchronizer({ clock: runtime.clock });
    this.#options = options;
    const { clock, timers } = runtime;
    const { timeSynchronizer } = this;
    const { updateServerTime } = options;
    this.loginTime = new LoginTime({ timeSynchronizer, updateServerTime, clock, timers, logger });
    this.connectionAttempts = new ConnectionAttempts({ clock, timers, random: runtime.random });
    this.orderSocket = this.#createOrderSocket();
    this.#restOptions = {
      http: runtime.http,
      clock: runtime.clock,
      timers: runtime.timers,
      throttler,
      webUtils,
      timeSynchronizer: this.timeSynchronizer,
      authenticator,
      preProcessors: options.restPreProcessors,
      postProcessors: options.restPostProcessors,
      resynchronizeTime: options.updateServerTime,
      defaultTimeoutMs,
      logger,
      onRequest,
      orderSocket: this.orderSocket,
    };
    this.#restAssistant = new RestAssistant(this.#restOptions);
  }

  /**
   * An assistant whose requests are made and signed as all are, and answered without a payload instead of being sent. It
   * takes no room of the venue's limits, but of a throttler of its own.
   */
  createRehearsal(throttler: Throttler): RestAssistant {
    const http = { request: async () => ({ status: 200, headers: {}, text: "" }), close: async () => undefined };
    const webUtils = { ...this.#restOptions.webUtils, unwrapResponse: () => undefined, rateLimitFeedback: () => [] };
    const { authenticator } = this.#restOptions;
    const signer = authenticator === undefined ? undefined : signingAtOnce(authenticator);
    const unheard = { logger: SILENT_LOGGER, onRequest: undefined, resynchronizeTime: undefined };
    return new RestAssistant({
      ...this.#restOptions,
      ...{ http, webUtils, throttler, authenticator: signer, orderSocket: undefined, postProcessors: undefined },
      ...unheard,
    });
  }

  #createOrderSocket(): OrderSocket | undefined {
    const { runtime, orderSocket, authenticator, logger } = this.#options;
    if (orderSocket === undefined || authenticator === undefined) return undefined;
    const { clock, timers, random } = runtime;
    const { conventions, url, heartbeat, connectionLimitId } = orderSocket;
    return new OrderSocket({
      ...{ conventions, url, heartbeat, authenticator, clock, timers, random, logger },
      loginTime: this.loginTime,
      parse: parseJson,
      createAssistant: () => this.getWsAssistant(),
      takeRoom: (request) => this.#takeRoom(conventions, request),
      // Orders go over REST meanwhile: its connection stands behind those that data comes from.
      connectionAllowed: (signal) => this.connectionAllowed(url, connectionLimitId, { signal, lane: "poll" }),
    });
  }

  /** Undefined where a connection may be made now, else a promise that resolves when attempts and the limit let it. */
  connectionAllowed(
    url: string | undefined,
    limitId: string | undefined,
    options: Pick<AcquireOptions, "signal" | "lane">,
  ): Promise<void> | undefined {
    const acquire = () => (limitId === undefined ? undefined : this.throttler.acquire(limitId, options));
    const turn = this.connectionAttempts.turn(url, options.signal);
    return turn === undefined ? acquire() : turn.then(acquire);
  }

  #takeRoom({ limitId, limitCountsOrders }: OrderSocketConventions, { lane, weight }: RestRequest): boolean {
    if (limitId === undefined) return true;
    return this.throttler.takeNow(limitId, { lane, weight: limitCountsOrders === true ? weight : undefined });
  }

  /** Returns the assistant, always the same one: it holds no state of a request. */
  getRestAssistant(): RestAssistant {
    return this.#restAssistant;
  }

  /** A new one for each connection. With `limitId`, its outgoing messages wait for that rate limit. */
  getWsAssistant(options: { readonly limitId?: string | undefined } = {}): WsAssistant {
    const { runtime, throttler, authenticator, webUtils, logger, wsPreProcessors, wsPostProcessors, quoteText } =
      this.#options;
    return new WsAssistant({
      webSocket: runtime.webSocket,
      clock: runtime.clock,
      timers: runtime.timers,
      authenticator,
      preProcessors: wsPreProcessors,
      postProcessors: wsPostProcessors,
      quoteText,
      logger,
      throttler,
      attempts: this.connectionAttempts,
      limitId: options.limitId,
      headers: webUtils.webSocketHeaders,
      isWelcome: webUtils.isWelcome && ((text) => webUtils.isWelcome?.(parseJson(text)) === true),
    });
  }
}

/** Signs as another one does, but refuses to wait: a person may have to agree to a signature, or a server to make it. */
function signingAtOnce(authenticator: Authenticator): Authenticator {
  const restAuthenticate = (request: PreparedRequest): PreparedRequest => {
    const signed = authenticator.restAuthenticate(request);
    if (!(signed instanceof Promise)) return signed;
    signed.catch(() => undefined);
    throw new AuthError("the signature does not come at once");
  };
  return Object.assign(Object.create(authenticator) as Authenticator, { restAuthenticate });
}

/**
 * Makes sure that the venue's time is known before the first request that is signed with it. `update` must use an
 * assistant without this pre-processor, for else the time would wait for itself; `updateServerTimeOffset` lets requests
 * at the same time share one update. A failed update fails the request, unsent.
 */
export function timeSynchronizerRestPreProcessor(
  synchronizer: TimeSynchronizer,
  update: () => Promise<void>,
): RestPreProcessor {
  return (request) => (request.isAuthRequired && !synchronizer.isSynchronized ? update().then(() => request) : request);
}
