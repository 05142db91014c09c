import { createHmac, timingSafeEqual } from "node:crypto";
import { parseIsoTime } from "../../../model/time.ts";
import type { ServerRequest } from "../../../runtime/runtime.ts";
import { type AccountDirectory, type Login, PAPER_PASSPHRASE } from "../accounts.ts";
import { textOf } from "../json-fields.ts";
import { OkxError } from "./errors.ts";

/** A request is refused when its time is further than this from the venue's (docs v5, REST authentication). */
const WINDOW_MS = 30_000;
const SOCKET_PATH = "/users/self/verify";

export function signatureOf(secret: string, text: string): string {
  return createHmac("sha256", secret).update(text, "utf8").digest("base64");
}

const unauthorized = (code: string, message: string) => new OkxError(code, message, 401);

const HEADERS = [
  ["ok-access-key", "50103", "OK-ACCESS-KEY"],
  ["ok-access-passphrase", "50104", "OK-ACCESS-PASSPHRASE"],
  ["ok-access-sign", "50106", "OK-ACCESS-SIGN"],
  ["ok-access-timestamp", "50107", "OK-ACCESS-TIMESTAMP"],
] as const;

/** Returns who signed the request; throws what OKX would answer. `x-simulated-trading` changes nothing here. */
export function authenticate(request: ServerRequest, accounts: AccountDirectory, nowMs: number): Login {
  const { headers, method, target, body } = request;
  for (const [name, code, title] of HEADERS) {
    if (!headers[name]) throw unauthorized(code, `Request header "${title}" cannot be empty.`);
  }
  const timestamp = headers["ok-access-timestamp"] ?? "";
  const timeMs = readTime(timestamp);
  if (timeMs === undefined) throw unauthorized("50112", "Invalid OK-ACCESS-TIMESTAMP");
  if (Math.abs(timeMs - nowMs) > WINDOW_MS) throw unauthorized("50102", "Timestamp request expired");
  const apiKey = headers["ok-access-key"] ?? "";
  const key = accounts.key(apiKey);
  const login = accounts.loginOf(apiKey);
  if (key === undefined || login === undefined) throw unauthorized("50111", "Invalid OK-ACCESS-KEY");
  const expected = signatureOf(key.apiSecret, `${timestamp}${method.toUpperCase()}${target}${body}`);
  if (!sameText(expected, headers["ok-access-sign"] ?? "")) throw unauthorized("50113", "Invalid Sign");
  if (!sameText(key.passphrase ?? PAPER_PASSPHRASE, headers["ok-access-passphrase"] ?? "")) {
    throw unauthorized("50105", 'Request header "OK-ACCESS-PASSPHRASE" incorrect.');
  }
  return login;
}

/** ISO text with milliseconds, in UTC: `2020-12-08T09:08:57.715Z`. */
function readTime(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z$/.test(text)) return undefined;
  return parseIsoTime(text);
}

/** The first of the `args` of a WebSocket `login`; its timestamp is in seconds. Throws what OKX would answer. */
export function authenticateSocket(
  credentials: Readonly<Record<string, unknown>>,
  accounts: AccountDirectory,
  nowMs: number,
): Login {
  const { apiKey, passphrase, timestamp, sign } = credentials;
  const empty = (name: string) => new OkxError("60027", `Parameter ${name} can not be empty.`);
  if (typeof apiKey !== "string" || apiKey === "") throw empty("apiKey");
  if (typeof sign !== "string" || sign === "") throw empty("sign");
  if (typeof passphrase !== "string" || passphrase === "") throw empty("passphrase");
  const seconds = textOf(timestamp);
  if (!/^\d{1,12}(\.\d{1,6})?$/.test(seconds)) throw new OkxError("60004", "Invalid timestamp");
  const key = accounts.key(apiKey);
  const login = accounts.loginOf(apiKey);
  if (key === undefined || login === undefined) throw new OkxError("60005", "Invalid apiKey");
  if (Math.abs(Number(seconds) * 1_000 - nowMs) > WINDOW_MS) throw new OkxError("60006", "Timestamp request expired");
  if (!sameText(signatureOf(key.apiSecret, `${seconds}GET${SOCKET_PATH}`), sign)) {
    throw new OkxError("60007", "Invalid sign");
  }
  if (!sameText(key.passphrase ?? PAPER_PASSPHRASE, passphrase)) throw new OkxError("60024", "Wrong passphrase");
  return login;
}

function sameText(expected: string, given: string): boolean {
  const left = Buffer.from(expected);
  const right = Buffer.from(given);
  return left.length === right.length && timingSafeEqual(left, right);
}
