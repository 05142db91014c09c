import { ConfigError } from "../model/error.ts";
import { splitUrl, withoutQuery } from "../runtime/transport-failure.ts";

/** Servers that a user names instead of the venue's own. */
export interface ServerUrls {
  readonly restUrl?: string | undefined;
  readonly webSocketUrl?: string | undefined;
}

interface ServerKind {
  readonly what: "REST" | "WebSocket";
  /** The encrypted one last. */
  readonly protocols: readonly [plain: string, encrypted: string];
}

const KINDS: Readonly<Record<keyof ServerUrls, ServerKind>> = {
  restUrl: { what: "REST", protocols: ["http:", "https:"] },
  webSocketUrl: { what: "WebSocket", protocols: ["ws:", "wss:"] },
};

/**
 * Throws `ConfigError` for text that is no such URL, for one with a user name or password in it, and (`INSECURE_URL`) for
 * one that is not encrypted and leaves this machine, unless `insecureUrls`. No message shows more than scheme, host, port
 * and path.
 */
export function checkServerUrls(urls: ServerUrls, insecureUrls: boolean): void {
  checkServerUrl("restUrl", urls.restUrl, insecureUrls);
  checkServerUrl("webSocketUrl", urls.webSocketUrl, insecureUrls);
}

function checkServerUrl(name: keyof ServerUrls, text: string | undefined, insecureUrls: boolean): void {
  if (text === undefined) return;
  const { what, protocols } = KINDS[name];
  const url = typeof text === "string" && URL.canParse(text) ? new URL(text) : undefined;
  // Text that a URL parser reads as another host than people do: it drops tabs and line ends and takes "\" for "/".
  const isPlainText = !/[\s\\\p{Cc}]/u.test(String(text));
  if (url === undefined || !isPlainText || !protocols.includes(url.protocol)) {
    throw notOne(String(text), KINDS[name]);
  }
  if (url.username !== "" || url.password !== "" || text.split(/[/?#]/)[2]?.includes("@") === true) {
    throw new ConfigError(`the ${what} URL of ${url.host} has a user name or a password in it`, {
      hint: "keys go into credentials; the host stands right after //",
    });
  }
  // Forms such as "https:host" and "https:///host" are read in one way here and in another where requests are sent.
  if (splitUrl(text) === undefined) throw notOne(text, KINDS[name]);
  if (/[?#]/.test(text)) {
    throw new ConfigError(`the ${what} URL ${originOf(text)} has a query or a fragment`, {
      hint: "it ends with a path: each request adds its own to it",
    });
  }
  if (url.protocol === protocols[1] || isLoopback(url.hostname) || insecureUrls) return;
  const hint = `take ${protocols[1]}//; insecureUrls (--insecure-urls) allows it on a network that you trust`;
  throw new ConfigError(`the ${what} URL ${originOf(text)} is not encrypted and not on this machine`, {
    code: "INSECURE_URL",
    hint,
  });
}

function notOne(text: string, { what, protocols }: ServerKind): ConfigError {
  const hint = `it begins with ${protocols.map((protocol) => `${protocol}//`).join(" or ")}`;
  return new ConfigError(`the ${what} URL "${withoutQuery(text)}" is not one`, { hint });
}

/** 127.0.0.0/8, ::1 and localhost; `hostname` as `URL` gives it, which writes every form of an address in one way. */
function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname);
}

/** Scheme, host and port, a lookalike of another alphabet as `xn--...`. `url` has been checked. */
export function originOf(url: string): string {
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}`;
}
