import { createHash } from "node:crypto";
import type { HttpClient, HttpResponse, Runtime } from "../../src/runtime/runtime.ts";

type Row = Readonly<Record<string, unknown>>;

const isRow = (value: unknown): value is Row => typeof value === "object" && value !== null && !Array.isArray(value);

/** Where each venue lists its cash flows. */
const LOG_PATH = /\/(account\/bills(-archive)?|account\/transaction-log|fapi\/v1\/income)(\?|$)/;
const TIME_FIELDS = ["ts", "transactionTime", "time"];

function share(seed: number, text: string): number {
  return createHash("sha256").update(`${seed} ${text}`).digest().readUInt32LE(0) / 2 ** 32;
}

export interface LateLogOptions {
  readonly seed: number;
  /** How late a row is listed, at most. */
  readonly mostMs: number;
  now(): number;
}

/** A runtime to which the venue's log tells each row later than it happened, some at once and some after long. */
export function withLateLog(runtime: Runtime, { seed, mostMs, now }: LateLogOptions): Runtime {
  const isListed = (row: unknown): boolean => {
    if (!isRow(row)) return true;
    const timeMs = Number(TIME_FIELDS.map((field) => row[field]).find((value) => value !== undefined));
    const part = share(seed, JSON.stringify(row));
    return now() >= timeMs + (part < 0.4 ? 0 : (part - 0.4) * (mostMs / 0.6));
  };
  const listed = (rows: unknown): unknown => (Array.isArray(rows) ? rows.filter(isListed) : rows);
  const late = (payload: unknown): unknown => {
    if (!isRow(payload)) return listed(payload);
    const { data, result } = payload;
    if (isRow(result)) return { ...payload, result: { ...result, list: listed(result.list) } };
    return { ...payload, data: listed(data) };
  };
  const answered = (url: string, response: HttpResponse): HttpResponse =>
    LOG_PATH.test(url) && response.status === 200
      ? { ...response, text: JSON.stringify(late(JSON.parse(response.text))) }
      : response;
  const http: HttpClient = {
    request: async (request) => answered(request.url, await runtime.http.request(request)),
    close: () => runtime.http.close(),
  };
  return { ...runtime, http };
}
