import { receiveWindowMs, type SigningContext } from "../../../../../src/net/auth.ts";
import { addAuthToParams } from "../query-signature/auth.ts";
import { RECEIVE_WINDOW_MS } from "./constants.ts";

export function windowHeader(context: SigningContext): Readonly<Record<string, string>> {
  // <window>
  const windowMs = receiveWindowMs(RECEIVE_WINDOW_MS, context);
  // </window>
  return {
    // <window-header>
    "ACME-WINDOW": String(windowMs),
    // </window-header>
  };
}

export function windowParameter(unsigned: { readonly url: string }, windowMs: number, timestamp: string): string {
  // <parameters>
  const url = addAuthToParams(unsigned.url, `recvWindow=${windowMs}&timestamp=${timestamp}`);
  // </parameters>
  return url;
}
