import { ConfigError } from "../model/error.ts";
import { wordTable } from "../model/word-table.ts";
import type { Random } from "../runtime/runtime.ts";

/** A channel that falls silent, from the moment that this is set, while its connections stay up. */
export interface DeadChannel {
  /** As on the wire, for example `orderbook`. */
  readonly channel: string;
  /** As on the wire, for example `BTC-PERP`; all markets when absent. */
  readonly market?: string | undefined;
  /** Milliseconds, whoever subscribes meanwhile; when absent, until a client subscribes anew. */
  readonly forMs?: number | undefined;
}

/**
 * What goes wrong on purpose. Every number without a unit in its name is a probability from 0 to 1; what is absent does
 * not happen. The venue's own state is never wrong: only what clients get to see of it.
 */
export interface FaultConfig {
  /** Delay of each request, each response and each frame, one way, in milliseconds. Frames keep their order. */
  readonly latencyMs?: readonly [least: number, most: number] | undefined;
  /** A frame with data is lost, on private channels too. */
  readonly dropFrame?: number | undefined;
  /** A frame with data is sent twice. */
  readonly repeatFrame?: number | undefined;
  /** A probability for each frame that its channel falls silent on that connection, or one channel that does now. */
  readonly deadChannel?: number | DeadChannel | undefined;
  /** A book update arrives without one of its levels, so that the checksum does not fit. */
  readonly breakSequence?: number | undefined;
  /** A request to place an order takes effect, and the connection is reset before the answer. */
  readonly resetAfterAccept?: number | undefined;
  /** A request is answered with a 5xx: half of them before it had effect, half of them after. */
  readonly error5xx?: number | undefined;
  /** A request is answered with a 429 and has no effect. */
  readonly error429?: number | undefined;
  /** The venue's clock is ahead of the true time by this. */
  readonly clockSkewMs?: number | undefined;
  /** For each connection and second, the probability that it breaks. */
  readonly disconnect?: number | undefined;
  /** For each second, the probability that the listen keys which are alive expire; for protocols that have such. */
  readonly expireListenKey?: number | undefined;
  /** An amend that was accepted is refused by the matching engine; for protocols that answer before it has looked. */
  readonly refuseAmend?: number | undefined;
  /** The venue restarts this often. */
  readonly restartEveryMs?: number | undefined;
}

/** Everything at once, at rates that a bad day has; what `--chaos` turns on. */
export const CHAOS: FaultConfig = {
  latencyMs: [1, 40],
  dropFrame: 0.002,
  repeatFrame: 0.005,
  deadChannel: 0.000_2,
  breakSequence: 0.001,
  resetAfterAccept: 0.03,
  error5xx: 0.01,
  error429: 0.01,
  disconnect: 0.01,
  expireListenKey: 0.005,
  restartEveryMs: 60_000,
};

const PROBABILITIES = [
  "dropFrame",
  "repeatFrame",
  "deadChannel",
  "breakSequence",
  "resetAfterAccept",
  "error5xx",
  "error429",
  "disconnect",
  "expireListenKey",
  "refuseAmend",
] as const;
const MILLISECONDS: Readonly<Record<string, "clockSkewMs" | "restartEveryMs">> = wordTable({
  clockSkew: "clockSkewMs",
  clockSkewMs: "clockSkewMs",
  restartEvery: "restartEveryMs",
  restartEveryMs: "restartEveryMs",
});
const FAULT_NAMES = ["latency", ...PROBABILITIES, "clockSkew", "restartEvery"].join(", ");

type Fields = { -readonly [Key in keyof FaultConfig]: FaultConfig[Key] };

/**
 * Reads `latency=5..50,dropFrame=0.001,deadChannel=orderbook:BTC-PERP:5000`; `chaos` stands for the preset and what
 * follows it overrides. Throws `ConfigError` that names the part which is wrong.
 */
export function parseFaults(text: string): FaultConfig {
  const config: Fields = {};
  for (const part of text.split(",").map((piece) => piece.trim())) {
    if (part === "") continue;
    if (part === "chaos") Object.assign(config, CHAOS);
    else readFault(config, part);
  }
  return validateFaults(config);
}

function readFault(config: Fields, part: string): void {
  const [name = "", value] = part.split("=", 2).map((piece) => piece.trim());
  if (value === undefined || value === "") throw wrong(`fault "${part}" has no value`, "write name=value");
  if (name === "latency" || name === "latencyMs") {
    config.latencyMs = readRange(value);
    return;
  }
  if (name === "deadChannel" && Number.isNaN(Number(value))) {
    config.deadChannel = readDeadChannel(value);
    return;
  }
  const field = PROBABILITIES.find((known) => known === name) ?? MILLISECONDS[name];
  if (field === undefined) throw wrong(`there is no fault "${name}"`, `known are ${FAULT_NAMES}`);
  config[field] = Number(value);
}

function readRange(value: string): readonly [number, number] {
  const [least = Number.NaN, most = least] = value.split("..").map(Number);
  return [least, most];
}

function readDeadChannel(value: string): DeadChannel {
  const [channel = "", market, forMs] = value.split(":");
  return {
    channel,
    ...(market === undefined || market === "" ? {} : { market }),
    ...(forMs === undefined ? {} : { forMs: Number(forMs) }),
  };
}

/** Checks a configuration, for example one that came as JSON. Throws `ConfigError`. */
export function validateFaults(config: unknown): FaultConfig {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw wrong("faults must be an object", `known are ${FAULT_NAMES}`);
  }
  const checked: Fields = {};
  for (const [name, value] of Object.entries(config)) if (value !== undefined) checkFault(checked, name, value);
  return checked;
}

function checkFault(config: Fields, name: string, value: unknown): void {
  if (name === "latencyMs") config.latencyMs = checkRange(value);
  else if (name === "deadChannel" && typeof value === "object") config.deadChannel = checkDeadChannel(value);
  else if (name === "clockSkewMs") config.clockSkewMs = checkNumber(name, value, Number.NEGATIVE_INFINITY);
  else if (name === "restartEveryMs") config.restartEveryMs = checkNumber(name, value, MIN_RESTART_MS);
  else {
    const probability = PROBABILITIES.find((known) => known === name);
    if (probability === undefined) throw wrong(`there is no fault "${name}"`, `known are ${FAULT_NAMES}`);
    const number = checkNumber(name, value, 0);
    if (number > 1) throw wrong(`${name} is ${number}`, "it is a probability, from 0 to 1");
    config[probability] = number;
  }
}

const MIN_RESTART_MS = 1_000;

function checkNumber(name: string, value: unknown, least: number): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(`${name} is not a number`, "give one");
  if (value < least) throw wrong(`${name} is ${value}`, `it is at least ${least}`);
  return value;
}

function checkRange(value: unknown): readonly [number, number] {
  const [least, most] = Array.isArray(value) ? value : [];
  if (typeof least !== "number" || typeof most !== "number" || !(least >= 0 && least <= most && most < 1e6)) {
    throw wrong("latency is not a range of milliseconds", "write latency=5..50");
  }
  return [least, most];
}

function checkDeadChannel(value: object | null): DeadChannel {
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { channel, market, forMs } = fields;
  const isValid =
    typeof channel === "string" &&
    channel !== "" &&
    (market === undefined || typeof market === "string") &&
    (forMs === undefined || (typeof forMs === "number" && forMs > 0));
  if (!isValid) {
    throw wrong("deadChannel names no channel", "write deadChannel=0.001 or deadChannel=orderbook:BTC-PERP:5000");
  }
  return {
    channel,
    ...(typeof market === "string" ? { market } : {}),
    ...(typeof forMs === "number" ? { forMs } : {}),
  };
}

function wrong(message: string, hint: string): ConfigError {
  return new ConfigError(message, { code: "FAULTS", hint });
}

export type RequestFault = "error429" | "error5xxBefore" | "error5xxAfter" | "resetAfterAccept";

/** Live control over what goes wrong; the runtime's random numbers decide when. */
export class FaultPolicy {
  readonly #random: Random;
  readonly #monotonicMs: () => number;
  #config: FaultConfig = {};
  #setMs = 0;

  constructor(random: Random, monotonicMs: () => number, config: FaultConfig = {}) {
    this.#random = random;
    this.#monotonicMs = monotonicMs;
    this.set(config);
  }

  get config(): FaultConfig {
    return this.#config;
  }

  /** Replaces everything that was set before. Throws `ConfigError`. */
  set(config: FaultConfig): void {
    this.#config = validateFaults(config);
    this.#setMs = this.#monotonicMs();
  }

  clear(): void {
    this.set({});
  }

  get clockSkewMs(): number {
    return this.#config.clockSkewMs ?? 0;
  }

  /** How long the next message is under way. */
  latencyMs(): number {
    const { latencyMs } = this.#config;
    if (latencyMs === undefined) return 0;
    return latencyMs[0] + this.#random.float() * (latencyMs[1] - latencyMs[0]);
  }

  happens(
    name:
      | "dropFrame"
      | "repeatFrame"
      | "breakSequence"
      | "disconnect"
      | "deadChannel"
      | "expireListenKey"
      | "refuseAmend",
  ): boolean {
    const probability = this.#config[name];
    return typeof probability === "number" && this.#happensWith(probability);
  }

  /** What befalls a request; `placesOrder` says that it is one whose answer may get lost. */
  requestFault(placesOrder: boolean): RequestFault | undefined {
    if (this.#happensWith(this.#config.error429)) return "error429";
    if (this.#happensWith(this.#config.error5xx)) {
      return this.#random.integer(2) === 0 ? "error5xxBefore" : "error5xxAfter";
    }
    return placesOrder && this.#happensWith(this.#config.resetAfterAccept) ? "resetAfterAccept" : undefined;
  }

  /** Whether a channel that was subscribed at `subscribedMs` (monotonic) is silenced now. */
  isSilenced(channel: string, market: string | null, subscribedMs: number): boolean {
    const dead = this.#config.deadChannel;
    if (typeof dead !== "object" || dead.channel !== channel) return false;
    if (dead.market !== undefined && dead.market !== market) return false;
    if (dead.forMs === undefined) return subscribedMs <= this.#setMs;
    return this.#monotonicMs() < this.#setMs + dead.forMs;
  }

  #happensWith(probability: number | undefined): boolean {
    return probability !== undefined && probability > 0 && this.#random.float() < probability;
  }
}
