import { createHash } from "node:crypto";
import type { PreparedRequest } from "../../../../../src/net/auth.ts";
import { targetOf } from "../../../../../src/net/rest-encoding.ts";

// <path-helper>
/** The path without its query. */
export function pathOf(url: string): string {
  return targetOf(url).split("?", 1)[0] ?? "";
}
// </path-helper>

// <query-helper>
/** The query without its question mark, exactly as it will be sent. CHECK: whether it is signed before it is encoded. */
export function queryOf(url: string): string {
  return url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
}
// </query-helper>

// <body-sha256-helper>
/** SHA-256 in lower-case hexadecimal digits. */
export const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");
// </body-sha256-helper>

// <body-sha512-helper>
/** SHA-512 in lower-case hexadecimal digits. */
export const sha512Of = (text: string): string => createHash("sha512").update(text).digest("hex");
// </body-sha512-helper>

/** Each part that may be signed: the scaffolder puts those that are wanted into their order. */
export function signedText(request: PreparedRequest, timestamp: string, apiKey: string, windowMs: number): string {
  const parts = [
    // <timestamp>
    timestamp,
    // </timestamp>
    // <key>
    apiKey,
    // </key>
    // <window>
    windowMs,
    // </window>
    // <method>
    request.method,
    // </method>
    // <path>
    pathOf(request.url),
    // </path>
    // <query>
    queryOf(request.url),
    // </query>
    // <target>
    targetOf(request.url),
    // </target>
    // <body>
    request.body ?? "",
    // </body>
    // <body-sha256>
    sha256Of(request.body ?? ""),
    // </body-sha256>
    // <body-sha512>
    sha512Of(request.body ?? ""),
    // </body-sha512>
  ];
  return parts.join("");
}
