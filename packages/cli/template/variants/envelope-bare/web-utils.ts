import type { HttpResponse } from "../../../../../src/runtime/runtime.ts";

type Envelope = Readonly<Record<string, unknown>>;

// <envelope-comment>
/** The bare payload, or an error of the table, which `{code, message}` tells with another status than 200. */
// </envelope-comment>
export function unwrapped(response: HttpResponse, payload: Envelope): unknown {
  // <envelope>
  if (response.status === 200) return payload;
  // </envelope>
  return undefined;
}
