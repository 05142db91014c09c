import type { HttpResponse } from "../../../../../src/runtime/runtime.ts";

type Envelope = Readonly<Record<string, unknown>>;

// <envelope-comment>
/** `{success: true, result}`, or an error of the table. Both `success` and the status are believed. */
// </envelope-comment>
export function unwrapped(response: HttpResponse, envelope: Envelope): unknown {
  // <envelope>
  if (response.status === 200 && envelope.success === true) return envelope.result;
  // </envelope>
  return undefined;
}
