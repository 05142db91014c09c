import { describeError, PerpwireError } from "../model/error.ts";
import { CONNECTOR_EVENT_NAMES, type ConnectorEventName, type ConnectorEvents } from "../model/event.ts";
import { assertKnownName } from "../model/names.ts";
import { stackFrames } from "../model/stack.ts";
import { atWholeMs } from "../model/time.ts";
import { TypedEmitter } from "../model/typed-emitter.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Runtime } from "../runtime/runtime.ts";
import { assertListener } from "./call-arguments.ts";

type Listener<Name extends ConnectorEventName> = (event: ConnectorEvents[Name]) => unknown;

/** Facts that are told after a crash if not before it. */
const OWED: ReadonlySet<ConnectorEventName> = new Set([
  "orderFilled",
  "orderCompleted",
  "orderCanceled",
  "orderExpired",
  "orderFailed",
  "fundingPayment",
]);

/** Events that say when this machine saw something: by its own clock. */
const STAMPED_HERE: ReadonlySet<ConnectorEventName> = new Set([
  "position",
  "balance",
  "bookInvalid",
  "bookHealed",
  "channelRefused",
  "channelSilent",
  "channelRestored",
  "gap",
  "unreadableRow",
  "marketUnavailable",
  "ready",
  "notReady",
  "error",
]);

/** Files through which a listener is called. */
const LISTENER_CALLS = /[\\/](typed-emitter|connector-events)\.[jt]s:/;

/** A connector's events, and what becomes of a listener that fails: a line in the log and an `error` event. */
export class ConnectorEventHub {
  readonly emitter: TypedEmitter<ConnectorEvents>;
  /** Resolves when the program listens to one of the facts that are told at least once. */
  readonly heard: Promise<void>;
  readonly #hear: () => void;
  readonly #logger: Logger;
  readonly #clock: Runtime["clock"];

  constructor(logger: Logger, { clock, isEnded }: Pick<Runtime, "clock" | "isEnded">) {
    this.#logger = logger;
    this.#clock = clock;
    const heard = Promise.withResolvers<void>();
    this.heard = heard.promise;
    this.#hear = heard.resolve;
    this.emitter = new TypedEmitter((error, name) => this.listenerFailed(name, error), isEnded);
  }

  /** Throws `ConfigError` for a name that no event has. */
  on<Name extends ConnectorEventName>(name: Name, listener: Listener<Name>): () => void {
    assertKnownName(name, CONNECTOR_EVENT_NAMES, "event");
    assertListener(listener, name);
    if (OWED.has(name)) this.#hear();
    return this.emitter.on(name, withWholeMs(name, listener));
  }

  once<Name extends ConnectorEventName>(name: Name, listener: Listener<Name>): () => void {
    assertKnownName(name, CONNECTOR_EVENT_NAMES, "event");
    assertListener(listener, name);
    if (OWED.has(name)) this.#hear();
    return this.emitter.once(name, withWholeMs(name, listener));
  }

  listenerFailed(of: string, cause: unknown): void {
    const at = stackFrames(cause, LISTENER_CALLS);
    this.#logger.error("a listener failed", { event: of, error: describeError(cause), ...(at.length > 0 && { at }) });
    // A listener of errors that fails is not told of its own failure, which it would meet with the next one.
    if (of === "error") return;
    const message = `a listener of ${of} failed: ${describeError(cause)}`;
    this.#tell(new PerpwireError(message, { code: "LISTENER_FAILED", cause }), of);
  }

  /** Background work of the connector has ended, which nothing starts again. */
  taskFailed(name: string, cause: unknown): void {
    const message = `${name} ended with an error: ${describeError(cause)}`;
    this.fault(cause instanceof PerpwireError ? cause : new PerpwireError(message, { code: "TASK_FAILED", cause }));
  }

  fault(error: PerpwireError): void {
    this.#tell(error, undefined);
  }

  #tell(error: PerpwireError, event: string | undefined): void {
    this.emitter.emit("error", { error, event, timestampMs: this.#clock.now() });
  }
}

function withWholeMs<Name extends ConnectorEventName>(name: Name, listener: Listener<Name>): Listener<Name> {
  if (!STAMPED_HERE.has(name)) return listener;
  return (event) => listener(atWholeMs(event));
}
