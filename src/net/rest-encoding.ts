import { ConfigError } from "../model/error.ts";
import type { PreparedRequest } from "./auth.ts";
import type { QueryValue, RestRequest } from "./venue-api.ts";

/** `a=1&b=x%20y` in the given order, without what is undefined; empty when nothing is left. */
export function encodeQuery(values: Readonly<Record<string, QueryValue>>): string {
  const pairs: string[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) pairs.push(`${encodeURIComponent(name)}=${encodeURIComponent(String(value))}`);
  }
  return pairs.join("&");
}

/** The request as it is signed and sent. `url` is absolute, without the query of `request.params`. */
export function prepareRequest(
  request: RestRequest,
  url: string,
  common: Readonly<Record<string, string>> = {},
): PreparedRequest {
  const query = request.params === undefined ? "" : encodeQuery(request.params);
  const separator = url.includes("?") ? "&" : "?";
  const { method } = request;
  const fullUrl = query === "" ? url : `${url}${separator}${query}`;
  if (request.data !== undefined && request.form !== undefined) {
    throw new ConfigError(`${method} ${request.path} has both a JSON body and a form body`);
  }
  if (request.data !== undefined) {
    const headers = { ...common, "content-type": "application/json" };
    return { method, url: fullUrl, headers, body: JSON.stringify(request.data) };
  }
  if (request.form !== undefined) {
    const headers = { ...common, "content-type": "application/x-www-form-urlencoded" };
    return { method, url: fullUrl, headers, body: encodeQuery(request.form) };
  }
  return { method, url: fullUrl, headers: common };
}
