import type { Random, ServerRequest, ServerResponse } from "../runtime/runtime.ts";
import { type GatePorts, traceOf } from "./fault-gate.ts";
import type { FaultPolicy } from "./fault-policy.ts";
import type { PaperProtocol, RequestFault, RequestKind } from "./protocols/paper-protocol.ts";
import { splitTarget } from "./protocols/request-target.ts";
import { withFewerLevels, withoutYoungRows, withUnreadableRow } from "./spoil.ts";

/** Functions of the API with which the gate spoils a request as the venue itself would. */
export interface RequestPassage {
  readonly kind: RequestKind;
  answer(request: ServerRequest): ServerResponse | Promise<ServerResponse>;
  readonly api: Pick<PaperProtocol, "failure" | "maintenance" | "banned" | "nothingFound">;
  /** The venue went down since the request came in. */
  isDown(): boolean;
}

const RESET: ServerResponse = { status: 503, body: "", reset: true };
const BAN_MS: readonly [least: number, most: number] = [2_000, 5_000];
/** Longest time that an answer waits for one that comes before it. */
const MAX_HELD_MS = 1_000;

/** The one place where requests pass, and their responses. */
export class RequestGate {
  readonly #policy: FaultPolicy;
  readonly #ports: GatePorts;
  /** Time until when (monotonic) addresses are banned. */
  readonly #bannedUntil = new Map<string, number>();
  /** Lets an answer go that waits for the next one. */
  #letGo: (() => void) | undefined;

  constructor(policy: FaultPolicy, ports: GatePorts) {
    this.#policy = policy;
    this.#ports = ports;
  }

  pass(request: ServerRequest, passage: RequestPassage): ServerResponse | Promise<ServerResponse> {
    if (!this.#isOpen()) return this.#passWatched(request, passage);
    if (passage.isDown()) return RESET;
    const answered = answerOrLog(request, this.#ports, passage);
    return answered instanceof Promise ? this.#finish(request, passage, answered) : answered;
  }

  /** Tells that nothing can befall a request, as is usual. */
  #isOpen(): boolean {
    return this.#policy.isQuiet && this.#bannedUntil.size === 0 && this.#letGo === undefined;
  }

  async #passWatched(request: ServerRequest, passage: RequestPassage): Promise<ServerResponse> {
    const policy = this.#policy;
    await this.#delay(policy.latencyMs());
    if (passage.isDown()) return RESET;
    const refused = this.#refuse(request, passage);
    if (refused !== undefined) return refused;
    const fault = policy.requestFault(passage.kind);
    if (fault === "error418") this.#ban(request.remoteAddress);
    const banned = fault === "error418" ? this.#banned(request, passage) : undefined;
    if (banned !== undefined) return banned;
    if (fault === "resetBefore") return RESET;
    if (fault === "error429") {
      return passage.api.failure(429, "Slow down", policy.tellsRetryAfter() ? { "retry-after": "1" } : undefined);
    }
    if (fault === "error5xxBefore") return serverError(this.#ports.random, passage, true);
    return this.#finish(request, passage, answerOrLog(request, this.#ports, passage), fault);
  }

  async #finish(
    request: ServerRequest,
    passage: RequestPassage,
    answered: ServerResponse | Promise<ServerResponse>,
    fault?: RequestFault,
  ): Promise<ServerResponse> {
    const policy = this.#policy;
    const response = this.#spoil(request, passage, await answered);
    await this.#delay(policy.latencyMs());
    await this.#delay(policy.happens("delayAnswer") ? policy.lateMs() : 0);
    await this.#swap();
    if (passage.isDown() || (fault === "resetAfter" && isDone(response))) return RESET;
    return fault === "error5xxAfter" ? serverError(this.#ports.random, passage, false) : response;
  }

  /** Refuses a request without a look at it. */
  #refuse(request: ServerRequest, passage: RequestPassage): ServerResponse | undefined {
    const { kind, api } = passage;
    const isOfAccount = kind !== "public" && kind !== "snapshot";
    const closed = isOfAccount && this.#policy.isInMaintenance() ? api.maintenance?.() : undefined;
    return this.#banned(request, passage) ?? closed;
  }

  #ban(address: string): void {
    const [least, most] = BAN_MS;
    const forMs = least + this.#ports.random.float() * (most - least);
    this.#bannedUntil.set(address, this.#ports.clock.monotonic() + forMs);
  }

  /** The answer to an address that is banned, where the protocol has such. */
  #banned({ remoteAddress }: ServerRequest, { api }: RequestPassage): ServerResponse | undefined {
    const leftMs = (this.#bannedUntil.get(remoteAddress) ?? 0) - this.#ports.clock.monotonic();
    return leftMs > 0 ? api.banned?.(remoteAddress, leftMs) : undefined;
  }

  #spoil(request: ServerRequest, { kind, api }: RequestPassage, response: ServerResponse): ServerResponse {
    const isRead = kind === "public" || kind === "private" || kind === "snapshot";
    if (response.status !== 200 || !isRead) return response;
    const policy = this.#policy;
    let { body } = response;
    if (kind === "private" && policy.happens("missingRows")) {
      const sinceMs = this.#ports.clock.now() + policy.clockSkewMs - policy.lateMs();
      const { text, isNothing } = withoutYoungRows(body, sinceMs);
      const nothing = isNothing ? api.nothingFound?.(request) : undefined;
      if (nothing !== undefined) return nothing;
      body = text;
    }
    if (kind === "snapshot" && policy.happens("shallowSnapshot")) body = withFewerLevels(body, this.#ports.random);
    if (policy.happens("unreadableRow")) body = withUnreadableRow(body, this.#ports.random);
    return { ...response, body };
  }

  /** Lets the answer that waits go right after this one, or this one wait for the next. */
  async #swap(): Promise<void> {
    const { timers } = this.#ports;
    const letGo = this.#letGo;
    if (letGo !== undefined) {
      this.#letGo = undefined;
      timers.after(1, letGo, { background: true });
    } else if (this.#policy.happens("swapAnswers")) {
      await new Promise<void>((resolve) => {
        this.#letGo = resolve;
        const go = () => {
          if (this.#letGo === resolve) this.#letGo = undefined;
          resolve();
        };
        timers.after(MAX_HELD_MS, go, { background: true });
      });
    }
  }

  async #delay(delayMs: number): Promise<void> {
    if (delayMs > 0) await this.#ports.timers.sleep(delayMs);
  }
}

/** Gate answers 201 to a create. */
const isDone = ({ status }: ServerResponse): boolean => status >= 200 && status < 300;

/** An error that is no refusal of the protocol is a bug of the box: logged, and answered as a fault of the venue. */
export function answerOrLog(
  request: ServerRequest,
  { logger }: Pick<GatePorts, "logger">,
  passage: { readonly answer: RequestPassage["answer"]; readonly api: Pick<PaperProtocol, "failure"> },
): ServerResponse | Promise<ServerResponse> {
  const fail = (error: unknown) => {
    const { path } = splitTarget(request.target);
    logger.error("a request was not answered", { method: request.method, path, error: traceOf(error) });
    return passage.api.failure(500, "Internal Error");
  };
  try {
    const answer = passage.answer(request);
    return answer instanceof Promise ? answer.catch(fail) : answer;
  } catch (error) {
    return fail(error);
  }
}

/** Half of them come from the venue, half from a gateway before it, which does not speak its JSON. */
function serverError(random: Random, { api }: RequestPassage, hadNoEffect: boolean): ServerResponse {
  if (random.integer(2) === 0) return api.failure(500, "Internal Error", undefined, hadNoEffect);
  return { status: 503, headers: { "content-type": "text/html" }, body: "<html>503 Service Unavailable</html>" };
}
