import type { ServerRequest, ServerResponse } from "../runtime/runtime.ts";
import { WEBSITE_HOST } from "./actors/stops.ts";
import type { EpisodeKind } from "./episodes.ts";
import type { Findings } from "./findings.ts";
import type { World } from "./world.ts";

/** Codes by which venues refuse a request that is one too many, where the status does not say it. */
const TOO_MANY = /"(?:retCode":10006|code":"500(?:11|61))/;

/**
 * Faults during which, and for a while after which, requests arrive in other intervals than they were sent in, a process
 * that starts knows nothing of what the one before it has sent, or the venue counts by a clock that is set, or not at all.
 */
const DISTURBING: ReadonlySet<EpisodeKind> = new Set<EpisodeKind>([
  ...(["slowVenue", "slowNetwork", "lateRequests", "pausedProcess", "closedLid", "partition"] as const),
  ...(["hangingConnections", "kill", "killInWrite", "powerCut", "fullDisk"] as const),
  ...(["tooManyRequests", "limitsWithoutTime", "bans", "maintenance", "venueRestart", "venueClock"] as const),
]);
/** The longest window that a venue counts over: a minute on Binance and Hyperliquid, ten seconds on Gate.io; some is added. */
const MAX_WINDOW_MS = {
  binance: 60_000,
  bybit: 10_000,
  okx: 10_000,
  ftx: 10_000,
  gate_io: 15_000,
  hyperliquid: 60_000,
} as const;
/** Headers that only questions of an account have; where none has, its questions are told by their body. */
const KEY_HEADERS = ["ftx-key", "x-bapi-api-key", "x-mbx-apikey", "ok-access-key", "key"] as const;
/** The longest window that FTX, where the website sends requests, counts what an account sends over. */
const HAND_WINDOW_MS = 1_000;
const START_MS = 5_000;
/** A request that fails so often in the quiet, each time in the same way, is sent for ever. */
const MAX_FAILURES = 20;
/**
 * Failures of one request during the quiet from which on it counts as repeated for ever: one every ten seconds for a
 * hundred seconds.
 */
const MAX_TIMES = 10;
/** Failures that follow one another faster are one time: a dozen orders are looked up together. */
const APART_MS = 5_000;

export interface AnswerWatchOptions {
  readonly world: World;
  readonly findings: Findings;
}

/** Looks at each answer of the venue: too much is never sent, and in the quiet nothing is refused for ever. */
export class AnswerWatch {
  readonly #options: AnswerWatchOptions;
  readonly #answered = new Map<string, Map<string, number>>();
  readonly #failures = new Map<string, number>();
  readonly #times = new Map<string, { count: number; lastMs: number }>();
  #disturbedUntilMs = 0;
  #isQuiet = false;

  constructor(options: AnswerWatchOptions) {
    this.#options = options;
  }

  /** An episode begins. A closed lid lasts four times as long as it says, and what was killed takes a while to start. */
  episode(kind: EpisodeKind, forMs: number): void {
    if (!DISTURBING.has(kind)) return;
    const { world } = this.#options;
    const untilMs = world.elapsedMs() + 4 * forMs + START_MS + MAX_WINDOW_MS[world.protocol.name];
    this.#disturbedUntilMs = Math.max(this.#disturbedUntilMs, untilMs);
  }

  /** Counts the answers to questions of the account from this machine, by path, or by path and type where one path takes all. */
  answered(host: string): ReadonlyMap<string, number> {
    return this.#answered.get(host) ?? new Map();
  }

  /** The last fault is over. */
  quiet(): void {
    this.#isQuiet = true;
  }

  note({ method, target, body, headers, remoteAddress }: ServerRequest, response: ServerResponse): void {
    const { world, findings } = this.#options;
    const { status } = response;
    const path = target.split("?")[0] ?? "";
    const subject = subjectOf(path, body);
    if (remoteAddress === WEBSITE_HOST) {
      // A stop that a hand sets counts for the account, and the bot does not know of it.
      this.#disturbedUntilMs = Math.max(this.#disturbedUntilMs, world.elapsedMs() + HAND_WINDOW_MS);
      return;
    }
    const isFailure = status >= 400 || FAILED.test(response.body);
    const isOfKey = method === "GET" && KEY_HEADERS.some((name) => headers[name] !== undefined);
    if (!isFailure && (isOfKey || OF_USER.test(body))) this.#countAnswer(remoteAddress, subject);
    const isRefusal = status === 429 || status === 418 || TOO_MANY.test(response.body);
    const isDisturbed = world.elapsedMs() < this.#disturbedUntilMs;
    if (isRefusal && !isDisturbed) {
      findings.add("no more is sent than the venue takes", `${method} ${subject}: ${response.body}`);
    }
    if (!this.#isQuiet || !isFailure) return;
    this.#failed(`${remoteAddress} ${method} ${withoutIds(subject)}`, `${status} ${response.body.slice(0, 300)}`);
    const what = `${remoteAddress} ${method} ${path} ${withoutProof(target, body)}`;
    const failures = (this.#failures.get(what) ?? 0) + 1;
    this.#failures.set(what, failures);
    if (failures === MAX_FAILURES)
      findings.add("nothing is sent for ever in the quiet", `${what}: ${status} ${response.body.slice(0, 300)}`);
  }

  /** A request had no answer. */
  lost(host: string, method: string, url: string): void {
    this.#failed(`${host} ${method} ${withoutIds(new URL(url).pathname)}`, "no answer");
  }

  /** A channel was refused. */
  refused(host: string, channel: string): void {
    this.#failed(`${host} subscribing to ${channel}`, "refused");
  }

  #countAnswer(host: string, path: string): void {
    const answers = this.#answered.get(host) ?? new Map<string, number>();
    this.#answered.set(host, answers.set(path, (answers.get(path) ?? 0) + 1));
  }

  #failed(what: string, how: string): void {
    if (!this.#isQuiet) return;
    const { world, findings } = this.#options;
    const nowMs = world.elapsedMs();
    const { count, lastMs } = this.#times.get(what) ?? { count: 0, lastMs: Number.NEGATIVE_INFINITY };
    if (nowMs - lastMs < APART_MS) return;
    this.#times.set(what, { count: count + 1, lastMs: nowMs });
    if (count + 1 === MAX_TIMES)
      findings.add("nothing is sent for ever in the quiet", `${what} at ${MAX_TIMES} times: ${how}`);
  }
}

/** Hyperliquid has one path for all questions and one for all actions; each begins with its type. */
const TYPED = /^\{(?:"action":\{)?"type":"(\w+)"/;
const OF_USER = /^\{"type".*"user":/;

/** Subject of a request: its path, and its type where many share a path. */
function subjectOf(path: string, body: string): string {
  const type = TYPED.exec(body)?.[1];
  return type === undefined ? path : `${path} ${type}`;
}

/** FTX has ids of orders in its paths. */
function withoutIds(path: string): string {
  return path.replaceAll(/\/(?:pw-[^/]+|\d+)(?=\/|$)/g, "/*");
}

/** Refusals within an answer of 200: Bybit's, OKX's and Hyperliquid's. */
const FAILED = /"(?:retCode":[1-9]|code":"[1-9]|status":"err"|error":")/;

const PROOF = /&?(?:timestamp|signature|recvWindow)=[^&]*|"(?:nonce|expiresAfter)":\d+|"signature":\{[^}]*\}/g;

/** Reduces a request to its subject, without the parts that differ from one time to the next. */
function withoutProof(target: string, body: string): string {
  return `${target.split("?")[1] ?? ""}${body}`.replaceAll(PROOF, "");
}
