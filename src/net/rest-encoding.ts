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

/** A name as a part of a path, where its slashes stay: symbols are any text. */
export function encodePath(name: string): string {
  return name.split("/").map(encodeURIComponent).join("/");
}

/** The path and the query of a full URL, exactly as they are sent: parsing the URL would encode some of it anew. */
export function targetOf(url: string): string {
  const path = url.indexOf("/", url.indexOf("://") + 3);
  return path < 0 ? "/" : url.slice(path);
}

/** The request with the headers of its signature. */
export function withHeaders(
  { method, url, headers, body }: PreparedRequest,
  signed: Readonly<Record<string, string>>,
): PreparedRequest {
  return { method, url, headers: { ...headers, ...signed }, body };
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
