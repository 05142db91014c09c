import type { ServerResponse } from "../runtime/runtime.ts";

const LOOPBACK = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/**
 * Tells that a `Host` header names this machine or the address that the venue listens on. A page in a browser can make
 * its own name point here (DNS rebinding), and would be let in as the same origin; the name that it came by gives it
 * away.
 */
export function isTrustedHost(header: string | undefined, names: readonly string[]): boolean {
  const name =
    header
      ?.trim()
      .toLowerCase()
      .replace(/:\d{1,5}$/, "") ?? "";
  return LOOPBACK.test(name) || names.some((one) => bare(one.toLowerCase()) === bare(name));
}

export function refuseHost(): ServerResponse {
  const error = "the control API answers only under this machine's names, the venue's host and its control hosts";
  return { status: 403, headers: { "content-type": "application/json" }, body: JSON.stringify({ error }) };
}

const bare = (name: string): string => name.replace(/^\[(.*)\]$/, "$1");
