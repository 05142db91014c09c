import { ConfigError } from "../model/error.ts";
import { nearestName } from "../model/names.ts";
import { wordTable } from "../model/word-table.ts";
import { CHAOS, type DeadChannel, type FaultConfig, type Maintenance, type RetryAfter } from "./faults.ts";

export const PROBABILITIES = [
  "dropFrame",
  "repeatFrame",
  "reorderFrame",
  "delayFrame",
  "deadChannel",
  "breakSequence",
  "sequenceGap",
  "wrongChecksum",
  "staleSnapshot",
  "shallowSnapshot",
  "errorSnapshot",
  "unreadableRow",
  "missingRows",
  "latePrivate",
  "lateFill",
  "repeatFill",
  "resetBeforeAccept",
  "resetAfterAccept",
  "resetAfterEffect",
  "error5xx",
  "error429",
  "error418",
  "delayAnswer",
  "swapAnswers",
  "disconnect",
  "expireLogin",
  "expireListenKey",
  "refuseLogin",
  "refuseSubscription",
  "refuseAmend",
] as const satisfies readonly (keyof FaultConfig)[];
const RANGES: Readonly<Record<string, "latencyMs" | "lateMs">> = wordTable({
  latency: "latencyMs",
  latencyMs: "latencyMs",
  late: "lateMs",
  lateMs: "lateMs",
});
const MILLISECONDS: Readonly<Record<string, "clockSkewMs" | "restartEveryMs">> = wordTable({
  clockSkew: "clockSkewMs",
  clockSkewMs: "clockSkewMs",
  restartEvery: "restartEveryMs",
  restartEveryMs: "restartEveryMs",
});
const RETRY_AFTER: readonly RetryAfter[] = ["always", "sometimes", "never"];
/** Notation of faults: fields of a `FaultConfig` in a program or in JSON, words on the command line. */
type Writing = "fields" | "words";
const NAMES: Readonly<Record<Writing, readonly string[]>> = {
  fields: ["latencyMs", "lateMs", ...PROBABILITIES, "retryAfter", "clockSkewMs", "maintenance", "restartEveryMs"],
  words: ["latency", "late", ...PROBABILITIES, "retryAfter", "clockSkew", "maintenance", "restartEvery"],
};
const DEAD_CHANNELS: Readonly<Record<Writing, string>> = {
  fields: 'write deadChannel: 0.001 or deadChannel: { channel: "orderbook", market: "BTC-PERP", forMs: 5000 }',
  words: "write deadChannel=0.001 or deadChannel=orderbook:BTC-PERP:5000",
};
const MAINTENANCES: Readonly<Record<Writing, string>> = {
  fields: "write maintenance: { everyMs: 60000, forMs: 5000 }",
  words: "write maintenance=60000:5000",
};
const MIN_RESTART_MS = 1_000;

type Fields = { -readonly [Key in keyof FaultConfig]: FaultConfig[Key] };

/**
 * Reads `latency=5..50,dropFrame=0.001,deadChannel=orderbook:BTC-PERP:5000,maintenance=60000:5000`; `chaos` stands for the
 * preset and what follows it overrides. Throws `ConfigError` that names the part which is wrong.
 */
export function parseFaults(text: string): FaultConfig {
  const config: Record<string, unknown> = {};
  for (const part of text.split(",").map((piece) => piece.trim())) {
    if (part === "") continue;
    if (part === "chaos") Object.assign(config, CHAOS);
    else readFault(config, part);
  }
  return checkFaults(config, "words");
}

function readFault(config: Record<string, unknown>, part: string): void {
  const [name = "", value] = part.split("=", 2).map((piece) => piece.trim());
  if (value === undefined || value === "") throw wrong(`fault "${part}" has no value`, "write name=value");
  const range = RANGES[name];
  const field = PROBABILITIES.find((known) => known === name) ?? MILLISECONDS[name];
  if (range !== undefined) config[range] = readRange(value);
  else if (name === "deadChannel" && Number.isNaN(Number(value))) config.deadChannel = readDeadChannel(value);
  else if (name === "maintenance") config.maintenance = readMaintenance(value);
  else if (name === "retryAfter") config.retryAfter = value;
  else if (field !== undefined) config[field] = Number(value);
  else throw unknownFault(name, "words");
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

function readMaintenance(value: string): Maintenance {
  const [everyMs = Number.NaN, forMs = Number.NaN] = value.split(":").map(Number);
  return { everyMs, forMs };
}

/** Checks a configuration, for example one that came as JSON. Throws `ConfigError`. */
export function validateFaults(config: unknown): FaultConfig {
  return checkFaults(config, "fields");
}

function checkFaults(config: unknown, writing: Writing): FaultConfig {
  if (typeof config !== "object" || config === null || Array.isArray(config)) {
    throw wrong("faults must be an object", `known are ${NAMES[writing].join(", ")}`);
  }
  const checked: Fields = {};
  for (const [name, value] of Object.entries(config)) {
    if (value !== undefined) checkFault(checked, { name, writing }, value);
  }
  return checked;
}

interface Named {
  readonly name: string;
  readonly writing: Writing;
}

function checkFault(config: Fields, { name, writing }: Named, value: unknown): void {
  const written = writing === "fields" ? name : name.replace(/Ms$/, "");
  if (name === "latencyMs" || name === "lateMs") config[name] = checkRange({ name: written, writing }, value);
  else if (name === "deadChannel" && typeof value === "object") config.deadChannel = checkDeadChannel(value, writing);
  else if (name === "maintenance") config.maintenance = checkMaintenance(value, writing);
  else if (name === "retryAfter") config.retryAfter = checkRetryAfter(value);
  else if (name === "clockSkewMs") config.clockSkewMs = checkNumber(written, value, Number.NEGATIVE_INFINITY);
  else if (name === "restartEveryMs") config.restartEveryMs = checkNumber(written, value, MIN_RESTART_MS);
  else {
    const probability = PROBABILITIES.find((known) => known === name);
    if (probability === undefined) throw unknownFault(name, writing);
    const number = checkNumber(name, value, 0);
    if (number > 1) throw wrong(`${name} is ${number}`, "it is a probability, from 0 to 1");
    config[probability] = number;
  }
}

function checkNumber(name: string, value: unknown, least: number): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw wrong(`${name} is not a number`, "give one");
  if (value < least) throw wrong(`${name} is ${value}`, `it is at least ${least}`);
  return value;
}

function checkRange({ name, writing }: Named, value: unknown): readonly [number, number] {
  const [least, most] = Array.isArray(value) ? value : [];
  if (typeof least !== "number" || typeof most !== "number" || !(least >= 0 && least <= most && most < 1e6)) {
    const hint = writing === "fields" ? `write ${name}: [5, 50]` : `write ${name}=5..50`;
    throw wrong(`${name} is not a range of milliseconds`, hint);
  }
  return [least, most];
}

function checkDeadChannel(value: object | null, writing: Writing): DeadChannel {
  const fields: Readonly<Record<string, unknown>> = { ...value };
  const { channel, market, forMs, ...others } = fields;
  const isValid =
    typeof channel === "string" &&
    channel !== "" &&
    (market === undefined || typeof market === "string") &&
    (forMs === undefined || (typeof forMs === "number" && forMs > 0));
  if (!isValid) throw wrong("deadChannel names no channel", DEAD_CHANNELS[writing]);
  const [other] = Object.keys(others);
  if (other !== undefined) throw wrong(`deadChannel has no field "${other}"`, DEAD_CHANNELS[writing]);
  return {
    channel,
    ...(typeof market === "string" ? { market } : {}),
    ...(typeof forMs === "number" ? { forMs } : {}),
  };
}

function checkMaintenance(value: unknown, writing: Writing): Maintenance {
  const { everyMs, forMs }: Readonly<Record<string, unknown>> = typeof value === "object" ? { ...value } : {};
  if (typeof everyMs !== "number" || typeof forMs !== "number" || !(forMs > 0 && forMs <= everyMs && everyMs < 1e12)) {
    throw wrong("maintenance is not how often and for how long", MAINTENANCES[writing]);
  }
  return { everyMs, forMs };
}

function checkRetryAfter(value: unknown): RetryAfter {
  const known = RETRY_AFTER.find((word) => word === value);
  if (known === undefined)
    throw wrong(`retryAfter is not one of ${RETRY_AFTER.join(", ")}`, "it is always unless told");
  return known;
}

function unknownFault(name: string, writing: Writing): ConfigError {
  const nearest = nearestName(name, NAMES[writing]);
  const hint = nearest === undefined ? `known are ${NAMES[writing].join(", ")}` : `did you mean "${nearest}"?`;
  return wrong(`there is no fault "${name}"`, hint);
}

function wrong(message: string, hint: string): ConfigError {
  return new ConfigError(message, { code: "FAULTS", hint });
}
