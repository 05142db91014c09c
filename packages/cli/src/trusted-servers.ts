import { ConfigError, PerpwireError } from "../../../src/model/error.ts";
import { originOf } from "../../../src/net/server-urls.ts";
import type { Cli } from "./cli.ts";
import { isConfirmed } from "./confirm.ts";
import type { VerifiedServers } from "./key-store.ts";

/** Source of a setting; `typed`: it was asked for in this run. */
export type Source = "flag" | "environment" | "keyStore" | "file" | "typed";

export interface Found {
  readonly text: string;
  readonly source: Source;
}

/** Servers that are configured instead of the venue's own; the URLs have been checked. */
export interface NamedServers {
  readonly restUrl: Found | undefined;
  readonly webSocketUrl: Found | undefined;
}

export interface Agreement {
  readonly connector: string;
  /** Sources of the parts of the key. */
  readonly keySources: readonly Source[];
  readonly servers: NamedServers;
  /** Common name of the configuration file. */
  readonly configName: string;
  readonly trustedHosts?: readonly string[] | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * A key goes to the venue itself, to a server that the command line names and to one that comes from where the key does.
 * For any other somebody is asked: a folder's file must not say where the keys of the environment go. Resolves with
 * whether somebody was. Throws `ConfigError` (`HOST_NOT_TRUSTED`) where nobody types and `--trust-host` does not name it.
 */
export async function agreeToServers(cli: Cli, agreement: Agreement): Promise<boolean> {
  const { connector, keySources, servers, configName, signal } = agreement;
  const foreign = namedServers(servers).filter((server) => !isAgreed(server, agreement));
  if (foreign.length === 0) return false;
  const keys = [...new Set(keySources)].map((source) => sourceName(source, configName)).join(" and ");
  const goals = foreign.map(
    ({ what, text, source }) => `the ${what} server ${originOf(text)} from ${sourceName(source, configName)}`,
  );
  const what = `the keys of ${connector} come from ${keys}, ${goals.join(" and ")}`;
  if (!cli.process.isInputTerminal) {
    const hosts = [...new Set(foreign.map(({ text }) => new URL(text).host))];
    throw new ConfigError(`${what}, and nobody is there to be asked`, {
      code: "HOST_NOT_TRUSTED",
      hint: `${hosts.map((host) => `--trust-host ${host}`).join(" ")} sends them there`,
    });
  }
  if (await isConfirmed(cli, `${what}. Send them there?`, signal)) return true;
  throw new PerpwireError("no key was sent", {
    code: "NOT_CONFIRMED",
    hint: "--rest-url and --ws-url name the servers",
  });
}

interface NamedServer extends Found {
  readonly what: "REST" | "WebSocket";
}

function namedServers({ restUrl, webSocketUrl }: NamedServers): readonly NamedServer[] {
  return [
    ...(restUrl === undefined ? [] : [{ ...restUrl, what: "REST" as const }]),
    ...(webSocketUrl === undefined ? [] : [{ ...webSocketUrl, what: "WebSocket" as const }]),
  ];
}

function isAgreed({ text, source }: NamedServer, { keySources, trustedHosts = [] }: Agreement): boolean {
  if (source === "flag" || keySources.every((keySource) => keySource === source)) return true;
  // Whoever types a key has set the environment of the command that asks for it.
  if (source === "environment" && keySources.every((keySource) => keySource === "typed")) return true;
  const { host, hostname } = new URL(text);
  return trustedHosts.some((trusted) => [host, hostname].includes(trusted.toLowerCase()));
}

function sourceName(source: Source, configName: string): string {
  const names = { flag: "the command line", environment: "the environment", keyStore: "the key store", typed: "you" };
  return source === "file" ? configName : names[source];
}

/** Builds the record that is stored with a key which these servers have accepted. */
export function verifiedServers({ restUrl, webSocketUrl }: NamedServers): VerifiedServers {
  return { rest: restUrl && originOf(restUrl.text), webSocket: webSocketUrl && originOf(webSocketUrl.text) };
}

/** Throws `ConfigError` (`KEY_OF_ANOTHER_SERVER`) when a stored key was verified elsewhere: it is never sent there. */
export function checkStoredServers(connector: string, verified: VerifiedServers, servers: NamedServers): void {
  const wanted = verifiedServers(servers);
  for (const [name, what] of [["rest", "REST"] as const, ["webSocket", "WebSocket"] as const]) {
    if (wanted[name] === verified[name]) continue;
    const [was, is] = [verified[name], wanted[name]].map((server) => server ?? `the venue's own ${what} server`);
    throw new ConfigError(`the stored keys of ${connector} were verified at ${was} and are not sent to ${is}`, {
      code: "KEY_OF_ANOTHER_SERVER",
      hint: `perpwire connect ${connector} stores keys for another server`,
    });
  }
}
