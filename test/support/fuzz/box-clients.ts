import { createHash, createHmac } from "node:crypto";
import type { ProtocolName } from "../../../src/paper/protocols/protocols.ts";

export interface Credentials {
  readonly key: string;
  readonly secret: string;
  readonly passphrase: string;
}

export interface Draft {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly body: string;
}

const hmac = (secret: string, text: string, encoding: "hex" | "base64" = "hex") =>
  createHmac("sha256", secret).update(text).digest(encoding);

/** Signatures of the protocols, in a few lines each: they share no code with the box. */
export const SIGNERS: Readonly<
  Record<ProtocolName, (draft: Draft, by: Credentials, nowMs: number) => Readonly<Record<string, string>>>
> = {
  ftx: ({ method, path, query, body }, { key, secret }, nowMs) => {
    const ts = String(Math.floor(nowMs));
    const target = query === "" ? path : `${path}?${query}`;
    return { "ftx-key": key, "ftx-ts": ts, "ftx-sign": hmac(secret, `${ts}${method}${target}${body}`) };
  },
  bybit: ({ method, query, body }, { key, secret }, nowMs) => {
    const ts = String(Math.floor(nowMs));
    const signed = hmac(secret, `${ts}${key}5000${method === "GET" ? query : body}`);
    const recv = { "x-bapi-recv-window": "5000", "x-bapi-sign": signed };
    return { "x-bapi-api-key": key, "x-bapi-timestamp": ts, ...recv };
  },
  binance: (_, { key }) => ({ "x-mbx-apikey": key }),
  okx: ({ method, path, query, body }, { key, secret, passphrase }, nowMs) => {
    const ts = new Date(Math.floor(nowMs)).toISOString();
    const target = query === "" ? path : `${path}?${query}`;
    const signed = hmac(secret, `${ts}${method}${target}${body}`, "base64");
    const who = { "ok-access-key": key, "ok-access-passphrase": passphrase };
    return { ...who, "ok-access-timestamp": ts, "ok-access-sign": signed, "content-type": "application/json" };
  },
  gate_io: ({ method, path, query, body }, { key, secret }, nowMs) => {
    const timestamp = String(Math.floor(nowMs / 1_000));
    const hash = createHash("sha512").update(body).digest("hex");
    const text = [method, path, query, hash, timestamp].join("\n");
    return { key, timestamp, sign: createHmac("sha512", secret).update(text).digest("hex") };
  },
  // The signature is part of the body.
  hyperliquid: () => ({ "content-type": "application/json" }),
};

/** Binance's signature is one of the parameters. */
export function signedQuery(api: ProtocolName, query: string, { secret }: Credentials, nowMs: number): string {
  if (api !== "binance") return query;
  const timed = `${query}${query === "" ? "" : "&"}timestamp=${Math.floor(nowMs)}`;
  return `${timed}&signature=${hmac(secret, timed)}`;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const rowsOf = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.filter(isObject) : []);
const isText = (value: unknown): boolean => typeof value === "string" && value !== "";

export interface Verdict {
  readonly succeeded: boolean;
  /** What is wrong with the answer itself. */
  readonly fault: string | undefined;
}

const verdict = (succeeded: boolean, isWellFormed: boolean, fault = "a refusal without code or text"): Verdict => ({
  succeeded,
  fault: succeeded || isWellFormed ? undefined : fault,
});

/** Codes by which a protocol says that something broke inside: none of what a client sends may bring one about. */
const BROKEN: Readonly<Record<ProtocolName, RegExp>> = {
  ftx: /"Internal Error"/,
  bybit: /"(retCode|code)":10016\b/,
  binance: /"code":-1000\b/,
  okx: /"s?[cC]ode":"50026"/,
  gate_io: /"(label|message)":"(INTERNAL|SERVER_ERROR)"/,
  hyperliquid: /Internal Error/,
};

const JUDGES: Readonly<Record<ProtocolName, (status: number, answer: unknown) => Verdict>> = {
  ftx: (status, answer) => {
    const { success, error } = isObject(answer) ? answer : {};
    return verdict(success === true && status === 200, success === false && status >= 400 && isText(error));
  },
  bybit: (status, answer) => {
    const { retCode, retMsg, retExtInfo } = isObject(answer) ? answer : {};
    const rows = isObject(retExtInfo) ? rowsOf(retExtInfo.list) : [];
    if (rows.some(({ code, msg }) => code !== 0 && !isText(msg))) return verdict(false, false, "a row without text");
    const isDone = retCode === 0 && status === 200 && rows.every(({ code }) => code === 0);
    return verdict(isDone, (typeof retCode === "number" && retCode !== 0 && isText(retMsg)) || rows.length > 0);
  },
  binance: (status, answer) => {
    const refusals = [answer, ...rowsOf(answer)].filter((one) => isObject(one) && typeof one.code === "number");
    const refused = refusals.filter((one) => isObject(one) && Number(one.code) < 0);
    const hasText = refused.every((one) => isObject(one) && isText(one.msg));
    return verdict(status === 200 && refused.length === 0, refused.length > 0 && hasText);
  },
  okx: (status, answer) => {
    const { code, msg, data } = isObject(answer) ? answer : {};
    const refused = rowsOf(data).filter(({ sCode }) => sCode !== undefined && sCode !== "0");
    const hasText = refused.every(({ sMsg }) => isText(sMsg));
    const isDone = code === "0" && status === 200 && refused.length === 0;
    return verdict(
      isDone,
      typeof code === "string" && code !== "0" && (isText(msg) || (refused.length > 0 && hasText)),
    );
  },
  gate_io: (status, answer) => {
    const { label, message, detail } = isObject(answer) ? answer : {};
    const refused = rowsOf(answer).filter(({ succeeded }) => succeeded === false);
    const hasText = refused.every((row) => (isText(row.label) && isText(row.detail)) || isText(row.message));
    if (status < 300) return verdict(refused.length === 0, refused.length > 0 && hasText);
    return verdict(false, isText(label) && (isText(message) || isText(detail)));
  },
  hyperliquid: (status, answer) => {
    const { status: word, response } = isObject(answer) ? answer : {};
    if (word === "err") return verdict(false, isText(response));
    const data = isObject(response) && isObject(response.data) ? response.data : {};
    const rows = Array.isArray(data.statuses) ? rowsOf(data.statuses) : isObject(data.status) ? [data.status] : [];
    const refused = rows.filter(({ error }) => error !== undefined);
    const isKnown = status === 200 && refused.length === 0 && !(isObject(answer) && word === "unknownOid");
    return verdict(isKnown, word === "unknownOid" || refused.every(({ error }) => isText(error)));
  },
};

/** What is no JSON of Hyperliquid's API is text, and `null` where the venue fails at a value. */
const PLAIN = /^(null|Failed to (parse the request|deserialize the JSON) body|Expected request with `Content-Type)/;

export function judge(api: ProtocolName, status: number, text: string): Verdict {
  if (api === "hyperliquid" && status >= 400 && PLAIN.test(text)) return verdict(false, true);
  if (status >= 500 || BROKEN[api].test(text)) return verdict(false, false, `it broke inside: ${status}`);
  try {
    return JUDGES[api](status, JSON.parse(text));
  } catch {
    return verdict(false, false, "it is not JSON");
  }
}
