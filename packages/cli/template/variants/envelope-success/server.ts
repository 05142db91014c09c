import type { ServerResponse } from "../../../../../src/runtime/runtime.ts";

type Respond = (status: number, body: unknown, headers?: Readonly<Record<string, string>>) => ServerResponse;

// <good>
export const good = (payload: unknown) => ({ success: true, result: payload });
// </good>

export function failure(respond: Respond, status: number, message: string, headers: Readonly<Record<string, string>>) {
  // <failure>
  return respond(status, { success: false, code: status, message }, headers);
  // </failure>
}
