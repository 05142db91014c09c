import type { ServerResponse } from "../../../../../src/runtime/runtime.ts";

type Respond = (status: number, body: unknown, headers?: Readonly<Record<string, string>>) => ServerResponse;

export function answer(respond: Respond, payload: unknown): ServerResponse | undefined {
  // <envelope>
  if (payload !== undefined) return respond(200, { success: true, result: payload });
  // </envelope>
  return undefined;
}

export function failure(respond: Respond, status: number, message: string, headers: Readonly<Record<string, string>>) {
  // <failure>
  return respond(status, { success: false, code: status, message }, headers);
  // </failure>
}
